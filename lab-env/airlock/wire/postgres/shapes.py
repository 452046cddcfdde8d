"""What all PostgreSQL messages with a type byte have in common: type, length, then their own content."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from airlock.wire.flow import all_of_it
from airlock.wire.message import Shape
from airlock.wire.notes import Notes, readable

PROTOCOL = "PostgreSQL"


def typed(kind: str, why: str, parse: Callable[[Notes], None] | None = None, *, known: bool = True) -> Shape:
    """A message with a type byte; ``parse`` reads what follows the length, None where nothing may follow."""
    return Shape(PROTOCOL, kind, why, partial(_typed, kind, parse), known=known)


def length(notes: Notes) -> None:
    """The length every message carries."""
    notes.number(4, "length", "bytes from here to the end of the message, these four included")


def cell(notes: Notes, name: str, why: str, form: object) -> None:
    """A value of a row or of a parameter: its length, or -1 for NULL, then the value in ``form``."""
    size = int.from_bytes(notes.peek(4), signed=True)
    content = notes.peek(max(size, 0), 4)
    shown = None if size == -1 else content if form == "binary" else readable(content)
    with notes.group(name, why, value=shown):
        notes.signed(4, "value_length", "bytes of the value; -1 stands for NULL")
        notes.take(max(size, 0) if size >= -1 else size, "value", f"the value, as {form}", lambda _: shown)


def unknown(type_byte: int) -> Shape:
    """A message of a type that is not in the documentation."""
    return typed(
        "Unknown", f"no message of type {chr(type_byte)!r} is documented for this sender", all_of_it, known=False
    )


def _typed(kind: str, parse: Callable[[Notes], None] | None, notes: Notes) -> None:
    notes.take(1, "type", f"the type byte of {kind} from this sender", readable)
    length(notes)
    if parse:
        parse(notes)
