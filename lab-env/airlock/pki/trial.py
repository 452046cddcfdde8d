"""Two ends of TLS in one process: would this client and this server accept each other's certificates?

A real handshake of OpenSSL, over memory instead of a socket, so it judges what a client or a server would judge:
signatures, dates, purposes, names and the path to the root. Any kind of key and any depth of chain will do.
"""

from __future__ import annotations

import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path

from airlock.pki.identity import write_secret


@dataclass(frozen=True)
class End:
    """What one end shows: its certificate with the intermediates after it, and its key. Both are PEM."""

    certificates: bytes
    key: bytes


@dataclass(frozen=True)
class Handshake:
    """How it came out.

    Attributes:
        refused_by: ``client``, ``server``, ``neither`` of them could begin (``nobody``), or empty where both accept.
        said: OpenSSL's reason, without its codes.
    """

    refused_by: str = ""
    said: str = ""

    @property
    def works(self) -> bool:
        """Whether both ends accepted."""
        return not self.refused_by


def handshake(server: End, root: bytes, host: str, client: End | None = None) -> Handshake:
    """Let a client that trusts ``root`` call ``server`` by the name ``host``.

    Args:
        server: what the server shows.
        root: the authorities that both ends trust, PEM.
        host: the DNS name or address that the client compares with the certificate.
        client: what the client shows; the server then demands a certificate, and trusts ``root``, too.
    """
    ours, theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.hostname_checks_common_name = False  # nor do `requests` and browsers; libpq still does
    try:
        for context, end in ((theirs, server), (ours, client)):
            if end:
                _load(context, end)
            context.load_verify_locations(cadata=root.decode())
    except (ssl.SSLError, ValueError) as error:
        return Handshake("nobody", _reason(error))
    if client:
        theirs.verify_mode = ssl.CERT_REQUIRED
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = {
        "client": ours.wrap_bio(down, up, server_hostname=host),
        "server": theirs.wrap_bio(up, down, server_side=True),
    }
    return _talk(ends)


def _talk(ends: dict[str, ssl.SSLObject]) -> Handshake:
    for _ in range(4):  # a TLS 1.3 handshake takes two turns of each end
        for name, end in ends.items():
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLError as error:
                return Handshake(name, _reason(error))
    return Handshake()


def _load(context: ssl.SSLContext, end: End) -> None:
    # The ssl module takes a key from a file, and from nothing else.
    with tempfile.TemporaryDirectory() as folder:
        certificates, key = Path(folder, "crt"), Path(folder, "key")
        certificates.write_bytes(end.certificates)
        write_secret(key, end.key)
        context.load_cert_chain(certificates, key, password=lambda: b"")


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    return str(getattr(error, "reason", None) or error).replace("_", " ").lower()
