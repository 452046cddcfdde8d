"""Lesson 4's exercises: every usual repair that does not hold is told why."""

from __future__ import annotations

import pytest

from airlock.checks.report import Outcome
from tests.checks.conftest import Judge

_SHOP = 'path "${MOUNT}/data/connections/orders/shop" {\n  capabilities = ["create", "read", "update"]'
_CONNECTIONS = 'path "${MOUNT}/data/connections/orders/*" {\n  capabilities = ["read"]'


@pytest.mark.parametrize(
    ("base", "old", "new", "misconception"),
    [
        ("", "", "", "deny-is-no-list"),
        ("", "path", "paht", "not-a-policy"),
        ("friday-policy", "data/connections/orders/*", "connections/orders/*", "reads-nothing"),
        ("friday-policy", "data/variables/orders/*", "variables/orders/*", "reads-nothing"),
        ("friday-policy", _SHOP, _SHOP.replace('"create", "read", ', ""), "specific-rule-alone"),
        ("friday-policy", _SHOP, _SHOP.replace('"create", ', "").replace(', "update"', ""), "rotation-broken"),
        ("friday-policy", _CONNECTIONS, _CONNECTIONS.replace('"]', '", "update"]'), "writes-all"),
        ("friday-policy", "orders/shop", "orders/shop*", "writes-all"),
        ("friday-policy", "data/connections/orders/*", "data/connections/orders*", "slash-missing"),
        ("friday-policy", "data/variables/orders/*", "data/*", "deny-is-no-list"),
        ("friday-policy", "data/variables/orders/*", "+/variables/orders/*", ""),
        ("friday-policy", "# The nightly", 'path "${MOUNT}/config" { capabilities = ["read"] }\n# The', "whole-mount"),
        (
            "friday-policy",
            "# The nightly",
            'path "${MOUNT}/metadata/connections/orders/*" { capabilities = ["list"] }\n# The nightly',
            "may-list",
        ),
        ("friday-policy", "# The nightly", 'path "sys/*" { capabilities = ["read"] }\n# The', "beyond-the-mount"),
        ("friday-policy", '["create", "read", "update"]', '["create", "read", "update", "delete"]', "writes-all"),
    ],
)
def test_friday_policy(judge: Judge, base: str, old: str, new: str, misconception: str) -> None:
    report = judge("friday-policy", base, "orders.hcl", old, new)
    expected = (Outcome.FAILED, misconception) if misconception else (Outcome.PASSED, None)
    assert (report.outcome, report.misconception) == expected, report.saw


_COMMON = '"connections/common/archive"'


@pytest.mark.parametrize(
    ("base", "file", "old", "new", "misconception"),
    [
        ("", "", "", "", "common-first"),
        ("", "vault.json", "ledger-old.internal", "ledger.internal", "second-copy"),
        ("", "vault.json", '"connections/orders/ledger"', '"connections/orders/older"', "home-removed"),
        ("", "backend.json", '"connections/common", ', "", "not-found"),
        ("own-path-first", "vault.json", _COMMON, '"connections/orders/archive"', "home-removed"),
        (
            "own-path-first",
            "vault.json",
            '"connections/orders/shop"',
            '"connections/orders/archive": {"conn_uri": "generic://archive"}, "connections/orders/shop"',
            "second-copy",
        ),
        ("own-path-first", "backend.json", '"connections_path"', '"connection_paths"', "not-found"),
        ("own-path-first", "backend.json", "]}", "]", "no-json"),
        ("own-path-first", "backend.json", "{", "[{", "no-json"),
    ],
)
def test_shadowing_backend(judge: Judge, base: str, file: str, old: str, new: str, misconception: str) -> None:
    report = judge("shadowing-backend", base, file, old, new)
    assert (report.outcome, report.misconception) == (Outcome.FAILED, misconception), report.saw


@pytest.mark.parametrize(
    ("base", "old", "new", "misconception"),
    [
        ("", "", "", "old-key-first"),
        ("", "KEYS[::-1]", "KEYS", "extra-forgotten"),
        ("half-rotation", ', "extra": "is_extra_encrypted"', "", "extra-forgotten"),
        ("half-rotation", "if row[column]:", "if row[flag]:", "clear-rows-skipped"),
        ("half-rotation", "            row[flag] = True\n", "", "flag-not-set"),
        (
            "half-rotation",
            "FERNET.rotate(value) if row[flag] else FERNET.encrypt(value)",
            "FERNET.encrypt(value)",
            "value-changed",
        ),
        ("half-rotation", "row[column].encode()", "row[column].upper().encode()", "script-fails"),
        ("half-rotation", "if row[column]:", "if True:", "script-fails"),
        (
            "half-rotation",
            "for row in json.load(sys.stdin)",
            'for row in json.load(sys.stdin) if row["password"]',
            "script-fails",
        ),
        ("half-rotation", "import sys", "import syss", "script-fails"),
        ("half-rotation", "    return row\n", "    return row | {'extra': None}\n", "value-changed"),
    ],
)
def test_half_rotation(judge: Judge, base: str, old: str, new: str, misconception: str) -> None:
    report = judge("half-rotation", base, "rotate.py", old, new)
    assert (report.outcome, report.misconception) == (Outcome.FAILED, misconception), report.saw


@pytest.mark.parametrize(
    ("base", "old", "new", "misconception"),
    [
        ("", "", "", "leading-slash"),
        ("", '"/${TEAM}', '"${TEAM}', "pattern-too-narrow"),
        ("prefix-of-nothing", "/connections", "/variables", "other-prefix"),
        ("prefix-of-nothing", '  "verify": "${CA}",\n', "", "backend-fails"),
        ("prefix-of-nothing", "${REGION}", "us-east-1", "other-prefix"),
        ("prefix-of-nothing", '/connections"', '/connections",', "no-json"),
        ("any-id", '".*"', '"[a-z]+$"', "pattern-too-narrow"),
    ],
)
def test_prefix_of_nothing(judge: Judge, base: str, old: str, new: str, misconception: str) -> None:
    report = judge("prefix-of-nothing", base, "backend.json", old, new)
    assert (report.outcome, report.misconception) == (Outcome.FAILED, misconception), report.saw
