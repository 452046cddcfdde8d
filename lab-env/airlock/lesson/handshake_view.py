"""The handshake stepper: the learner's own session in two versions, as anybody saw it and as its keys open it."""

from __future__ import annotations

import html
from functools import partial
from typing import Any

import ipywidgets as widgets

from airlock.lesson import handshake_steps as steps
from airlock.lesson import interactive
from airlock.lesson.handshake_page import opened, sentence
from airlock.lesson.handshake_style import STYLE
from airlock.lesson.markup import VERBATIM, eyebrow
from airlock.lesson.stepper import Stepper
from airlock.lesson.traffic import Tap
from airlock.lesson.traffic_page import Column, listed, panel, part, status
from airlock.lesson.traffic_style import STYLE as LIST_STYLE

_SWITCH = "Open with my session's keys"


class Handshakes(Stepper):
    """Two sessions side by side, the older version on the left.

    Attributes:
        widget: what to show.
    """

    def __init__(self, note: str, left: Tap, right: Tap) -> None:
        super().__init__("Records of both sessions, part by part")
        self._taps = (left, right)
        labels = [partial(steps.label, opened=each) for each in (False, True)]
        self._columns = (Column(left, *labels), Column(right, *labels))
        self._rows = steps.rows(left, right)
        self._passed = steps.moments(self._rows)
        self._phases = [steps.phases(each) for each in self._taps]
        self._keys = widgets.Checkbox(description=_SWITCH, indent=False)
        self._known = interactive.html("")
        self._parts = (interactive.html(""), interactive.html(""))
        self._drawn = 0
        self._keys.observe(lambda _: self._refill(self._at), "value")
        self.widget = self._build(note)
        self._refill(0)

    def _build(self, note: str) -> Any:
        title = f"{eyebrow('THE HANDSHAKE')}<div {VERBATIM}>{html.escape(note)}</div>"
        parts = widgets.HBox(list(self._parts))
        parts.add_class("al-parts")
        self._keys.add_class("al-keys")
        style = interactive.html(LIST_STYLE + STYLE)
        style.add_class("airlock-style")
        card = interactive.card(
            interactive.html(title),
            interactive.row(self._controls(), self._keys),
            listed(self._taps, self._columns, self._list),
            self._said,
            self._known,
            parts,
            style,
        )
        card.add_class("airlock-traffic")
        card.add_class("airlock-handshake")
        return card

    @property
    def _titles(self) -> tuple[str, str]:
        return self._taps[0].title, self._taps[1].title

    def _refill(self, at: int) -> None:
        (ours, theirs), way = self._columns, int(self._keys.value)
        self._fill([f"{ours.cell(row.left, way)}│ {theirs.cell(row.right, way)}" for row in self._rows], at)

    def _draw(self, at: int) -> None:
        if not self._rows:
            return
        keys, row, passed = self._keys.value, self._rows[at], self._passed[at]
        before = self._passed[at - 1] if at else (None, None)
        here = (row.left, row.right)
        phase = next(its[each.number] for each, its in zip(here, self._phases, strict=True) if each)
        self._drawn += 1
        self._said.value = status(sentence(at, phase, self._titles, row, keys))
        facts = (steps.agreed(*each, keys) for each in zip(self._taps, passed, before, strict=True))
        who = "you know, with your session's keys" if keys else "anybody on the link can see"
        self._known.value = panel(f"Agreed so far: what {who}", self._titles, *facts)
        for side, place in enumerate(self._parts):
            name = f"al{id(self):x}s{side}n{self._drawn}"
            packet = passed[side]
            inside = opened(packet.message, f"{name}o") if packet and keys else ""
            place.value = part(self._taps[side], packet, here[side] is not None, name, inside)
