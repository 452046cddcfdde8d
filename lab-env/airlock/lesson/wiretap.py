"""``watch("select …")``: the same query twice through the eavesdropper, in the clear and over TLS.

What is shown was recorded a moment ago on this lab's wire. Whether a secret could be read is found by searching
the recorded bytes, not by assuming.
"""

from __future__ import annotations

import html
from dataclasses import replace
from itertools import groupby
from typing import Any

from airlock.lab import Lab, Login, View
from airlock.lesson import progress
from airlock.lesson.anatomy import counted
from airlock.lesson.errors import LessonError, lab_needed
from airlock.lesson.markup import INK, MONO, card, eyebrow
from airlock.lesson.show import live, show, show_widget
from airlock.lesson.traffic import Packet, Tap, knowledge, tap
from airlock.wire.captures import record

_MOST_LINES = 40


def watch(query: str) -> None:
    """Run a query as your shop login through the eavesdropper, with TLS off and on, and show what it saw.

    Raises:
        LessonError: the query failed; the database's own words are in the message.
    """
    with lab_needed():
        view = View.current()
        clear, count = _run(view, query, "TLS off (sslmode=disable)", "disable")
        sealed, _ = _run(view, query, "TLS on (sslmode=verify-full)", "verify-full")
    note = f"{count} row in both runs." if count == 1 else f"{count:,} rows in both runs."
    text = as_text(query, note, clear, sealed)
    progress.current().visit("watch")
    if live():
        from airlock.lesson.traffic_view import Viewer

        show_widget(Viewer(query, f"{note} Recorded just now by the eavesdropper.", clear, sealed).widget, text)
    else:
        show(as_page(text), text)


def as_page(text: str, title: str = "On the wire") -> str:
    """The text on a card."""
    style = f"margin:8px 0 0;font:12px/1.5 {MONO};color:{INK};background:none;white-space:pre-wrap"
    return card(f'{eyebrow(title.upper())}<pre style="{style}">{html.escape(text)}</pre>', label=title)


def as_text(query: str, note: str, *taps: Tap) -> str:
    """What was seen, for a terminal and for pages without widgets."""
    parts = [f"{query}\n{note} What the eavesdropper saw:"]
    for each in taps:
        lines = [_line(list(alike)) for _, alike in groupby(each.packets, key=_alike)]
        if (hidden := len(lines) - _MOST_LINES) > 0:
            lines[_MOST_LINES:] = [f"  and {hidden:,} more lines like these"]
        verdicts = [f"  {name}: {'readable' if seen else 'not found'}" for name, seen in each.found.items()]
        last = each.packets[-1] if each.packets else None
        learned = [f"  {fact.name}: {fact.value}" for fact in knowledge(each, last) if fact.value]
        sections = [f"{each.title}, {each.size:,} bytes", *lines, " What it knows:", *learned]
        parts.append("\n".join([*sections, " What a search of the bytes finds:", *verdicts]))
    return "\n\n".join(parts)


def _alike(packet: Packet) -> tuple[str, str]:
    return packet.message.sender, packet.message.kind


def _line(alike: list[Packet]) -> str:
    sender, kind = _alike(alike[0])
    size = sum(each.message.size for each in alike)
    times = f", {len(alike):,} times" if len(alike) > 1 else ""
    return f"  {alike[0].seconds * 1000:7.1f} ms  {sender} sends {counted(size):>12}  {kind}{times}"


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
