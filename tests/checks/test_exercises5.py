"""Lesson 5's exercises: each way to fail is told apart in the real lab."""

from __future__ import annotations

import pytest

from airlock.checks.report import Outcome
from tests.checks.conftest import Judge

pytestmark = [pytest.mark.lab, pytest.mark.timeout(180)]
RENEW, WORDS, PATHS, RULES = (
    *("renewal-of-sunday", "words-of-others"),
    *("one-path-of-two", "anybody-with-a-certificate"),
)
_FILES = {RENEW: "renew.py", WORDS: "connections.env", PATHS: "tasks.env", RULES: "pg_hba.conf"}


@pytest.mark.parametrize(
    ("name", "base", "old", "new", "misconception"),
    [
        (RENEW, "", "", "", "chain-incomplete"),
        (RENEW, RENEW, "datetime.now(UTC)", "datetime.now().replace(tzinfo=UTC)", "local-time"),
        (RENEW, RENEW, "for name in names]", "for name in names[:1]]", "name-missing"),
        (RENEW, RENEW, "SERVER_AUTH", "CLIENT_AUTH", "wrong-purpose"),
        (RENEW, RENEW, "0o600", "0o644", "key-readable"),
        (RENEW, RENEW, "days=90", "days=2", "too-short"),
        (RENEW, RENEW, "days=90", "minutes=1", "already-expired"),
        (RENEW, RENEW, "ca=False", "ca=True", "leaf-is-an-authority"),
        (RENEW, RENEW, "import sys", "import syss", "script-fails"),
        (WORDS, "", "", "", "not-libpqs-word"),
        (WORDS, WORDS, '"sslmode": "verify-full", "sslrootcert": "${CA}"', "", "shop-not-verified"),
        (WORDS, WORDS, '"sslmode": "verify-full"', '"sslmode": "verify-ca"', "shop-not-verified"),
        (WORDS, WORDS, '"sslrootcert": "${CA}"', '"sslrootcert": "/no"', "shop-does-not-work"),
        (WORDS, WORDS, '"verify": "${CA}"', '"ssl_ca_cert": "${CA}"', "billing-not-told"),
        (WORDS, WORDS, '"verify": "${CA}"', '"verify": false', "verify-off"),
        (WORDS, WORDS, '"verify": "${CA}"', '"verify": "${CA}", "ssl_key": "/keys/a.key"', "sent-as-a-header"),
        (WORDS, WORDS, "AIRFLOW_CONN_BILLING", "BILLING", "unreadable-line"),
        (PATHS, "", "", "", "engine-not-verified"),
        (PATHS, PATHS, '"sslmode": "verify-full"', '"sslmode": "verify-ca"', "name-not-compared"),
        (PATHS, PATHS, '"sslmode": "verify-full"', '"sslmode": "disable"', "in-clear"),
        (PATHS, PATHS, '"extra": {"sslmode": "verify-full"', '"extra": {"sslmode": "require"', "name-not-compared"),
        (PATHS, PATHS, "${SHOP_PASSWORD}", "x", "does-not-work"),
        (PATHS, PATHS, '"port": ', '"port"', "unreadable-line"),
        (RULES, "", "", "", "clear-let-in"),
        (RULES, RULES, "hostssl  all       all ", "host     all       all ", "clear-let-in"),
        (RULES, RULES, "scram-sha-256", "trust", "trust-line"),
        (
            RULES,
            RULES,
            "hostssl  all       ${LOADER}",
            "host all monitor all trust\nhostssl all ${LOADER}",
            "trust-on-the-machine",
        ),
        (
            RULES,
            RULES,
            "hostssl  all       ${LOADER}",
            "hostssl all postgres all trust clientcert=verify-ca\nhostssl all ${LOADER}",
            "opens-every-login",
        ),
        (RULES, RULES, "cert\n", "scram-sha-256\n", "password-still-enough"),
        (RULES, RULES, "scram-sha-256", "reject", "others-locked-out"),
        (RULES, RULES, "cert\n", "reject\n", "loader-locked-out"),
        (RULES, RULES, "cert\n", "certificate\n", "not-a-rule"),
    ],
)
def test_a_mistake_has_a_message_of_its_own(
    judge: Judge, name: str, base: str, old: str, new: str, misconception: str
) -> None:
    report = judge(name, base, _FILES[name], old, new)
    assert (report.outcome, report.misconception) == (Outcome.FAILED, misconception), report.saw
    assert report.why
    assert report.look
