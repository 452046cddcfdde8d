"""Judge of task 3.5: a real depot at a real port, and the key that both ends have afterwards."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator

from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from airlock.checks.catalogue import task
from airlock.checks.plain import from_plain
from airlock.checks.report import Report, failed, passed
from airlock.checks.world import CallFailed, Plain, World
from airlock.wire.channel import INFO, Depot, Visit

TRIES = 2
"""How often a function is called that stops for want of time: the machine may have been busy with something else."""
_LATE = re.compile("TimeoutError: (?!no answer)|timed out|the other side closed|ConnectionReset")
_ENDLESS = re.compile("still running|no answer within")
FORM = "Your share as 32 bytes goes out first, then 32 bytes of the depot's come in."


@task(
    "3.5",
    "Agree on a key",
    3,
    hints=(
        "Four steps: make a private key; send its public half as 32 bytes; receive 32 bytes; turn what both of you can "
        "compute into a key.",
        "`X25519PrivateKey.generate()`, `.public_key().public_bytes_raw()`, `.exchange(X25519PublicKey."
        "from_public_bytes(…))`. The secret is not the key yet: HKDF makes it one.",
        'The last line: `return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"airlock depot").derive(secret)`. '
        'Before it: `with socket.create_connection(("127.0.0.1", port), timeout=5) as link:`, `link.sendall(share)`, '
        "`theirs = receive(link, 32)`.",
    ),
)
def agree(world: World) -> Report:
    """`agree(port)` returns the key that the depot at that port has, too."""
    seen: set[bytes] = set()
    for _ in range(2):
        visit, answer, said = met(world, "agree", Depot)
        if said:
            return _stopped(said, visit)
        key = from_plain(answer)
        if report := silent(visit) or share_form(visit):
            return report
        if key != visit.key:
            return _other_key(answer, key, visit)
        if visit.client_share in seen:
            return failed(
                "You and the depot have the same key. In two sessions, your share was the same.",
                "Whoever gets hold of that one private key reads every session, the recorded ones as well. A new "
                "share for each is what forward secrecy is made of.",
                "Make the private key inside the function.",
                "share-used-twice",
                share=0.5,
            )
        seen.add(visit.client_share)
    return passed(
        "Two sessions, two keys, and both times the depot had the same one as you.",
        "Everything that passed was public. Who was at the other end, you do not know yet.",
    )


def met(world: World, name: str, depot: Callable[[], Depot], *more: Plain) -> tuple[Visit, Plain, str]:
    """Have the learner's function talk to a depot: what the depot saw, what it returned, what it stopped with."""
    visit, answer, said = Visit(), None, ""
    for _ in range(TRIES):
        with depot() as there:
            try:
                answer, said = world.call(name, there.port, *more), ""
            except CallFailed as error:
                answer, said = None, str(error)
        visit = there.last
        if not late(said):
            break
    return visit, answer, said


def late(said: str) -> bool:
    """Whether a function stopped for want of time; one that would never have ended did not."""
    return bool(_LATE.search(said))


def silent(visit: Visit, said: str = "") -> Report | None:
    """The report on a client that did not even send a share; ``said``: what it stopped with, if it did."""
    if visit.client_share:
        return None
    if said and not late(said) and not _ENDLESS.search(said):
        return failed(
            f"Your function stopped before the depot had its share: {said}",
            "Nothing has been agreed on yet, so this is no matter of keys: an ordinary error in the code, or in the "
            "connection.",
            "Try it with a `Depot` of your own, as the text of 3.5 shows: the last lines of the error say where.",
            "stopped-before",
        )
    return failed(
        "The depot got no share from you.",
        "It waits for yours before it sends its own. Two who wait for each other wait until somebody hangs up.",
        FORM,
        "nothing-sent",
    )


