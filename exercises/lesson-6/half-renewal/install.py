"""Install a renewed certificate and make the server read it.

Usage: NEW=folder LIVE=folder HOST=name RELOAD=command python install.py
"""

import os
import shutil
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


if __name__ == "__main__":
    shutil.copy(NEW / "certificate.pem", LIVE / "server.crt")
    reload()
    (LIVE / "server.key").write_bytes((NEW / "key.pem").read_bytes())
    reload()
    shake_hands(LIVE / "server.crt", LIVE / "server.key", NEW / "root.pem", os.environ["HOST"])
    print("installed")
