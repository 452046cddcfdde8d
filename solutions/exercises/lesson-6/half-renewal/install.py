"""Install a renewed certificate and make the server read it.

Usage: NEW=folder LIVE=folder HOST=name RELOAD=command python install.py
"""

import os
import ssl
import subprocess
from pathlib import Path

NEW, LIVE = Path(os.environ["NEW"]), Path(os.environ["LIVE"])


def shake_hands(certificate: Path, key: Path, root: Path, host: str) -> None:
    """A client that trusts `root` calls `host`, and the server answers with this pair. Raises ssl.SSLError."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    client = ssl.create_default_context(cafile=root)
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(down, up, server_hostname=host),
        server.wrap_bio(up, down, server_side=True),
    ]
    while ends:
        for end in list(ends):
            try:
                end.do_handshake()
                ends.remove(end)
            except ssl.SSLWantReadError:
                pass


def reload() -> None:
    """Make the server read both files again."""
    subprocess.run(os.environ["RELOAD"], shell=True, check=True)


def write(file: Path, content: bytes, mode: int) -> Path:
    """Write a file that nobody could ever read with another mode."""
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as stream:
        stream.write(content)
    return file


if __name__ == "__main__":
    chain = (NEW / "certificate.pem").read_bytes() + (NEW / "chain.pem").read_bytes()
    certificate = write(LIVE / "server.crt.new", chain, 0o644)
    key = write(LIVE / "server.key.new", (NEW / "key.pem").read_bytes(), 0o600)
    shake_hands(certificate, key, NEW / "root.pem", os.environ["HOST"])  # before anything has happened
    os.replace(key, LIVE / "server.key")
    os.replace(certificate, LIVE / "server.crt")
    reload()
    print("installed")
