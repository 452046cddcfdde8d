"""Judge of task 6.3: why a client does not get to a server, by two witnesses."""

from __future__ import annotations

from airlock.checks.catalogue import task
from airlock.checks.causes import Explained, Riddle
from airlock.checks.report import Report, passed
from airlock.checks.world import World
from airlock.lab.breakdowns import CAUSES, causes


@task(
    "6.3",
    "Tell six breakdowns apart",
    3,
    hints=(
        "Begin with what differs. One client got in where it should not have. One found nobody. One was told a name. "
        "For the others the client says the same three times, and the server does not.",
        "A server that cannot use a file says which one: after a restart it is down, after a reload it goes on with "
        "what it had. And a client that breaks a handshake off sends an *alert*, with a reason; it is in the server's "
        "log.",
        "`group or world access` is “mode”, `key values mismatch` is “key” (the alerts after it are about the old "
        "certificate). `alert certificate expired` alone is “expired”, `alert unknown ca` is “chain”, "
        "`method=trust` is “trust”.",
    ),
)
def told_apart(world: World) -> Report:
    """`why` names the cause of each breakdown."""
    return _RIDDLE.wrong(world.value("why"), causes(world.view)) or passed(
        "All six are right.",
        "Three clients said *certificate verify failed*, for three reasons. Not verifying mends none of them.",
    )


_EXPLAINED: dict[tuple[str, str], Explained] = {
    ("key", "expired"): (
        "you say that the certificate expired. It did, and a new one lay there. It never came into use.",
        "Whoever renews it again now has a third one that is not used.",
        "What does the server say before the first client calls?",
        "expiry-is-the-symptom",
    ),
    ("chain", "expired"): (
        "you say that the certificate expired. The client's alert names another reason.",
        "Renewing does not help: the next one will be refused as well.",
        "Read the alert in the server's log to its last word.",
        "chain-is-expiry",
    ),
    ("expired", "chain"): (
        "you say that the intermediate is missing. The client's alert names another reason.",
        "It found its way to the root. It did not like the date.",
        "Read the alert in the server's log to its last word.",
        "expiry-is-chain",
    ),
    ("mode", "key"): (
        "you say that the key belongs to another certificate. The server did not even look inside.",
        "A new key in a file with the same mode is refused in the same way.",
        "What does the server say about the *file*?",
        "mode-is-key",
    ),
    ("key", "mode"): (
        "you say that others can read the key. The server read it, and then compared.",
        "`chmod` changes nothing here.",
        "What does not match what?",
        "key-is-mode",
    ),
}
_OTHERWISE: dict[str, Explained] = {
    "name": (
        "the client says which name it wanted and which one it got.",
        "All the rest was right: chain, date, key. Only a client that verifies names notices.",
        "Read both names in the client's error.",
        "name-overlooked",
    ),
    "chain": (
        "the client did not know the authority that signed this certificate.",
        "It knows the root. Between the two there is one more, and it is the server who has to send it.",
        "Which alert did the client send?",
        "chain-overlooked",
    ),
    "expired": (
        "the client's alert says what was wrong, and the server has nothing else to say.",
        "Nobody changed anything. That is how it happens.",
        "Which alert did the client send?",
        "expiry-overlooked",
    ),
    "mode": (
        "nobody listens there: the server did not start, and says why.",
        "A private key that others can read is no secret, and PostgreSQL will not pretend.",
        "Look for the line that begins with FATAL.",
        "mode-overlooked",
    ),
    "key": (
        "the server said that it did not take its new files over.",
        "It goes on with the old ones, as if nothing had happened. Until those expire.",
        "Look for what was not reloaded, and for the line before that.",
        "key-overlooked",
    ),
    "trust": (
        "the client got in with a wrong password, too.",
        "With the right one everything looks well. A test that cannot fail shows nothing.",
        "By which method was it let in?",
        "trust-overlooked",
    ),
}
_RIDDLE = Riddle(
    CAUSES,
    "Breakdown",
    "Six times a client did not get what it should have. It was never the same reason.",
    _EXPLAINED,
    _OTHERWISE,
)
