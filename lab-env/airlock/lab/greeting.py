"""What a TLS server shows when it is greeted: its certificate, verified or not, also behind PostgreSQL's SSLRequest."""

from __future__ import annotations

import socket
import ssl
import struct
from typing import Literal

from cryptography import x509

StartTls = Literal["postgres"]
_SSL_REQUEST = struct.pack("!II", 8, 80877103)  # PostgreSQL 17, 53.7: length, and a version no protocol ever had


def certificate_of(
    host: str, port: int, ca_file: str | None = None, starttls: StartTls | None = None, timeout: float = 5.0
) -> x509.Certificate:
    """The certificate of a real handshake with TLS 1.2 or 1.3.

    Args:
        host: where to, and the name that the certificate has to have.
        ca_file: whom to trust; None takes any certificate, for a look at it.
        starttls: what is spoken before TLS.

    Raises:
        ssl.SSLCertVerificationError: it is not to be trusted; `ssl.SSLError` for any other refusal of TLS.
        ConnectionError: a PostgreSQL that answers "no TLS here".
        OSError: nothing answers.
    """
    context = ssl.create_default_context(cafile=ca_file) if ca_file else _curious()
    with socket.create_connection((host, port), timeout=timeout) as link:
        if starttls == "postgres":
            link.sendall(_SSL_REQUEST)
            if link.recv(1) != b"S":
                raise ConnectionError("the server offers no TLS: ssl is off")
        with context.wrap_socket(link, server_hostname=host) as tls:
            shown = tls.getpeercert(binary_form=True)
    assert shown is not None
    return x509.load_der_x509_certificate(shown)


def _curious() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
