"""Lesson 6's exercises: every usual repair that does not hold is told why."""

from __future__ import annotations

import pytest

from airlock.checks.report import Outcome
from tests.checks.conftest import Judge

_UNVERIFIED = """\
        {"url": BASE + path, "verify": False},  # INC-1877: their certificate had expired over Christmas
"""
_CLEAR = '        {"url": BASE.replace("https:", "http:") + path},  # INC-2031: and then TLS did not work at all\n'


@pytest.mark.parametrize(
    ("base", "old", "new", "misconception"),
    [
        ("", "", "", "falls-back-unverified"),
        ("", _UNVERIFIED, "", "falls-back-to-http"),
        ("", _UNVERIFIED + _CLEAR, "", "fails-in-silence"),
        ("", 'os.environ["CA_FILE"]', "False", "falls-back-unverified"),
        ("quiet-fallback", 'os.environ["CA_FILE"]', "True", "no-trust"),
        ("quiet-fallback", "limit=3", "limit=2", "no-report"),
        ("quiet-fallback", "BASE + path", 'BASE.replace("https:", "http:") + path', "falls-back-to-http"),
        ("quiet-fallback", "import requests\n", "import requestz\n", "script-fails"),
        ("quiet-fallback", 'if __name__ == "__main__":\n', 'if __name__ == "__main__":\n    print(0)\n', "no-report"),
        ("own-context", "with urlopen", "try:\n    urlopen(request)\nexcept OSError: pass\nwith urlopen", ""),
        (
            "own-context",
            "with urlopen",
            'import atexit, sys\natexit.register(print, os.environ["PASSWORD"], file=sys.stderr)\nwith urlopen',
            "password-in-the-log",
        ),
    ],
)
def test_quiet_fallback(judge: Judge, base: str, old: str, new: str, misconception: str) -> None:
    report = judge("quiet-fallback", base, "invoices.py", old, new)
    expected = (Outcome.FAILED, misconception) if misconception else (Outcome.PASSED, None)
    assert (report.outcome, report.misconception) == expected, report.saw


_ALL, _ONE = "x509.load_pem_x509_certificates(content)", "x509.load_pem_x509_certificate(content)"
_READ = "BEGIN not in (content := file.read_bytes())"
_REPLACED = '    os.replace(certificate, LIVE / "server.crt")\n'
_SHAKEN = '    shake_hands(certificate, key, NEW / "root.pem", os.environ["HOST"])  # before anything has happened\n'


@pytest.mark.parametrize(
    ("base", "old", "new", "misconception"),
    [
        ("", "", "", "reload-in-between"),
        ("", '"server.crt")\n    reload()', '"server.crt")', "chain-missing"),
        ("half-renewal", ' + (NEW / "chain.pem").read_bytes()', "", "script-fails"),
        ("half-renewal", "0o600)", "0o640)", "key-readable"),
        ("half-renewal", "    reload()\n    print", "    print", "not-reloaded"),
        ("half-renewal", _REPLACED + "    reload()\n", "    reload()\n" + _REPLACED, "reload-in-between"),
        ("half-renewal", _SHAKEN, "", "checked-too-late"),
        ("half-renewal", "import ssl", "import ssll", "script-fails"),
        (
            "half-renewal",
            _SHAKEN,
            _SHAKEN.replace("    shake", "    try: shake") + "    except ssl.SSLError: raise SystemExit\n",
            "fails-in-silence",
        ),
        ("half-renewal", _SHAKEN, "    reload()\n" + _SHAKEN, "checked-too-late"),
        ("by-verifying-the-chain", "if key.public_key() != leaf.public_key():", "if False:", "checked-too-late"),
        ("by-verifying-the-chain", ' + (new / "chain.pem").read_text()', "", "chain-missing"),
    ],
)
def test_half_renewal(judge: Judge, base: str, old: str, new: str, misconception: str) -> None:
    report = judge("half-renewal", base, "install.py", old, new)
    assert (report.outcome, report.misconception) == (Outcome.FAILED, misconception), report.saw


@pytest.mark.parametrize(
    ("base", "old", "new", "misconception"),
    [
        ("", "", "", "watch-fails"),
        (
            "blind-watch",
            _ALL,
            f"[{_ONE}]",
            "chain-not-looked-at",
        ),
        ("blind-watch", "life / 3", "life / 8", "fixed-days"),
        ("blind-watch", "life / 3", "life / 1.5", "fixed-days"),
        ("blind-watch", "life / 3", "life", "fixed-days"),
        ("blind-watch", "datetime.now(UTC)", "datetime.now().replace(tzinfo=UTC)", "local-time"),
        ("blind-watch", 'rglob("*")', 'rglob("*.crt")', "by-file-name"),
        ("blind-watch", 'rglob("*")', 'glob("*")', "top-folder-only"),
        (
            "blind-watch",
            _READ,
            "not (content := file.read_bytes()).startswith(BEGIN)",
            "key-in-front",
        ),
        ("blind-watch", 'print("unreadable", file.relative_to(FOLDER))', "pass", "silent-about-damage"),
        (
            "blind-watch",
            _READ,
            "not (content := file.read_bytes())",
            "cries-wolf",
        ),
        ("blind-watch", "except ValueError", "except OSError", "watch-fails"),
        ("blind-watch", "if __name__", 'print("all is well")\nif __name__', "other-lines"),
    ],
)
def test_blind_watch(judge: Judge, base: str, old: str, new: str, misconception: str) -> None:
    report = judge("blind-watch", base, "watch.py", old, new)
    assert (report.outcome, report.misconception) == (Outcome.FAILED, misconception), report.saw
