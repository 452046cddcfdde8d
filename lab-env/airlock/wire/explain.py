"""One experiment of the matrix in plain words: how the client was set, what the attacker did, what he has of it."""

from __future__ import annotations

from airlock.wire.loot import Loot
from airlock.wire.matrix import CLIENTS, Outcome

ATTACKS: dict[str, str] = {
    "passive": "He only listens: every byte goes on as it came.",
    "downgrade": "He answers the client's request for TLS with N, “no TLS here”, and relays what comes in clear.",
    "cleartext": "As in downgrade; and whatever the server asks for, he asks the client for its password in clear.",
    "self-signed": "He ends TLS himself with a certificate that he signed himself, and relays what he reads.",
    "cleartext-forged": "He ends TLS with a self-signed certificate, and inside it asks for the password in clear.",
    "wrong-host": "He ends TLS with a valid certificate of an authority that the client trusts, for another host.",
    "expired": "He ends TLS with a certificate of the trusted authority for the right host that has expired.",
    "not-yet-valid": "He ends TLS with a certificate of the trusted authority for the right host, valid from tomorrow.",
    "mis-issued": "He ends TLS with a valid certificate for the right host that the trusted authority should never "
    "have given him. The key is his own.",
    "stolen-key": "He ends TLS with the server's own certificate, whose private key he stole.",
}
"""What the attacker does in each situation."""

_GUESSES = "enough to test guesses of the password offline"


def settings(client: str) -> str:
    """A client's settings in libpq's words. Raises `KeyError` for a client that is not in the table."""
    return " ".join(f"{name}={value}" for name, value in CLIENTS[client].items())


def gained(outcome: Outcome, loot: Loot) -> str:
    """What the attacker has of it, in a sentence or two that name no secret."""
    parts = [
        "the password itself" if loot.password else "",
        f"the md5 answer ({_GUESSES})" if loot.hash else "",
        _scram(loot),
        "the SQL" if loot.sql else "",
        f"{len(loot.rows)} row{'s' * (len(loot.rows) != 1)}" if loot.rows else "",
    ]
    had = _listed([each for each in parts if each])
    if outcome == "read":
        return f"He has {had}: {loot.bytes_read:,} bytes in clear."
    names = "the names of login and database" if loot.user else ""
    before = _listed([each for each in (names, had) if each])
    if outcome == "safe":
        more = f" An earlier try was in clear and gave away {before}." if before else ""
        return f"The session worked, and he has encrypted bytes only.{more}"
    return f"No session. Before it ended he had {before}." if before else "No session, and he has nothing."


def _scram(loot: Loot) -> str:
    # From the third message on there is a proof of the password to test guesses against.
    if len(loot.scram) < 3:
        return ""
    return f"the SCRAM exchange ({_GUESSES})"


def _listed(parts: list[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]])) if parts else ""
