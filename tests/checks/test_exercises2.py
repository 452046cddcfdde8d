"""Lesson 2's exercises: every usual repair that does not hold is told why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from airlock.checks.report import Outcome, Report
from airlock.course.exercises import find, lay_out
from airlock.lab import View

Judge = Callable[..., Report]


@pytest.fixture
def judge(view: View, tmp_path: Path) -> Judge:
    """Judge an exercise: its own files, then those of ``base`` over them, then one replacement in one file."""

    def judged(name: str, base: str = "", file: str = "", old: str = "", new: str = "") -> Report:
        exercise = find(name)
        folder = tmp_path / name
        lay_out(exercise.origin, folder)
        if base:
            chosen = [path for path in (exercise.reference, *exercise.alternatives) if path.name == base]
            lay_out(chosen[0], folder)
        if file:
            text = (folder / file).read_text()
            assert old in text, "the mistake no longer fits the file"
            (folder / file).write_text(text.replace(old, new))
        report = exercise.judge(folder, view)
        assert view.shop.password not in f"{report.saw} {report.why} {report.look}"
        return report

    return judged


@pytest.mark.parametrize(
    ("base", "old", "new", "misconception"),
    [
        ("", "", "", "still-in-clear"),
        ("", "sslmode=allow", "sslmode=prefer", "gives-in"),
        ("", "sslmode=allow", "sslmode=require", "scheme-is-the-type"),
        ("", "sslmode=allow", "sslmode=allow&require_auth=scram-sha-256", "login-is-not-the-link"),
        ("secure-by-name", '"schema": "https"', '"extra": {"verify": true}', "schema-not-https"),
        ("secure-by-name", '"schema": "https", ', "", "schema-not-https"),
        ("secure-by-name", '"login": "${BILLING_USER}", ', "", "other-place"),
        ("secure-by-name", "${BILLING_PORT}", "1", "other-place"),
        ("secure-by-name", "AIRFLOW_CONN_BILLING=", "CONN_BILLING=", "unreadable-line"),
        ("secure-by-name", '"conn_type": "http",', '"conn_type": "http"', "unreadable-line"),
    ],
)
def test_secure_by_name(judge: Judge, base: str, old: str, new: str, misconception: str) -> None:
    report = judge("secure-by-name", base, "connections.env", old, new)
    assert (report.outcome, report.misconception) == (Outcome.FAILED, misconception)


@pytest.mark.parametrize("base", ["secure-by-name", "host-with-https", "all-json"])
def test_secure_by_name_repaired(judge: Judge, base: str) -> None:
    assert judge("secure-by-name", base).outcome is Outcome.PASSED


_FINGERPRINT = 'shown["fingerprint"] = base64'
_WITHOUT = '_ = base64.b64encode(b"").decode()  # '


@pytest.mark.parametrize(
    ("base", "old", "new", "misconception"),
    [
        ("", "", "", "base64-is-no-lock"),
        ("", _FINGERPRINT, _WITHOUT, "url-in-the-host"),
        ("", 'SECRET = ("password", ', "SECRET = (", "password-shown"),
        (
            "support-bundle",
            '"host": machine(connection.get("host") or "")',
            '"host": connection["host"]',
            "url-in-the-host",
        ),
        ("support-bundle", 'len(connection.get("extra") or {})', 'connection.get("extra")', "list-of-names"),
        (
            "support-bundle",
            'len(connection.get("extra") or {})',
            '(connection.get("extra") or {}).get("headers")',
            "nested-extra",
        ),
        ("support-bundle", '"conn_type": ', '"about": connection.get("description"), "conn_type": ', "free-text"),
        ("support-bundle", '"conn_type": ', '"login": connection.get("login"), "conn_type": ', "key-as-login"),
        ("support-bundle", "harmless(each)", "{}", "nothing-left"),
        ("support-bundle", "import json", "import jason", "script-fails"),
        ("support-bundle", "json.dumps(", "str(", "script-fails"),
    ],
)
def test_support_bundle(judge: Judge, base: str, old: str, new: str, misconception: str) -> None:
    report = judge("support-bundle", base, "bundle.py", old, new)
    assert (report.outcome, report.misconception) == (Outcome.FAILED, misconception)


@pytest.mark.parametrize("base", ["support-bundle", "by-splitting"])
def test_support_bundle_repaired(judge: Judge, base: str) -> None:
    assert judge("support-bundle", base).outcome is Outcome.PASSED
