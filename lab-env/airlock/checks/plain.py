"""From an object of a learner's kernel to plain JSON data.

Imports nothing of ours and nothing heavy: this module also runs inside the sandboxed kernel that is being
graded. Every known type is read through its base class, so a subclass cannot answer in its place.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Set
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import PurePath
from typing import Any
from uuid import UUID

Plain = None | bool | int | float | str | list["Plain"] | dict[str, "Plain"]

MAX_DEPTH = 20
MAX_ITEMS = 20_000
MAX_CHARACTERS = 2_000_000
_MAX_BITS = 8192

_CONNECTION_MODULES = ("airflow.sdk.definitions.connection", "airflow.models.connection")
_CONNECTION_FIELDS = ("conn_id", "conn_type", "host", "port", "login", "password", "schema")


class NotPlain(Exception):
    """The object has no plain form: of an unknown type, too large, or nested too deep."""


class StillPlaceholder(NotPlain):
    """The object is the placeholder ``...``, or holds one."""


def to_plain(obj: object) -> Plain:
    """``obj`` as JSON data.

    Decimals become int or float, dates and times ISO 8601 text, sets sorted lists, bytes
    ``{"__type__": "bytes", "hex": …}``, an Airflow Connection ``{"__type__": "Connection", "conn_id": …}`` with
    ``extra`` as the object keeps it (text as a rule).

    Raises:
        StillPlaceholder: there is a ``...`` in it.
        NotPlain: anything else that has no plain form; the message says what and why.
    """
    return _Budget().plain(obj, 0)


def from_plain(data: Plain) -> Any:
    """``data`` with every ``{"__type__": "bytes", "hex": …}`` in it as bytes: what a function is called with."""
    match data:
        case {"__type__": "bytes", "hex": str(digits)}:
            return bytes.fromhex(digits)
        case dict():
            return {name: from_plain(item) for name, item in data.items()}
        case list():
            return [from_plain(item) for item in data]
    return data


class _Budget:
    """How much of a large object may still be read."""

    def __init__(self) -> None:
        self.items = MAX_ITEMS
        self.characters = MAX_CHARACTERS

    def plain(self, obj: Any, depth: int) -> Plain:
        self._spend(depth)
        if obj is None or obj is True or obj is False:
            return obj
        if obj is ...:
            raise StillPlaceholder("It still holds the placeholder `...`.")
        if isinstance(obj, str):
            return self._text(obj)
        if isinstance(obj, int | float | Decimal):
            return _number(obj)
        if isinstance(obj, bytes | bytearray | memoryview):
            return {"__type__": "bytes", "hex": self._text(bytes(obj).hex())}
        return self._container(obj, depth)

    def _container(self, obj: Any, depth: int) -> Plain:
        if isinstance(obj, Mapping):
            return self._mapping(obj, depth)
        if isinstance(obj, list | tuple):
            return [self.plain(item, depth + 1) for item in obj]
        if isinstance(obj, Set):
            return sorted((self.plain(item, depth + 1) for item in obj), key=json.dumps)
        return self._single(obj, depth)

    def _single(self, obj: Any, depth: int) -> Plain:
        if isinstance(obj, datetime | date | time):
            return self._text(obj.isoformat())
        if isinstance(obj, timedelta):
            return timedelta.total_seconds(obj)
        if isinstance(obj, PurePath | UUID):
            return self._text(str(obj))
        if _is_connection(obj):
            return self._connection(obj, depth)
        raise NotPlain(f"It is a `{type(obj).__qualname__}` object; plain data is needed (text, number, list or dict).")

    def _mapping(self, obj: Mapping[Any, Any], depth: int) -> dict[str, Plain]:
        result: dict[str, Plain] = {}
        for key, item in obj.items():
            if not isinstance(key, str | int | float | None):
                raise NotPlain(f"A dict in it has a key of type `{type(key).__qualname__}`; keys must be text.")
            name = self._text(key if isinstance(key, str) else str(key))
            if name == "__type__":
                raise NotPlain("A dict in it has the key `__type__`, which is reserved.")
            result[name] = self.plain(item, depth + 1)
        return result

    def _connection(self, obj: Any, depth: int) -> dict[str, Plain]:
        result: dict[str, Plain] = {"__type__": "Connection"}
        for field in _CONNECTION_FIELDS:
            result[field] = self.plain(getattr(obj, field), depth + 1)
        # Text, as a rule. `airflow.sdk` also keeps a dict, which its hooks then fail on: a check has to see which.
        result["extra"] = self.plain(obj.extra, depth + 1)
        return result

    def _text(self, text: str) -> str:
        self.characters -= len(text)
        if self.characters < 0:
            raise NotPlain(f"It is too large: more than {MAX_CHARACTERS:,} characters.")
        return str.__str__(text)

    def _spend(self, depth: int) -> None:
        self.items -= 1
        if self.items < 0:
            raise NotPlain(f"It is too large: more than {MAX_ITEMS:,} values.")
        if depth > MAX_DEPTH:
            raise NotPlain(f"It is nested more than {MAX_DEPTH} levels deep, or contains itself.")


def _number(obj: int | float | Decimal) -> int | float:
    if isinstance(obj, Decimal):
        if not Decimal.is_finite(obj):
            raise NotPlain("It holds a number that is not finite.")
        if obj.adjusted() > 300:
            raise NotPlain("It holds a number that is too large.")
        return int(obj) if obj == obj.to_integral_value() else float(obj)
    if isinstance(obj, int):
        if int.bit_length(obj) > _MAX_BITS:
            raise NotPlain("It holds a number that is too large.")
        return int.__int__(obj)
    if not math.isfinite(obj):
        raise NotPlain("It holds a number that is not finite.")
    return float.__float__(obj)


def _is_connection(obj: object) -> bool:
    # Never import Airflow here (seconds): an Airflow Connection can only exist where its module is loaded.
    for name in _CONNECTION_MODULES:
        kind = getattr(sys.modules.get(name), "Connection", None)
        if isinstance(kind, type) and isinstance(obj, kind):
            return True
    return False
