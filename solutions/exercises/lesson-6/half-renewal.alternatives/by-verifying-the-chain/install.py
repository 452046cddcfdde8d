"""Checks the new pair with `cryptography` instead of a handshake."""

import os
import subprocess
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.verification import PolicyBuilder, Store

new, live = Path(os.environ["NEW"]), Path(os.environ["LIVE"])
leaf, *chain = x509.load_pem_x509_certificates((new / "certificate.pem").read_bytes() + (new / "chain.pem").read_bytes())
key = serialization.load_pem_private_key((new / "key.pem").read_bytes(), None)

if key.public_key() != leaf.public_key():
    raise SystemExit("the key belongs to another certificate")
roots = Store(x509.load_pem_x509_certificates((new / "root.pem").read_bytes()))
PolicyBuilder().store(roots).build_server_verifier(x509.DNSName(os.environ["HOST"])).verify(leaf, chain)

for name, content in {
    "server.crt": (new / "certificate.pem").read_text() + (new / "chain.pem").read_text(),
    "server.key": (new / "key.pem").read_text(),
}.items():
    fresh = live / f".{name}"
    fresh.touch(0o600)
    fresh.write_text(content)
    fresh.rename(live / name)
subprocess.check_call(os.environ["RELOAD"], shell=True)
