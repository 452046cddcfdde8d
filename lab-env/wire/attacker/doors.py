"""What each door does. One row a situation; the layers read nothing else."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Door:
    """One situation on the wire.

    Attributes:
        passive: only relays; never changes a byte.
        records: keeps notes.
        certificate: the identity shown to a client that asks for TLS; None answers N, "no TLS here".
        asks: replaces whatever the server asks for by "send me the password in clear", and logs in itself.
        upstream: links to the server in the order they are tried; the next is tried when the server's rules
            refuse the link. Plain comes first: over TLS the server offers channel binding, which would notice us.
    """

    passive: bool = False
    records: bool = True
    certificate: str | None = None
    asks: bool = False
    upstream: tuple[str, ...] = ("plain", "tls")


DOORS = {
    "relay": Door(passive=True, records=False),
    "eavesdropper": Door(passive=True),
    "downgrade": Door(),
    "cleartext": Door(asks=True),
    "cleartext-forged": Door(certificate="self-signed", asks=True),
    "self-signed": Door(certificate="self-signed"),
    "wrong-host": Door(certificate="wrong-host"),
    "expired": Door(certificate="expired"),
    "not-yet-valid": Door(certificate="not-yet-valid"),
    "mis-issued": Door(certificate="mis-issued"),
    # The server's own certificate on both legs: here channel binding agrees, so it is relayed.
    "stolen-key": Door(certificate="stolen-key", upstream=("tls",)),
}
