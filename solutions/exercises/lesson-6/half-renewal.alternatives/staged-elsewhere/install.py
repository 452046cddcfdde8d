"""Install a renewed certificate and make the server read it.

Usage: NEW=folder LIVE=folder HOST=name RELOAD=command python install.py
"""

import os
import shutil
import ssl
import subprocess
import tempfile
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


if __name__ == "__main__":
    os.umask(0o077)
    staged = Path(tempfile.mkdtemp())
    (staged / "server.crt").write_bytes((NEW / "certificate.pem").read_bytes() + (NEW / "chain.pem").read_bytes())
    shutil.copyfile(NEW / "key.pem", staged / "server.key")
    shake_hands(staged / "server.crt", staged / "server.key", NEW / "root.pem", os.environ["HOST"])
    for name in ("server.crt", "server.key"):
        (LIVE / name).unlink(missing_ok=True)
        shutil.move(staged / name, LIVE / name)
    reload()