def share_form(visit: Visit) -> Report | None:
    """The report on a share that was sent in another form than the protocol's."""
    share = visit.client_share
    if share.startswith((b"-----BEGIN", bytes.fromhex("302a300506032b656e"))):
        form = "as PEM" if share.startswith(b"-") else "as DER"
    elif re.fullmatch(rb"[0-9a-fA-F]{32}", share):
        form = "as hexadecimal text"
    elif re.fullmatch(rb"[0-9A-Za-z+/_-]{32}", share):
        form = "as base64"
    else:
        return None
    return failed(
        f"You sent your share {form}. The depot took its first 32 bytes for the share.",
        "A protocol says which bytes. The other side cannot guess.",
        "`public_bytes_raw()` gives the 32 bytes as they are.",
        "share-not-raw",
    )


def _stopped(said: str, visit: Visit) -> Report:
    if report := silent(visit, said) or share_form(visit):
        return report
    if not visit.key:
        return failed(
            "The depot hung up: what you sent as your share is none.",
            "Some 32 bytes, such as zeros, give everybody the same secret. X25519 refuses them.",
            "Send the public half of a fresh private key.",
            "no-share",
        )
    return failed(
        f"`agree` stopped: {said}",
        "The depot had done its part, and hung up when nothing more came.",
        FORM,
        "raises",
    )


def _other_key(answer: Plain, key: object, visit: Visit) -> Report:
    if isinstance(key, str):
        return failed(
            "`agree` returns text.",
            "A key is bytes: 256 random bits, not letters.",
            "Return what HKDF gives, as it is.",
            "text-for-bytes",
        )
    if not isinstance(key, bytes):
        return failed(
            "`agree` returns nothing." if answer is None else "`agree` returns no bytes.",
            "The depot has a key now, and you have none.",
            "`return` the 32 bytes.",
            "no-bytes",
        )
    for report, guesses in _usual(visit):
        if key in guesses:
            return report
    return failed(
        f"The depot has another key than your {len(key)} bytes.",
        "A key that differs in one bit opens nothing.",
        'HKDF: SHA-256, 32 bytes, no salt, `info=b"airlock depot"`; over what `exchange` gives.',
        "other-key",
    )


def _usual(visit: Visit) -> Iterator[tuple[Report, list[bytes]]]:
    """The usual wrong keys, and what is to be said about each."""

    def hkdf(secret: bytes, algorithm: SHA256 | SHA512, info: bytes | None) -> bytes:
        return HKDF(algorithm=algorithm, length=32, salt=None, info=info).derive(secret)

    client, depot, secret = visit.client_share, visit.depot_share, visit.secret
    public = (client, depot, client + depot, depot + client)
    yield _RAW, [secret]
    yield _INFO, [hkdf(secret, SHA256(), None)]
    yield _HASH, [hashlib.sha256(secret).digest(), hkdf(secret, SHA512(), INFO)]
    yield (
        _PUBLIC,
        [made for each in public for made in (each, hashlib.sha256(each).digest(), hkdf(each, SHA256(), INFO))],
    )


_RAW = failed(
    "You return the shared secret itself. The depot has the key that HKDF makes of it.",
    "The secret is a point on a curve, not evenly random bits; and one secret often has to give several keys, each "
    "for one purpose.",
    'Put it through HKDF, with `info=b"airlock depot"`.',
    "no-kdf",
)
_PUBLIC = failed(
    "Your key is made of the two shares alone. Both passed in clear.",
    "Whoever listens makes the same key.",
    "What only the two of you can compute is `mine.exchange(…)`.",
    "public-values-only",
)
_INFO = failed(
    "You have the right secret, and HKDF without the right `info`.",
    "`info` says what a key is for: the same secret for another purpose gives another key.",
    'info=b"airlock depot".',
    "other-info",
)
_HASH = failed(
    "You have the right secret, put through another function than HKDF with SHA-256.",
    "Both sides have to do exactly the same.",
    'HKDF(algorithm=SHA256(), length=32, salt=None, info=b"airlock depot").',
    "other-hash",
)
