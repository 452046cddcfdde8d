"""``watch("select …")``: the same query twice through the eavesdropper, in the clear and over TLS.

What is shown was recorded a moment ago on this lab's wire. Whether a secret could be read is found by searching
the recorded bytes, not by assuming.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from airlock.lab import Lab, Login, View
from airlock.lesson.errors import LessonError, lab_needed
from airlock.lesson.markup import INK, LINE, MONO, MUTED, badge, card, eyebrow, inline, rows
from airlock.lesson.show import show
from airlock.wire.captures import Captured, record

_READABLE = range(0x20, 0x7F)
_MAX_SHOWN = 160
_MAX_MESSAGES = 40


@dataclass(frozen=True)
class Line:
    """One chunk on the wire. ``seconds`` counts from the first chunk; ``text`` has dots for what is not printable."""

    seconds: float
    sender: str
    size: int
    text: str
    more: int


@dataclass(frozen=True)
class Tap:
    """One run of the query, as the eavesdropper saw it."""

    title: str
    lines: list[Line]
    size: int
    found: dict[str, bool]


def watch(query: str) -> None:
    """Run a query as your shop login through the eavesdropper, with TLS off and on, and show what it saw.

    Raises:
        LessonError: the query failed; the database's own words are in the message.
    """
    with lab_needed():
        view = View.current()
        clear, count = _run(view, query, "TLS off (sslmode=disable)", "disable")
        sealed, _ = _run(view, query, "TLS on (sslmode=verify-full)", "verify-full")
    show(_as_html(query, count, clear, sealed), _as_text(query, count, clear, sealed))


def readable(data: bytes) -> str:
    """Bytes as text, with a dot for each one that is not printable ASCII."""
    return "".join(chr(byte) if byte in _READABLE else "·" for byte in data)


def tap(title: str, messages: Sequence[Captured], secrets: dict[str, str]) -> Tap:
    """What a recording gives away.

    Args:
        title: how the run is called.
        messages: what the wire recorded, in order.
        secrets: what to search for in the bytes, by name.
    """
    begin = messages[0].time if messages else 0.0
    lines = [
        Line(
            each.time - begin,
            each.sender,
            len(each.data),
            readable(each.data[:_MAX_SHOWN]),
            max(0, len(each.data) - _MAX_SHOWN),
        )
        for each in messages
    ]
    # Joined by sender: a chunk is what one read gave, and a secret may lie across two.
    streams = [b"".join(m.data for m in messages if m.sender == side) for side in ("client", "server")]
    found = {name: any(text.encode() in s for s in streams) for name, text in secrets.items() if text}
    return Tap(title, lines, sum(line.size for line in lines), found)


def _run(view: View, query: str, title: str, sslmode: str) -> tuple[Tap, int]:
    with record(view.lab.wire, "eavesdropper") as recording:
        fetched = _fetch(view.lab, replace(view.shop, port=recording.port), query, sslmode)
    secrets = {
        "the login": view.shop.user,
        "the password": view.shop.password,
        "the SQL": query,
        "a row": _sample(fetched),
    }
    return tap(title, recording.messages, secrets), len(fetched)


def _fetch(lab: Lab, login: Login, query: str, sslmode: str) -> list[tuple[Any, ...]]:
    import psycopg

    from airlock.lab.postgres import connect

    try:
        with connect(login, ca_file=lab.ca_file, sslmode=sslmode) as session:
            cursor = session.execute(query)
            return list(cursor.fetchall()) if cursor.description else []
    except psycopg.Error as error:
        raise LessonError(f"PostgreSQL refused the query: {str(error).strip().splitlines()[0]}") from None


def _sample(fetched: list[tuple[Any, ...]]) -> str:
    # The longest text of the first row: long enough not to be found by chance in encrypted bytes.
    texts = [value for value in fetched[0] if isinstance(value, str)] if fetched else []
    return max(texts, key=len, default="")


def _as_text(query: str, count: int, *taps: Tap) -> str:
    parts = [f"{query}\n{_rows(count)} in both runs. What the eavesdropper saw:"]
    for each in taps:
        lines = [
            f"  {line.seconds * 1000:7.1f} ms  {line.sender} sends {line.size:5d} bytes  {line.text}"
            for line in each.lines[:_MAX_MESSAGES]
        ]
        verdicts = [f"  {name}: {_verdict(seen)}" for name, seen in each.found.items()]
        parts.append("\n".join([f"{each.title}, {each.size:,} bytes", *lines, *verdicts]))
    return "\n\n".join(parts)


def _as_html(query: str, count: int, *taps: Tap) -> str:
    head = f"{eyebrow('ON THE WIRE')}<div>{inline(f'`{query}`')} {_rows(count)} in both runs.</div>"
    columns = "".join(f'<div style="flex:1 1 360px;min-width:0">{_column(each)}</div>' for each in taps)
    body = f'<div style="display:flex;flex-wrap:wrap;gap:16px;margin-top:8px">{columns}</div>'
    return card(head + body, label="What the eavesdropper saw")


def _column(each: Tap) -> str:
    verdicts = [(name, badge(_verdict(seen), "bad" if seen else "good")) for name, seen in each.found.items()]
    chunks = "".join(_chunk(line) for line in each.lines[:_MAX_MESSAGES])
    hidden = len(each.lines) - _MAX_MESSAGES
    rest = f'<div style="color:{MUTED}">and {hidden} more messages</div>' if hidden > 0 else ""
    return (
        f"<div><strong>{html.escape(each.title)}</strong> "
        f'<span style="color:{MUTED}">{each.size:,} bytes</span></div>{rows(verdicts, width="8.5em")}'
        f'<div role="region" aria-label="{html.escape(each.title)}" tabindex="0" style="margin-top:8px;'
        f'max-height:34em;overflow-y:auto;border:1px solid {LINE};border-radius:4px;padding:0 8px">{chunks}{rest}</div>'
    )


def _chunk(line: Line) -> str:
    arrow = "client →" if line.sender == "client" else "← server"
    more = f'<div style="color:{MUTED};font-size:0.85em">and {line.more:,} more</div>' if line.more else ""
    return (
        f'<div style="padding:4px 0;border-bottom:1px solid {LINE}"><div style="color:{MUTED};font-size:0.85em">'
        f"{arrow} &nbsp; {line.seconds * 1000:.1f} ms &nbsp; {line.size:,} bytes</div>"
        f'<code style="display:block;font-family:{MONO};font-size:12px;line-height:1.4;word-break:break-all;'
        f'color:{INK};background:none;padding:0;white-space:pre-wrap">{html.escape(line.text)}</code>{more}</div>'
    )


def _rows(count: int) -> str:
    return f"{count} row" if count == 1 else f"{count} rows"


def _verdict(seen: bool) -> str:
    return "readable" if seen else "not found"
