"""What a PostgreSQL server says in a session, by type byte (53.7 of the documentation)."""

from __future__ import annotations

from functools import partial
from typing import TypeAlias

from airlock.wire.message import Message, Shape
from airlock.wire.notes import Notes, Value, readable
from airlock.wire.postgres.frontend import COPY_DATA, COPY_DONE
from airlock.wire.postgres.names import ERROR_FIELDS, FORMATS, TRANSACTIONS, TYPES
from airlock.wire.postgres.shapes import cell, typed

Columns: TypeAlias = tuple[tuple[Value, Value], ...]
"""Name and format of each column of the rows to come."""


def rows(description: Message) -> Shape:
    """The shape of the DataRow messages that follow a RowDescription."""
    return _row_shape(tuple(zip(description.all("name"), description.all("format"), strict=False)))


def _row_shape(columns: Columns) -> Shape:
    return typed("DataRow", "one row of the result", partial(_data_row, columns))


def _data_row(columns: Columns, notes: Notes) -> None:
    count = notes.number(2, "column_count", "how many values follow")
    for index in range(count):
        name, form = columns[index] if count == len(columns) else (f"column {index + 1}", "text")
        cell(notes, str(name) or "unnamed", f"column {index + 1} of {count}", form)


def _row_description(notes: Notes) -> None:
    count = notes.number(2, "column_count", "how many columns every row has")
    for index in range(count):
        with notes.group("column", f"column {index + 1} of {count}"):
            notes.string("name", "the column's name")
            notes.number(4, "table", "object id of the table it comes from; 0 when computed")
            notes.number(2, "attribute", "which column of that table; 0 when computed")
            notes.number(4, "type", "the data type", TYPES)
            notes.signed(2, "type_size", "bytes of a value; negative when they vary")
            notes.signed(
                4, "type_modifier", "what the type was declared with, such as varchar's length; -1 for nothing"
            )
            notes.number(2, "format", "how values are written", FORMATS)


def _parameter_description(notes: Notes) -> None:
    for index in range(notes.number(2, "parameter_count", "how many parameters the statement takes")):
        notes.number(4, "parameter_type", f"the type of ${index + 1}", TYPES)


def _error(notes: Notes) -> None:
    while notes.peek(1) not in (b"\0", b""):
        letter = readable(notes.peek(1))
        name, why = ERROR_FIELDS.get(letter, (f"field_{letter}", "a field this decoder does not know"))
        with notes.group("field", why):
            notes.take(1, "field_type", "which field this is", readable)
            notes.string(name, why)
    notes.take(1, "end", "a zero byte ends the list", lambda _: None)


def _tag(notes: Notes) -> None:
    notes.string("tag", "the command that ran and how many rows it touched")


def _parameter_status(notes: Notes) -> None:
    name = notes.string("name", "a setting of this session")
    notes.string("value", f"what {name} is now")


def _key(notes: Notes) -> None:
    notes.number(4, "process_id", "the server process of this session")
    notes.rest("secret_key", "needed to cancel a query of this session; 4 bytes, up to 256 since protocol 3.2")


def _ready(notes: Notes) -> None:
    notes.take(
        1, "transaction", "where the session stands", lambda byte: TRANSACTIONS.get(readable(byte), readable(byte))
    )


def _negotiate(notes: Notes) -> None:
    notes.number(2, "protocol_major", "the newest version the server speaks")
    notes.number(2, "protocol_minor", "its minor number")
    for _ in range(notes.number(4, "option_count", "how many options the server does not know")):
        notes.string("option", "an option that was asked for and is not known")


def _copy(notes: Notes) -> None:
    notes.number(1, "format", "how the whole copy is written", FORMATS)
    for _ in range(notes.number(2, "column_count", "how many columns")):
        notes.number(2, "column_format", "how that column is written", FORMATS)


def _notification(notes: Notes) -> None:
    notes.number(4, "process_id", "the server process that notified")
    notes.string("channel", "the channel listened to")
    notes.string("payload", "what was sent along")


def _function_result(notes: Notes) -> None:
    cell(notes, "result", "what the function returned", "text")


PLAIN_ROW = _row_shape(())

BACKEND: dict[int, Shape] = {
    ord(letter): shape
    for letter, shape in {
        "D": PLAIN_ROW,
        "T": typed("RowDescription", "names the columns of the rows to come", _row_description),
        "C": typed("CommandComplete", "the command is done", _tag),
        "Z": typed("ReadyForQuery", "the server waits for the next command", _ready),
        "E": typed("ErrorResponse", "the server refuses, and says why", _error),
        "N": typed("NoticeResponse", "the server remarks on something; nothing failed", _error),
        "S": typed("ParameterStatus", "tells a setting the client may want to know", _parameter_status),
        "K": typed("BackendKeyData", "what a later CancelRequest must show", _key),
        "v": typed("NegotiateProtocolVersion", "the server speaks an older version than asked for", _negotiate),
        "1": typed("ParseComplete", "the statement is prepared"),
        "2": typed("BindComplete", "the statement has its values"),
        "3": typed("CloseComplete", "the statement or portal is forgotten"),
        "n": typed("NoData", "what was described returns no rows"),
        "t": typed("ParameterDescription", "the types of a statement's parameters", _parameter_description),
        "s": typed("PortalSuspended", "the row limit was reached; more rows wait"),
        "I": typed("EmptyQueryResponse", "there was nothing to run"),
        "G": typed("CopyInResponse", "the client may send a table", _copy),
        "H": typed("CopyOutResponse", "the server will send a table", _copy),
        "W": typed("CopyBothResponse", "both may send, as replication does", _copy),
        "d": COPY_DATA,
        "c": COPY_DONE,
        "A": typed("NotificationResponse", "another session called NOTIFY", _notification),
        "V": typed("FunctionCallResponse", "the result of a FunctionCall", _function_result),
    }.items()
}
