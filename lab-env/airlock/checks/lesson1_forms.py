"""The written forms of a connection, read as Airflow reads them, without importing Airflow (seconds a process).

`tests/checks/test_lesson1.py` holds this reader beside `airflow.sdk.Connection` on thousands of generated texts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

_EXTRA_KEY = "__extra__"


class Unreadable(ValueError):
    """Airflow raises on this text; the message is what it says."""


@dataclass(frozen=True)
class Fields:
    """A connection after it was read. Empty text counts as missing and is None here."""

    conn_type: str | None = None
    host: str | None = None
    port: int | None = None
    login: str | None = None
    password: str | None = None
    schema: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Fields:
        """From a mapping with Airflow's field names. Raises `Unreadable` for a port or an extra of the wrong kind."""
        return cls(
            conn_type=_text(data.get("conn_type")),
            host=_text(data.get("host")),
            port=_port(data.get("port")),
            login=_text(data.get("login")),
            password=_text(data.get("password")),
            schema=_text(data.get("schema")),
            extra=_extra(data.get("extra")),
        )


def read(text: str) -> Fields:
    """A connection's value as Airflow finds it in a home: JSON when it starts with ``{``, else a URI."""
    text = text.strip()
    return read_json(text) if text.startswith("{") else read_uri(text)


def read_json(text: str) -> Fields:
    """The JSON form. Raises `Unreadable`."""
    try:
        data = json.loads(text)
    except ValueError as error:
        raise Unreadable(f"JSONDecodeError: {error}") from None
    if not isinstance(data, dict):
        raise Unreadable("the JSON text is not an object with fields")
    fields = Fields.of(data)
    return Fields(**{**vars(fields), "conn_type": _normal_type(fields.conn_type or "")})


def read_uri(uri: str) -> Fields:
    """The URI form. Raises `Unreadable` where Airflow raises; misreads what Airflow misreads."""
    schemes = uri.count("://")
    if schemes > 2:
        raise Unreadable("AirflowException: Invalid connection string")
    try:
        scheme = urlsplit(uri).scheme
        rest = uri.replace(f"{scheme}://", "" if schemes == 2 else "//")
        before = rest.split("://", 1)[0]
        if schemes == 2 and ("@" in before or ":" in before):
            raise Unreadable("AirflowException: Invalid connection string")
        parts = urlsplit(rest)
        host, port = _host(parts.netloc, parts.hostname), parts.port
    except Unreadable:
        raise
    except ValueError as error:
        raise Unreadable(f"ValueError: {error}") from None
    if host and schemes == 2 and parts.scheme:
        host = f"{parts.scheme}://{host}"
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    return Fields(
        conn_type=_text(_normal_type(scheme)),
        host=host or None,
        port=port,
        login=unquote(parts.username or "") or None,
        password=unquote(parts.password or "") or None,
        schema=unquote(parts.path[1:]) or None,
        extra=_extra(query[_EXTRA_KEY]) if _EXTRA_KEY in query else query,
    )


def _host(netloc: str, hostname: str | None) -> str:
    host = unquote(hostname or "")
    if "/" in host:  # a path in place of a host: keep its upper-case letters
        host = unquote(netloc.rsplit("@", 1)[-1].split(":", 1)[0])
    return host


def _normal_type(scheme: str) -> str:
    return "postgres" if scheme == "postgresql" else scheme.replace("-", "_")


def _text(value: Any) -> str | None:
    return None if value is None or value == "" else str(value)


def _port(value: Any) -> int | None:
    if value is None or value == "":
        return None
    try:
        return int(value)
    except (TypeError, ValueError):
        raise Unreadable(f"the port is {value!r}, which is not a whole number") from None


def _extra(value: Any) -> Mapping[str, Any]:
    if value is None or value == "":
        return {}
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise Unreadable("`extra` is text, but not JSON") from None
    if not isinstance(value, dict):
        raise Unreadable("`extra` is JSON, but not an object with keys and values")
    return value
