"""One message taken apart, as HTML: its bytes in hexadecimal and ASCII, and every field with its place among them.

Choosing a field marks its bytes without a script: each field is a radio, and a style rule per field looks at it. The
radios keep their arrow keys, which JupyterLab would otherwise take to move between cells.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

from airlock.lesson.markup import VERBATIM
from airlock.wire import Field, Message, Status

ACROSS = 8
MOST_BYTES = 2048
MOST_FIELDS = 250
_TINTS = 4

# One rule set for every message; each has its own name in front, so that two on a page do not meet.
KEEP_KEYS = "data-lm-suppress-shortcuts"


def take_apart(message: Message, name: str) -> str:
    """The bytes and the fields of a message. ``name`` (letters and digits) has to be its own on the page."""
    fields = message.fields[:MOST_FIELDS]
    kept = message.raw[:MOST_BYTES]
    owners = _owners(fields, len(kept))
    leaves = _leaves(fields)
    return (
        f'<div {VERBATIM}><div class="al-anatomy" id="{name}">{_rules(name, len(fields))}'
        f"{_dump(kept, owners, leaves)}{_rest(message, len(kept))}"
        f'<div class="al-fields" role="radiogroup" aria-label="Fields of {html.escape(message.kind)}; '
        f'choosing one marks its bytes">{"".join(_entry(name, i, f, leaves) for i, f in enumerate(fields))}</div>'
        f"{_unlisted(message)}</div></div>"
    )


def shown(value: object) -> str:
    """A field's value for people."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        return f"0x{value.hex()}" if len(value) <= 20 else f"0x{value[:16].hex()}…"
    text = str(value)
    return text if len(text) <= 200 else f"{text[:199]}…"


def counted(size: int) -> str:
    """``1 byte``, ``2 bytes``."""
    return f"{size:,} byte" if size == 1 else f"{size:,} bytes"


def span(field: Field) -> str:
    """Where a field's bytes are: ``bytes 5 to 8``."""
    if field.length == 0:
        return f"before byte {field.offset}"
    last = field.offset + field.length - 1
    return f"byte {last}" if field.length == 1 else f"bytes {field.offset} to {last}"


def _owners(fields: Sequence[Field], size: int) -> list[tuple[int, ...]]:
    # Which fields each byte belongs to, outermost first: fields are in the order of their bytes, groups first.
    owners: list[tuple[int, ...]] = [()] * size
    for index, each in enumerate(fields):
        for at in range(each.offset, min(each.offset + each.length, size)):
            owners[at] = (*owners[at], index)
    return owners


def _leaves(fields: Sequence[Field]) -> dict[int, int]:
    """The tint of each field without members."""
    plain = [i for i, f in enumerate(fields) if i + 1 == len(fields) or fields[i + 1].depth <= f.depth]
    return {index: turn % _TINTS for turn, index in enumerate(plain)}


def _rules(name: str, count: int) -> str:
    marks = ",".join(
        f"#{name}:has(.r{i} :checked) .f{i},#{name}:not(:has(:checked)):has(.r{i}:hover) .f{i}" for i in range(count)
    )
    mark = "outline:1px solid var(--al-accent);background:var(--al-mark)"
    return f"<style>{marks}{{{mark}}}</style>" if count else ""


def _dump(data: bytes, owners: list[tuple[int, ...]], leaves: dict[int, int]) -> str:
    lines = []
    for start in range(0, len(data), ACROSS):
        runs = _runs(data, owners, start, min(start + ACROSS, len(data)))
        pad = "   " * (ACROSS - min(ACROSS, len(data) - start))
        hexes = "".join(_run(piece.hex(" "), mine, leaves, " ") for piece, mine in runs)
        texts = "".join(_run(_printable(piece), mine, leaves) for piece, mine in runs)
        lines.append(f"<div><i>{start:04x}</i> {hexes}{pad} {texts}</div>")
    return (
        f'<div class="al-dump" tabindex="0" {KEEP_KEYS} role="group" '
        f'aria-label="The bytes, {ACROSS} a line: place, hexadecimal, ASCII">{"".join(lines)}</div>'
    )


def _runs(data: bytes, owners: list[tuple[int, ...]], start: int, end: int) -> list[tuple[bytes, tuple[int, ...]]]:
    """Neighbours on one line that belong to the same fields."""
    runs: list[tuple[bytes, tuple[int, ...]]] = []
    for at in range(start, end):
        if runs and runs[-1][1] == owners[at]:
            runs[-1] = (runs[-1][0] + data[at : at + 1], owners[at])
        else:
            runs.append((data[at : at + 1], owners[at]))
    return runs


def _run(text: str, owners: tuple[int, ...], leaves: dict[int, int], after: str = "") -> str:
    tint = f" t{leaves[owners[-1]]}" if owners and owners[-1] in leaves else ""
    classes = " ".join(f"f{index}" for index in owners) + tint
    return f'<b class="{classes}">{html.escape(text)}</b>{after}'


def _printable(data: bytes) -> str:
    return "".join(chr(byte) if 0x20 <= byte < 0x7F else "·" for byte in data)


def _entry(name: str, index: int, field: Field, leaves: dict[int, int]) -> str:
    tint = f" t{leaves[index]}" if index in leaves else ""
    value = html.escape(shown(field.value))
    return (
        f'<label class="al-field r{index}" style="padding-left:{4 + min(field.depth, 5) * 12}px">'
        f'<input type="radio" name="{name}" {KEEP_KEYS}>'
        f'<span><span class="al-name{tint}">{html.escape(field.name)}</span> <code>{value}</code>'
        f'<small class="al-span">{span(field)}</small>'
        f"<small>{html.escape(field.explanation)}</small></span></label>"
    )


def _rest(message: Message, kept: int) -> str:
    more = message.size - kept
    note = f"{counted(more)} more, not drawn." if more > 0 else ""
    if message.status is not Status.COMPLETE:
        note = f"{note} This message is {message.status.value}.".strip()
    return f'<div class="al-note">{note}</div>' if note else ""


def _unlisted(message: Message) -> str:
    more = len(message.fields) - MOST_FIELDS
    return f'<div class="al-note">{more:,} more fields are not listed.</div>' if more > 0 else ""
