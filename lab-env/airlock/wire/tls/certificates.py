"""An X.509 certificate inside a handshake message: what it says, and at which of its bytes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from airlock.wire.notes import Notes, Value


def certificate(notes: Notes) -> None:
    """Note the certificate that fills the rest of the group, in DER."""
    der = notes.peek(notes.left)
    start = notes.at
    notes.rest("der", "the whole certificate, in DER: the very bytes that were signed, and the signature")
    try:
        parsed = x509.load_der_x509_certificate(der)
    except Exception:  # whatever anyone may have sent: the library raises several kinds
        notes.malformed = True
        notes.add(start, "problem", "not a certificate", "cryptography cannot read these bytes as X.509")
        return
    for name, why, read in _FACTS:
        try:
            value, needle = read(parsed)
        except Exception:  # parts are read when asked for, and each may be damaged
            value, needle = "unreadable", b""
        begin = der.rfind(needle) if name == "subject" else der.find(needle)
        if needle and begin >= 0:
            notes.add(start + begin, name, value, why, start + begin + len(needle))
        elif value is not None:
            notes.add(start, name, value, why)


def _name(name: x509.Name) -> tuple[Value, bytes]:
    return name.rfc4514_string(), name.public_bytes()


def _time(moment: datetime) -> tuple[Value, bytes]:
    form = "%y%m%d%H%M%SZ" if moment.year < 2050 else "%Y%m%d%H%M%SZ"
    return moment.isoformat(), moment.strftime(form).encode()


def _names(parsed: x509.Certificate) -> tuple[Value, bytes]:
    try:
        names = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return None, b""
    return ", ".join(str(each.value) for each in names), names.public_bytes()


def _authority(parsed: x509.Certificate) -> tuple[Value, bytes]:
    try:
        constraints = parsed.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        return None, b""
    return "yes" if constraints.ca else "no", b""


def _key(parsed: x509.Certificate) -> tuple[Value, bytes]:
    key = parsed.public_key()
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"EC {key.curve.name}", b""
    size = getattr(key, "key_size", None)
    return f"{type(key).__name__.removesuffix('PublicKey')}{f' {size} bit' if size else ''}", b""


def _signature(parsed: x509.Certificate) -> tuple[Value, bytes]:
    algorithm = parsed.signature_hash_algorithm
    return algorithm.name if algorithm else "part of the algorithm", parsed.signature


_FACTS: list[tuple[str, str, Callable[[x509.Certificate], tuple[Value, bytes]]]] = [
    ("serial_number", "unique for its issuer; how a revocation names it", lambda c: (f"{c.serial_number:x}", b"")),
    ("issuer", "who signed it", lambda c: _name(c.issuer)),
    ("not_before", "not valid before", lambda c: _time(c.not_valid_before_utc)),
    ("not_after", "not valid after", lambda c: _time(c.not_valid_after_utc)),
    (
        "subject",
        "whose key it certifies; clients take the host name from the next line instead",
        lambda c: _name(c.subject),
    ),
    ("subject_alternative_name", "the host names and addresses it stands for", _names),
    ("public_key", "the key its owner can prove to hold", _key),
    ("is_authority", "whether it may sign certificates itself", _authority),
    ("signature", "the issuer's signature over all before it; shown is its hash", _signature),
    ("fingerprint", "SHA-256 over the whole", lambda c: (c.fingerprint(hashes.SHA256()).hex(), b"")),
]
