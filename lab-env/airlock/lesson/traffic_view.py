"""The side-by-side viewer: two links in one list, a message of each taken apart, and what is known so far."""

from __future__ import annotations

import html
from typing import Any

import ipywidgets as widgets

from airlock.lesson import interactive, traffic
from airlock.lesson.markup import VERBATIM, eyebrow, inline
from airlock.lesson.stepper import Stepper
from airlock.lesson.traffic import Filter, Packet, Row, Tap
from airlock.lesson.traffic_page import Column, listed, panel, part, sentence, status
from airlock.lesson.traffic_style import STYLE

_EITHER, _ANY = "both directions", "every kind"
_DIRECTIONS = {_EITHER: "", "client → server": "client", "server → client": "server"}
_SIDES = ("TLS off", "TLS on")


class Viewer(Stepper):
    """Two taps side by side.

    Attributes:
        widget: what to show.
    """

    def __init__(self, query: str, note: str, left: Tap, right: Tap) -> None:
        super().__init__("Messages of both links by time")
        self._taps = (left, right)
        self._columns = (Column(left), Column(right))
        self._rows: list[Row] = []
        self._passed: list[tuple[Packet | None, Packet | None]] = []
        self._drawn = 0

        self._direction = widgets.Dropdown(options=list(_DIRECTIONS), description="Show")
        self._kind = widgets.Dropdown(options=[_ANY, *traffic.kinds(left, right)], description="Kind")
        self._text = widgets.Text(description="Find", placeholder="name or bytes, then Enter", continuous_update=False)
        self._known = interactive.html("")
        self._parts = (interactive.html(""), interactive.html(""))

        for control in (self._direction, self._kind, self._text):
            control.observe(lambda _: self._refill(), "value")
        self.widget = self._build(query, note)
        self._refill()

    def _build(self, query: str, note: str) -> Any:
        title = f"{eyebrow('ON THE WIRE')}<div {VERBATIM}>{inline(f'`{query}`')} {html.escape(note)}</div>"
        parts = widgets.HBox(list(self._parts))
        parts.add_class("al-parts")
        style = interactive.html(STYLE)
        style.add_class("airlock-style")
        card = interactive.card(
            interactive.html(title),
            self._controls(),
            interactive.row(self._direction, self._kind, self._text),
            listed(self._taps, self._columns, self._list),
            self._said,
            self._known,
            parts,
            style,
        )
        card.add_class("airlock-traffic")
        return card

    def _refill(self) -> None:
        """Fill the list with what the filter lets through; stay near the moment that was shown."""
        now = self._rows[self._at].seconds if self._rows else 0.0
        wanted = Filter(
            _DIRECTIONS[self._direction.value], "" if self._kind.value == _ANY else self._kind.value, self._text.value
        )
        self._rows = traffic.rows(*self._taps, wanted)
        self._passed = traffic.moments(self._rows, *self._taps)
        at = next((i for i, row in enumerate(self._rows) if row.seconds >= now), max(0, len(self._rows) - 1))
        ours, theirs = self._columns
        self._fill([f"{ours.cell(row.left)}│ {theirs.cell(row.right)}" for row in self._rows], at)

    def _draw(self, at: int) -> None:
        if not self._rows:
            self._said.value = status("No message passes this filter.")
            for place in (self._known, *self._parts):
                place.value = ""
            return
        row, passed = self._rows[at], self._passed[at]
        before = self._passed[at - 1] if at else (None, None)
        self._drawn += 1
        self._said.value = status(f"Step {at + 1}, {row.seconds * 1000:.1f} ms. {sentence(_SIDES, row)}")
        facts = map(traffic.knowledge, self._taps, passed, before)
        self._known.value = panel("What the eavesdropper knows so far", _SIDES, *facts)
        here = (row.left, row.right)
        for side, place in enumerate(self._parts):
            name = f"al{id(self):x}s{side}n{self._drawn}"
            place.value = part(self._taps[side], passed[side], here[side] is not None, name)
