"""A key that cannot be copied, for as long as a demonstration takes: SoftHSM, where it is installed.

SoftHSM is a hardware security module without the hardware: the same interface (PKCS #11), and the same refusal to hand
a key out. The lesson stands without it.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import load_der_public_key

_MODULES = (
    *("/usr/lib/softhsm/libsofthsm2.so", "/usr/local/lib/softhsm/libsofthsm2.so"),
    *("/usr/lib64/pkcs11/libsofthsm2.so", "/opt/homebrew/lib/softhsm/libsofthsm2.so"),
)
MESSAGE = b"the warehouse's certificate, to be signed"


@dataclass(frozen=True)
class Hsm:
    """What came of it.

    Attributes:
        signed: whether a signature made inside verifies with the public key outside.
        exported: whether the private key came out.
        refusal: what the module said to that, in the words of PKCS #11.
        key: what it says of the key: sensitive, never extractable …
    """

    signed: bool
    exported: bool
    refusal: str
    key: str


class NoHsm(Exception):
    """SoftHSM or the tool to talk to it is not installed; the message says how to get both."""


def demonstrate() -> Hsm:
    """Make a key in a fresh token, sign with it, and try to take it out.

    Raises:
        NoHsm: there is nothing to do it with.
    """
    module = next((Path(file) for file in _MODULES if Path(file).exists()), None)
    if module is None or not shutil.which("softhsm2-util") or not shutil.which("pkcs11-tool"):
        raise NoHsm(
            "SoftHSM is not installed here, and the lesson stands without it. To see it: apt install softhsm2 opensc, "
            "or brew install softhsm opensc."
        )
    with tempfile.TemporaryDirectory(prefix="airlock-hsm-") as name:
        return _Token(Path(name), module).run()


class _Token:
    def __init__(self, folder: Path, module: Path) -> None:
        self._folder, self._module, self._pin = folder, module, secrets.token_hex(4)
        (folder / "tokens").mkdir()
        configuration = folder / "softhsm2.conf"
        configuration.write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\n")
        self._environment = {**os.environ, "SOFTHSM2_CONF": str(configuration), "LC_ALL": "C"}

    def run(self) -> Hsm:
        words = ("--init-token", "--free", "--label", "lab", "--so-pin", secrets.token_hex(4), "--pin", self._pin)
        self._call("softhsm2-util", *words)
        key = ("--label", "warehouse", "--id", "01")
        made = self._tool("--keypairgen", "--key-type", "EC:prime256v1", *key)
        message, signature, public = (self._folder / each for each in ("message", "signature", "public.der"))
        message.write_bytes(_digest(MESSAGE))
        self._tool("--sign", "--mechanism", "ECDSA", "--id", "01", "-i", str(message), "-o", str(signature))
        self._tool("--read-object", "--type", "pubkey", "--id", "01", "-o", str(public))
        asked = self._call(sys.executable, "-m", "airlock.lab.pkcs11", str(self._module), self._pin)
        access = [line.strip() for line in made.splitlines() if "Access:" in line]
        return Hsm(
            signed=_verifies(public.read_bytes(), signature.read_bytes()),
            exported=asked.startswith("CKR_OK"),
            refusal=asked.strip(),
            key=access[0] if access else "",
        )

    def _tool(self, *words: str) -> str:
        return self._call("pkcs11-tool", "--module", str(self._module), "--login", "--pin", self._pin, *words)

    def _call(self, *words: str) -> str:
        done = subprocess.run(
            words, env=self._environment, capture_output=True, text=True, errors="replace", check=False, timeout=30
        )
        return done.stdout + done.stderr


def _digest(content: bytes) -> bytes:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(content)
    return digest.finalize()


def _verifies(public: bytes, signature: bytes) -> bool:
    key = load_der_public_key(public)
    assert isinstance(key, ec.EllipticCurvePublicKey)
    half = len(signature) // 2  # PKCS #11 gives the two numbers, one after the other
    numbers = (int.from_bytes(part, "big") for part in (signature[:half], signature[half:]))
    try:
        key.verify(utils.encode_dss_signature(*numbers), MESSAGE, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True
