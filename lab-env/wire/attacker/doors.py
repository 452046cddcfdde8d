"""What each door does. One row a situation; the layers read nothing else."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Door:
    """One situation on the wire.

    Attributes:
        protocol: what is spoken there, ``postgres`` or ``http``.
        passive: only relays; never changes a byte.
        records: keeps notes.
        certificate: the identity shown to a client that asks for TLS. Without one, PostgreSQL's doors answer N, "no TLS
            here"; HTTP's have nobody to say it to, and pass the session on as it is.
        asks: replaces whatever the server asks for by "send me the password in clear", and logs in itself.
        upstream: links to the server in the order they are tried; the next is tried when the server's rules
            refuse the link. Plain comes first: over TLS the server offers channel binding, which would notice us.
            HTTP's doors speak to the server as the client does to them.
        strips: speaks TLS with the server for a client that comes in clear, and hides that there is any TLS.
    """

    protocol: str = "postgres"
    passive: bool = False
    records: bool = True
    certificate: str | None = None
    asks: bool = False
    upstream: tuple[str, ...] = ("plain", "tls")
    strips: bool = False


DOORS = {
    "relay": Door(passive=True, records=False),
    "eavesdropper": Door(passive=True),
    "downgrade": Door(),
    "cleartext": Door(asks=True),
    "cleartext-forged": Door(certificate="self-signed", asks=True),
    "self-signed": Door(certificate="self-signed"),
    "wrong-host": Door(certificate="wrong-host"),
    # A server that knows channel binding notices the one above. Nobody notices this one but who looks at the name.
    "cleartext-wrong-host": Door(certificate="wrong-host", asks=True),
    "expired": Door(certificate="expired"),
    "not-yet-valid": Door(certificate="not-yet-valid"),
    "mis-issued": Door(certificate="mis-issued"),
    # The server's own certificate on both legs: here channel binding agrees, so it is relayed.
    "stolen-key": Door(certificate="stolen-key", upstream=("tls",)),
    "http-eavesdropper": Door("http", passive=True),
    "http-strip": Door("http", strips=True),
    "http-self-signed": Door("http", certificate="self-signed"),
    "http-wrong-host": Door("http", certificate="wrong-host"),
    "http-expired": Door("http", certificate="expired"),
    "http-not-yet-valid": Door("http", certificate="not-yet-valid"),
    "http-mis-issued": Door("http", certificate="mis-issued"),
    "http-stolen-key": Door("http", certificate="http-stolen-key"),
}
