"""Lesson 1's exercises: every usual repair that does not hold is told why."""

from __future__ import annotations

import pytest

from airlock.checks.exercises1 import ledger
from airlock.checks.report import Outcome
from airlock.lab import View
from airlock.lab.deployment.planted import conn_ids
from tests.checks.conftest import Judge


@pytest.mark.parametrize(
    ("base", "old", "new", "misconception"),
    [
        ("", "", "", "password-not-encoded"),
        ("escaped-password", ', safe=""', "", "slash-not-encoded"),
        ("escaped-password", "import quote", "import quote_plus as quote", "plus-for-space"),
        ("escaped-password", "quote(value, safe=", 'quote(quote(value, safe=""), safe=', "encoded-twice"),
        ("json-form", "        }\n    )", "        },\n        indent=1,\n    )", "line-broken"),
        ("", "AIRFLOW_CONN_COURIER={", "CONN_COURIER={", "no-line"),
        ("", "import os", "import oss", "script-fails"),
    ],
)
def test_escaped_password(judge: Judge, base: str, old: str, new: str, misconception: str) -> None:
    report = judge("escaped-password", base, "render.py", old, new)
    assert (report.outcome, report.misconception) == (Outcome.FAILED, misconception)


def test_a_cure_for_one_password_is_none(judge: Judge) -> None:
    listed = ".replace('@', '%40').replace('/', '%2F').replace('#', '%23').replace('?', '%3F')"
    some = f"**{{k: v{listed} for k, v in secrets.items()}}"
    assert judge("escaped-password", "", "render.py", "**secrets", some).misconception == "only-this-password"


@pytest.mark.parametrize(
    ("base", "file", "old", "new", "misconception"),
    [
        ("", "", "", "", "stale-copy"),
        ("", "override.env", "AIRFLOW_CONN_LEDGER", "# AIRFLOW_CONN_LEDGER", "one-copy-left"),
        ("", "override.env", "ledger-interim", "ledger-new", "second-copy"),
        ("shadowed-fix", "base.env", "AIRFLOW_CONN_ARCHIVE", "# AIRFLOW_CONN_ARCHIVE", "too-much-removed"),
    ],
)
def test_shadowed_fix(judge: Judge, base: str, file: str, old: str, new: str, misconception: str) -> None:
    report = judge("shadowed-fix", base, file, old, new)
    assert (report.outcome, report.misconception) == (Outcome.FAILED, misconception)


def test_the_ledger_is_not_the_capstones(view: View) -> None:
    assert ledger(view) not in conn_ids(view)
