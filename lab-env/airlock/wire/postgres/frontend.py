"""What a PostgreSQL client says in a session, by type byte (53.7 of the documentation)."""

from __future__ import annotations

from airlock.wire.message import Shape
from airlock.wire.notes import Notes, readable
from airlock.wire.postgres.names import FORMATS, TARGETS, TYPES
from airlock.wire.postgres.shapes import cell, typed


def _query(notes: Notes) -> None:
    notes.string("query", "the SQL text as the client wrote it, values included")


def _parse(notes: Notes) -> None:
    notes.string("statement", "the name to keep it under; empty for the unnamed one")
    notes.string("query", "the SQL text; $1, $2 … stand for values that come with Bind")
    for index in range(notes.number(2, "type_count", "how many parameter types follow")):
        notes.number(
            4, "parameter_type", f"the type of ${index + 1}; 0 lets the server decide", {0: "unspecified"} | TYPES
        )


def _formats(notes: Notes, name: str, what: str) -> list[str]:
    count = notes.number(2, f"{name}_count", f"how many format codes follow: none means text, one is for every {what}")
    return [FORMATS.get(notes.number(2, name, f"how a {what} is written", FORMATS), "") for _ in range(count)]


def _bind(notes: Notes) -> None:
    notes.string("portal", "the name of what is ready to run; empty for the unnamed one")
    notes.string("statement", "the prepared statement")
    _arguments(notes)
    _formats(notes, "result_format", "column")


def _arguments(notes: Notes) -> None:
    forms = _formats(notes, "parameter_format", "parameter")
    for index in range(notes.number(2, "parameter_count", "how many values follow")):
        form = forms[index] if index < len(forms) else forms[0] if len(forms) == 1 else "text"
        cell(notes, "parameter", f"the value of ${index + 1}", form)


def _target(notes: Notes) -> None:
    notes.take(1, "target", "what the name names", lambda byte: TARGETS.get(readable(byte), readable(byte)))
    notes.string("name", "its name; empty for the unnamed one")


def _execute(notes: Notes) -> None:
    notes.string("portal", "which portal; empty for the unnamed one")
    notes.number(4, "max_rows", "how many rows at most; 0 for all")


def _function_call(notes: Notes) -> None:
    notes.number(4, "function", "the function's object id")
    _arguments(notes)
    notes.number(2, "result_format", "how the result is written", FORMATS)


def copy_data(notes: Notes) -> None:
    """CopyData, which both sides send."""
    if notes.left:
        notes.rest("data", "a piece of the copied table", readable)


def _copy_fail(notes: Notes) -> None:
    notes.string("reason", "why the copy is given up")


COPY_DATA = typed("CopyData", "a piece of a table that is being copied", copy_data)
COPY_DONE = typed("CopyDone", "the copy is complete")

FRONTEND: dict[int, Shape] = {
    ord(letter): shape
    for letter, shape in {
        "Q": typed("Query", "asks to run SQL", _query),
        "P": typed("Parse", "asks to prepare a statement", _parse),
        "B": typed("Bind", "gives a prepared statement its values", _bind),
        "D": typed("Describe", "asks what a statement takes or a portal returns", _target),
        "E": typed("Execute", "asks to run a portal", _execute),
        "S": typed("Sync", "ends a series of requests; the server answers ReadyForQuery"),
        "H": typed("Flush", "asks for the answers so far"),
        "C": typed("Close", "asks to forget a statement or portal", _target),
        "F": typed("FunctionCall", "calls a function without SQL; superseded", _function_call),
        "d": COPY_DATA,
        "c": COPY_DONE,
        "f": typed("CopyFail", "gives a copy up", _copy_fail),
        "X": typed("Terminate", "says goodbye"),
    }.items()
}
