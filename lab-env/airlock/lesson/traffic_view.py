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
from airlock.lesson.anatomy import counted, take_apart
from airlock.lesson.markup import VERBATIM, eyebrow, inline
from airlock.lesson.traffic import Fact, Filter, Packet, Row, Tap
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
        self._columns = (_Column(left), _Column(right))
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
        listing = widgets.VBox([interactive.html(_heads(self._taps, self._columns)), self._list])
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
            self._said.value = _status("No message passes this filter.")
            for part in (self._known, *self._parts):
                part.value = ""
            return
        row, passed = self._rows[at], self._passed[at]
        self._drawn += 1
        self._said.value = _status(_sentence(at, row))
        self._known.value = _panel(*(traffic.knowledge(*pair) for pair in zip(self._taps, passed, strict=True)))
        here = (row.left, row.right)
        for side, part in enumerate(self._parts):
            name = f"al{id(self):x}s{side}n{self._drawn}"
            part.value = _part(self._taps[side], passed[side], here[side] is not None, name)


class _Column:
    """One link's half of a line in the list, in a font of one width; as narrow as its messages allow."""

    def __init__(self, link: Tap) -> None:
        messages = [each.message for each in link.packets]
        last = link.packets[-1].seconds * 1000 if link.packets else 0.0
        self._time = max(5, len(f"{last:.1f}"))
        self._kind = max([7, *(len(each.kind) for each in messages)])
        self._size = max([5, *(len(f"{each.size:,}") for each in messages)])
        self.width = self._time + self._kind + self._size + 4

    def head(self) -> str:
        """What stands over it."""
        return f"{'ms':>{self._time}}   {'message':<{self._kind}} {'bytes':>{self._size}}"

    def cell(self, packet: Packet | None) -> str:
        """A message, or the room for one."""
        if packet is None:
            return " " * self.width
        message = packet.message
        arrow = "→" if message.sender == "client" else "←"
        when = f"{packet.seconds * 1000:{self._time}.1f}"
        return f"{when} {arrow} {message.kind:<{self._kind}} {message.size:>{self._size},}"


def _heads(taps: tuple[Tap, Tap], columns: tuple[_Column, _Column]) -> str:
    names = "".join(
        f"<div><strong>{html.escape(each.title)}</strong><span>{len(each.packets):,} messages, {counted(each.size)}"
        "</span></div>"
        for each in taps
    )
    left, right = columns
    # The letters shrink until both columns fit; a style sheet has to be told how many there are.
    widths = f"--al-left:{left.width + 2}; --al-right:{right.width};"
    size = f"<style>.al-wide-{left.width}-{right.width} {{ {widths} }}</style>"
    return (
        f'{size}<div class="al-heads" {VERBATIM}>{names}</div>'
        f'<pre class="al-columns" aria-hidden="true">{left.head()}  {right.head()}</pre>'
    )


def _sentence(at: int, row: Row) -> str:
    said = [f"Step {at + 1}, {row.seconds * 1000:.1f} ms."]
    for link, packet in (("TLS off", row.left), ("TLS on", row.right)):
        if packet:
            sender, kind, size = packet.message.sender, packet.message.kind, packet.message.size
            said.append(f"{link}: the {sender} sends {kind}, {counted(size)}.")
    return " ".join(said)


def _status(text: str) -> str:
    return f'<div class="al-said" role="status" aria-live="polite" aria-atomic="true">{html.escape(text)}</div>'


def _panel(left: list[Fact], right: list[Fact]) -> str:
    lines = "".join(
        f'<tr><th scope="row">{one.name}</th>{_value(one)}{_value(other)}</tr>'
        for one, other in zip(left, right, strict=True)
    )
    return (
        f'<div class="al-known" {VERBATIM}><table><caption>What the eavesdropper knows so far</caption><thead><tr>'
        '<td></td><th scope="col">TLS off</th><th scope="col">TLS on</th></tr></thead>'
        f"<tbody>{lines}</tbody></table></div>"
    )


def _value(fact: Fact) -> str:
    if not fact.value:
        return '<td class="al-none">–</td>'
    if fact.fresh:
        return f'<td class="al-fresh"><em class="al-new">new</em> {html.escape(fact.value)}</td>'
    return f"<td>{html.escape(fact.value)}</td>"


def _part(link: Tap, packet: Packet | None, here: bool, name: str) -> str:
    head = f"<strong>{html.escape(link.title)}</strong>"
    if packet is None:
        return f'<div class="al-part">{head}<div class="al-note">Nothing has passed yet.</div></div>'
    message = packet.message
    arrow = "client → server" if message.sender == "client" else "server → client"
    when = (
        f"{packet.seconds * 1000:.1f} ms"
        if here
        else f"the last one before this moment, {packet.seconds * 1000:.1f} ms"
    )
    remark = f'<div class="al-note">{html.escape(message.remark)}</div>' if message.remark else ""
    return (
        f'<section class="al-part" aria-label="{html.escape(link.title)}: {html.escape(message.kind)}">'
        f'{head}<div class="al-kind">{html.escape(message.kind)} <small>{message.protocol} · {arrow} · '
        f"{counted(message.size)} · {when}</small></div><div>{html.escape(message.explanation)}</div>{remark}"
        f"{take_apart(message, name)}</section>"
    )
