"""What a learner's objects become before a judge sees them."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airlock.checks.plain import MAX_ITEMS, NotPlain, StillPlaceholder, from_plain, to_plain

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_json_data_stays_what_it_is(data: Any) -> None:
    assert json.loads(json.dumps(to_plain(data))) == data


@given(JSON)
def test_data_without_bytes_comes_back_as_it_is(data: Any) -> None:
    assert from_plain(to_plain(data)) == data


def test_bytes_come_back_as_bytes() -> None:
    data = {"key": b"\x00\xff", "lines": [b"", "text", 1]}
    assert from_plain(to_plain(data)) == data


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ((1, "a"), [1, "a"]),
        (Decimal("12.50"), 12.5),
        (Decimal("3"), 3),
        ({"b", "a"}, ["a", "b"]),
        (b"\x00\xff", {"__type__": "bytes", "hex": "00ff"}),
        (datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "2026-01-02T03:04:00+00:00"),
        (date(2026, 1, 2), "2026-01-02"),
        (timedelta(minutes=1), 60.0),
        (Path("a") / "b", "a/b"),
        ({1: "x"}, {"1": "x"}),
    ],
)
def test_usual_python_objects_have_a_plain_form(given_: object, expected: object) -> None:
    assert to_plain(given_) == expected


def test_a_subclass_cannot_answer_in_place_of_its_value() -> None:
    class Sly(str):
        def __eq__(self, other: object) -> bool:
            return True

        def __str__(self) -> str:
            return "another text"

        __hash__ = str.__hash__

    class SlyInt(int):
        def __int__(self) -> int:
            return 42

    assert json.dumps(to_plain([Sly("mine"), SlyInt(1)])) == '["mine", 1]'
    assert type(to_plain(Sly("mine"))) is str
    assert type(to_plain(SlyInt(1))) is int


@pytest.mark.parametrize("unfinished", [..., [1, ...], {"first": ...}, ({"a": [...]},)])
def test_a_placeholder_is_found_wherever_it_is(unfinished: object) -> None:
    with pytest.raises(StillPlaceholder):
        to_plain(unfinished)


def _nested(levels: int) -> list[Any]:
    inner: list[Any] = []
    for _ in range(levels):
        inner = [inner]
    return inner


@pytest.mark.parametrize(
    ("odd", "said"),
    [
        (object(), "`object` object"),
        (len, "builtin_function_or_method"),
        (float("nan"), "not finite"),
        (Decimal("Infinity"), "not finite"),
        (Decimal("1e100000"), "too large"),
        (1 << 100_000, "too large"),
        ([0] * (MAX_ITEMS + 1), "too large"),
        ("x" * 3_000_000, "too large"),
        (_nested(50), "nested"),
        ({(1, 2): 3}, "key of type `tuple`"),
        ({"__type__": "Connection"}, "reserved"),
    ],
    ids=[*map(str, range(11))],
)
def test_anything_else_is_refused_in_words(odd: object, said: str) -> None:
    with pytest.raises(NotPlain, match=said):
        to_plain(odd)


def test_a_list_that_contains_itself_ends() -> None:
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(NotPlain, match="contains itself"):
        to_plain(loop)


@pytest.mark.parametrize("module", ["airflow.sdk", "airflow.models.connection"])
def test_an_airflow_connection_becomes_its_fields(module: str, tmp_path: Path) -> None:
    program = f"""
import importlib, json
from airlock.checks.plain import to_plain
Connection = importlib.import_module({module!r}).Connection
it = Connection(conn_id="shop", conn_type="postgres", host="h", port=5432, login="l",
                password="p@ss word", schema="s", extra=json.dumps({{"sslmode": "require"}}))
print(json.dumps(to_plain({{"made": [it]}})))
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"AIRFLOW_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    made = json.loads(done.stdout.splitlines()[-1])["made"][0]
    assert json.loads(made.pop("extra")) == {"sslmode": "require"}
    assert made == {
        "__type__": "Connection",
        "conn_id": "shop",
        "conn_type": "postgres",
        "host": "h",
        "port": 5432,
        "login": "l",
        "password": "p@ss word",
        "schema": "s",
    }


def test_something_that_only_looks_like_a_connection_is_none() -> None:
    class Connection:
        conn_id = conn_type = host = login = password = schema = extra = "x"
        port = 1

    with pytest.raises(NotPlain):
        to_plain(Connection())


def test_reading_an_object_imports_neither_airflow_nor_the_lab() -> None:
    program = (
        "import sys; from airlock.checks.plain import to_plain; to_plain([1]);"
        "print([m for m in ('airflow', 'airlock.lab') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
