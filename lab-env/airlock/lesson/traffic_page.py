"""What the side-by-side viewer says and shows, as text and HTML: lines of the list, what is known, one message."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

import ipywidgets as widgets

from airlock.lesson import interactive
from airlock.lesson.anatomy import KEEP_KEYS, counted, take_apart
from airlock.lesson.markup import VERBATIM
from airlock.lesson.spoken import SAID
from airlock.lesson.traffic import Fact, Packet, Row, Tap
from airlock.wire import Message

# JupyterLab takes plain keys in a list: arrows to move between cells, letters for what is done to a cell.
_LIST_KEYS = """(function keep(image, tries) {
  const card = image.closest('.airlock-traffic');
  if (!card) {  // not on the page yet
    if (tries) setTimeout(keep, 100, image, tries - 1);
    return;
  }
  card.addEventListener('keydown', event => {
    const plain = !(event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.key === 'Escape');
    if (plain && event.target.localName === 'select') event.stopPropagation();
  });
})(this, 600);"""


class Column:
    """One link's half of a line in the list, in a font of one width; as narrow as its messages allow.

    ``labels`` are ways to call a message, of which a cell uses one; the width holds for all of them.
    """

    def __init__(self, link: Tap, *labels: Callable[[Message], str]) -> None:
        messages = [each.message for each in link.packets]
        self._labels = labels or (attrgetter("kind"),)
        last = link.packets[-1].seconds * 1000 if link.packets else 0.0
        self._time = max(5, len(f"{last:.1f}"))
        self._kind = max([7, *(len(label(each)) for label in self._labels for each in messages)])
        self._size = max([5, *(len(f"{each.size:,}") for each in messages)])
        self.width = self._time + self._kind + self._size + 4

    def head(self) -> str:
        """What stands over it."""
        return f"{'ms':>{self._time}}   {'message':<{self._kind}} {'bytes':>{self._size}}"

    def cell(self, packet: Packet | None, way: int = 0) -> str:
        """A message, or the room for one; ``way`` counts in ``labels``."""
        if packet is None:
            return " " * self.width
        message = packet.message
        arrow = "→" if message.sender == "client" else "←"
        when = f"{packet.seconds * 1000:{self._time}.1f}"
        return f"{when} {arrow} {self._labels[way](message):<{self._kind}} {message.size:>{self._size},}"


def listed(taps: tuple[Tap, Tap], columns: tuple[Column, Column], lines: Any) -> Any:
    """The list box ``lines`` under the heads of its two columns."""
    box = widgets.VBox([interactive.html(_heads(taps, columns) + interactive.script(_LIST_KEYS)), lines])
    box.add_class("al-list")
    box.add_class("al-wide-{}-{}".format(*(each.width for each in columns)))
    return box


def _heads(taps: tuple[Tap, Tap], columns: tuple[Column, Column]) -> str:
    """What stands over the list: the two links, and what the columns are."""
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


def sentence(sides: Sequence[str], row: Row) -> str:
    """What a screen reader is told of a step; ``sides`` are the links' names."""
    said = []
    for link, packet in zip(sides, (row.left, row.right), strict=True):
        if packet:
            sender, kind, size = packet.message.sender, packet.message.kind, packet.message.size
            said.append(f"{link}: the {sender} sends {kind}, {counted(size)}.")
    return " ".join(said)


def status(text: str) -> str:
    """A line that screen readers say when it changes."""
    return f'<div class="al-said"><span {SAID}>{html.escape(text)}</span></div>'


def panel(caption: str, sides: Sequence[str], left: list[Fact], right: list[Fact]) -> str:
    """What is known of either link, line by line."""
    lines = "".join(
        f'<tr><th scope="row">{one.name}</th>{_value(one)}{_value(other)}</tr>'
        for one, other in zip(left, right, strict=True)
    )
    heads = "".join(f'<th scope="col">{side}</th>' for side in sides)
    return (
        f'<div class="al-known" {VERBATIM}><table><caption>{caption}</caption><thead><tr><td></td>{heads}</tr></thead>'
        f"<tbody>{lines}</tbody></table></div>"
    )


def _value(fact: Fact) -> str:
    if not fact.value:
        return '<td class="al-none">–</td>'
    if fact.fresh:
        return f'<td class="al-fresh"><em class="al-new">new</em> {html.escape(fact.value)}</td>'
    return f"<td>{html.escape(fact.value)}</td>"


def part(link: Tap, packet: Packet | None, here: bool, name: str, inside: str = "") -> str:
    """One message in full. ``here``: it belongs to this very moment; ``name`` is its own on the page.

    ``inside`` is a page of its own about what it held; the bytes as they passed then fold away under it.
    """
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
        f"{counted(message.size)} · {when}</small></div><div>{html.escape(message.explanation)}</div>{remark}{inside}"
        f"{folded('As it passed', take_apart(message, name)) if inside else take_apart(message, name)}</section>"
    )


def folded(summary: str, body: str, unfolded: bool = False) -> str:
    """Something that can be unfolded, also by the keyboard."""
    return (
        f'<details class="al-fold"{" open" if unfolded else ""}><summary {KEEP_KEYS}>{html.escape(summary)}</summary>'
        f"{body}</details>"
    )
