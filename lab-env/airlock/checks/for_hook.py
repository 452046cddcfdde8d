"""A variable that is to be a Connection, which a check lets a hook use."""

from __future__ import annotations

from airlock.checks.lesson1_forms import Fields, Unreadable
from airlock.checks.plain import Plain
from airlock.checks.report import Report, failed


def for_hook(value: Plain, name: str, conn_type: str, use: str) -> Fields | Report:
    """The fields of the Connection in the variable ``name``, or what is wrong with it.

    Args:
        value: what the variable holds.
        conn_type: as an example shows it.
        use: what the check lets the hook do, as the end of a sentence.
    """
    if not isinstance(value, dict) or value.get("__type__") != "Connection":
        return failed(
            f"`{name}` is no Connection.",
            f"The check lets {use}.",
            f"`{name} = Connection(conn_id=…, conn_type={conn_type}, …)`",
            "not-a-connection",
        )
    try:
        return Fields.of(value)
    except Unreadable as error:
        return failed(
            f"The connection cannot be read: {error}.",
            "A hook fails in the same way.",
            "`extra` is the *text* of a JSON object: `json.dumps({…})`.",
            "extra-not-json",
        )
