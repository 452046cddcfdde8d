"""Lesson 2's exercises: every usual repair that does not hold is told why."""

from __future__ import annotations

import pytest

from airlock.checks.report import Outcome
from tests.checks.conftest import Judge


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
