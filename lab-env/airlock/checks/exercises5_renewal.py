"""Judge of lesson 5's exercise about a script that renews a certificate."""

from __future__ import annotations

import secrets
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from airlock.checks.exercises import exercise
from airlock.checks.report import Report, failed, passed
from airlock.checks.script import run
from airlock.lab import View
from airlock.pki import Authority
from airlock.pki.trial import End, handshake

_OTHERS = 0o077
_LEAST = timedelta(days=7)


@exercise("lesson-5/renewal-of-sunday")
def renewal_of_sunday(folder: Path, view: View) -> Report:
    """Clients that know the root accept the renewed server by every name, at once, and the key is its owner's alone."""
    root = Authority.root(f"root of {view.prefix}")
    office = root.intermediate(f"office of {view.prefix}")
    names = [f"{part}-{secrets.token_hex(3)}.internal" for part in ("warehouse", "reports", "archive")]
    with tempfile.TemporaryDirectory() as scratch:
        authority, target = Path(scratch, "authority"), Path(scratch, "target")
        target.mkdir()
        root.identity.write(authority, "root")
        (authority / "root.key").unlink()
        office.identity.write(authority, "office")
        # `office.crt` holds the intermediate alone: what is sent along is the script's affair.
        done = run(folder / "renew.py", str(authority), str(target), *names, given={"TZ": "Asia/Tokyo"})
        if done.trouble:
            return _broken(f"`renew.py` {done.trouble}")
        certificate, key = target / "server.crt", target / "server.key"
        if not certificate.is_file() or not key.is_file():
            return _broken("`renew.py` has not written both `server.crt` and `server.key`.")
        end = End(certificate.read_bytes(), key.read_bytes())
        mode = key.stat().st_mode & 0o777
    return (
        _accepted(end, root.identity.certificate_pem, names)
        or _kept(end, mode)
        or passed(
            f"Clients that know the root alone accepted the server by all {len(names)} names, on a machine in "
            f"Tokyo, one "
            "second after the renewal.",
            "The complaints were about three fields. None of them was a reason to stop verifying.",
        )
    )


def _accepted(end: End, root: bytes, names: list[str]) -> Report | None:
    for place, name in enumerate(names):
        came = handshake(end, root, name)
        if came.works:
            continue
        for words, why, look, misconception in _SAID:
            if words in came.said:
                called = "by its first name" if place == 0 else "by another of its names"
                return failed(
                    f"A client called the server {called}, and refused: {came.said}", why, look, misconception
                )
        return _broken(f"A TLS server with these files and a client that knows the root do not get along: {came.said}.")
    return None


_SAID = (
    (
        "unable to get local issuer",
        "The client knows the root, and has never seen the certificate in between. libpq and `requests` do not "
        "fetch it.",
        "What belongs into `server.crt` after the leaf?",
        "chain-incomplete",
    ),
    (
        "not yet valid",
        "It heals by itself when the clocks of the clients have caught up: in Tokyo after nine hours.",
        "In which zone is `datetime.now()`, and in which one are a certificate's dates?",
        "local-time",
    ),
    (
        "expired",
        "A certificate that has run out before it is used helps nobody.",
        "Which dates does the script write, and in which zone?",
        "already-expired",
    ),
    (
        "ostname mismatch",
        "The common name is not looked at any more: `requests` and browsers compare the subject alternative "
        "names alone.",
        "All names of the command line, as `DNSName`s in one `SubjectAlternativeName`.",
        "name-missing",
    ),
    (
        "purpose",
        "What it says it is for is not to be a server.",
        "`SERVER_AUTH`",
        "wrong-purpose",
    ),
)


def _kept(end: End, mode: int) -> Report | None:
    leaf = x509.load_pem_x509_certificates(end.certificates)[0]
    if mode & _OTHERS:
        return failed(
            f"Every client accepts the server. Its key has the mode {mode:04o}.",
            "Whoever reads the key is the server. PostgreSQL does not even start with it.",
            "A file is made with a mode; changing it afterwards leaves a moment in between.",
            "key-readable",
        )
    if leaf.not_valid_after_utc - datetime.now(UTC) < _LEAST:
        return failed(
            "Every client accepts the server. The certificate runs out before the next renewal.",
            "The script runs once a week. In between, somebody will turn verification off.",
            "`not_valid_after`: a week, and some days for the night in which it fails.",
            "too-short",
        )
    try:
        if leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            return failed(
                "Every client accepts the server. Its certificate may sign others.",
                "Whoever steals it can make a certificate for each of your names.",
                "A leaf is no authority: `BasicConstraints(ca=False, path_length=None)`.",
                "leaf-is-an-authority",
            )
    except x509.ExtensionNotFound:
        pass
    return None


def _broken(saw: str) -> Report:
    return failed(
        saw,
        "A renewal that fails is noticed when the old certificate runs out.",
        "Run it in a terminal with an authority of your own, e.g. that of the lesson.",
        "script-fails",
    )
