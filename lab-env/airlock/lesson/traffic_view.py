"""The side-by-side viewer: two links in one list, a message of each taken apart, and what is known so far.

Plain ipywidgets. The list is the browser's own list box: it scrolls ten thousand rows without a script of ours and
tells a screen reader what it is. What a step shows is made in the kernel when it is asked for.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ipywidgets as widgets

from airlock.lesson import interactive, traffic
from airlock.lesson.markup import VERBATIM, eyebrow, inline
from airlock.lesson.traffic import Filter, Packet, Row, Tap
from airlock.lesson.traffic_page import Column, heads, panel, part, sentence, status
from airlock.lesson.traffic_style import STYLE

_PACE = 900  # milliseconds a step: time to read a line
_LINES = 12
_EITHER, _ANY = "both directions", "every kind"
_DIRECTIONS = {_EITHER: "", "client → server": "client", "server → client": "server"}


class Viewer:
    """Two taps side by side.

    Attributes:
        widget: what to show.
    """

    def __init__(self, query: str, note: str, left: Tap, right: Tap) -> None:
        self._taps = (left, right)
        self._columns = (Column(left), Column(right))
        self._rows: list[Row] = []
        self._passed: list[tuple[Packet | None, Packet | None]] = []
        self._quiet = False
        self._drawn = 0

        self._timer = widgets.Play(min=1, value=1, interval=_PACE, show_repeat=False)
        self._step = widgets.BoundedIntText(min=1, value=1, description="Step")
        self._of = interactive.html("")
        self._play = interactive.button("Play", self._toggle, primary=True)
        self._back = interactive.button("Back", lambda: self._move(-1))
        self._forward = interactive.button("Forward", lambda: self._move(1))
        self._direction = widgets.Dropdown(options=list(_DIRECTIONS), description="Show")
        self._kind = widgets.Dropdown(options=[_ANY, *traffic.kinds(left, right)], description="Kind")
        self._text = widgets.Text(
            description="Find", placeholder="in names and bytes, then Enter", continuous_update=False
        )
        self._list = widgets.Select(description="Messages of both links by time", rows=_LINES)
        self._said = interactive.html("")
        self._known = interactive.html("")
        self._parts = (interactive.html(""), interactive.html(""))

        self._timer.observe(self._ticked, "value")
        self._timer.observe(self._paused, "playing")
        self._step.observe(lambda change: self._go(change["new"] - 1), "value")
        self._list.observe(self._picked, "index")
        for control in (self._direction, self._kind, self._text):
            control.observe(lambda _: self._refill(), "value")
        self.widget = self._build(query, note)
        self._refill()

    def _build(self, query: str, note: str) -> Any:
        title = f"{eyebrow('ON THE WIRE')}<div {VERBATIM}>{inline(f'`{query}`')} {html.escape(note)}</div>"
        self._timer.add_class("al-timer")
        listing = widgets.VBox([interactive.html(heads(self._taps, self._columns)), self._list])
        parts = widgets.HBox(list(self._parts))
        for box, name in ((listing, "al-list"), (parts, "al-parts"), (self._step, "al-step"), (self._of, "al-of")):
            box.add_class(name)
        listing.add_class("al-wide-{}-{}".format(*(each.width for each in self._columns)))
        style = interactive.html(STYLE)
        style.add_class("airlock-style")
        card = interactive.card(
            interactive.html(title),
            interactive.row(self._back, self._play, self._forward, self._step, self._of, self._timer),
            interactive.row(self._direction, self._kind, self._text),
            listing,
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
        self._timer.playing = False
        self._rows = traffic.rows(*self._taps, wanted)
        self._passed = traffic.moments(self._rows, *self._taps)
        at = next((i for i, row in enumerate(self._rows) if row.seconds >= now), max(0, len(self._rows) - 1))
        ours, theirs = self._columns
        with self._silence():
            self._list.options = [f"{ours.cell(row.left)}│ {theirs.cell(row.right)}" for row in self._rows]
            self._timer.value = self._step.value = 1
            self._timer.max = self._step.max = max(1, len(self._rows))
        for control in (self._play, self._back, self._forward, self._step):
            control.disabled = not self._rows
        self._of.value = f"of {len(self._rows):,} <small>(↑ and ↓ in the field move a step)</small>"
        self._go(at)

    @property
    def _at(self) -> int:
        return int(self._step.value) - 1

    def _go(self, at: int) -> None:
        if self._quiet:
            return
        with self._silence():
            if self._rows:
                at = min(max(at, 0), len(self._rows) - 1)
                self._step.value = self._timer.value = at + 1
                self._list.index = at
            self._draw(at)

    def _move(self, by: int) -> None:
        self._timer.playing = False
        self._go(self._at + by)

    def _toggle(self) -> None:
        if not self._timer.playing and self._at + 1 == len(self._rows):
            self._go(0)
        self._timer.playing = not self._timer.playing

    def _ticked(self, change: dict[str, Any]) -> None:
        self._go(change["new"] - 1)

    def _picked(self, change: dict[str, Any]) -> None:
        if change["new"] is not None and not self._quiet:
            self._timer.playing = False
            self._go(change["new"])

    def _paused(self, change: dict[str, Any]) -> None:
        self._play.description = self._play.tooltip = "Pause" if change["new"] else "Play"

    @contextmanager
    def _silence(self) -> Iterator[None]:
        # Moving one control moves the others, and none of that is a learner's choice.
        before, self._quiet = self._quiet, True
        try:
            yield
        finally:
            self._quiet = before

    def _draw(self, at: int) -> None:
        if not self._rows:
            self._said.value = status("No message passes this filter.")
            for place in (self._known, *self._parts):
                place.value = ""
            return
        row, passed = self._rows[at], self._passed[at]
        before = self._passed[at - 1] if at else (None, None)
        self._drawn += 1
        self._said.value = status(sentence(at, row))
        self._known.value = panel(*map(traffic.knowledge, self._taps, passed, before))
        here = (row.left, row.right)
        for side, place in enumerate(self._parts):
            name = f"al{id(self):x}s{side}n{self._drawn}"
            place.value = part(self._taps[side], passed[side], here[side] is not None, name)
