"""What the side-by-side viewer says and shows, as text and HTML: lines of the list, what is known, one message."""

from __future__ import annotations

import html

from airlock.lesson.anatomy import counted, take_apart
from airlock.lesson.markup import VERBATIM
from airlock.lesson.traffic import Fact, Packet, Row, Tap


class Column:
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


def heads(taps: tuple[Tap, Tap], columns: tuple[Column, Column]) -> str:
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


def sentence(at: int, row: Row) -> str:
    """What a screen reader is told of a step."""
    said = [f"Step {at + 1}, {row.seconds * 1000:.1f} ms."]
    for link, packet in (("TLS off", row.left), ("TLS on", row.right)):
        if packet:
            sender, kind, size = packet.message.sender, packet.message.kind, packet.message.size
            said.append(f"{link}: the {sender} sends {kind}, {counted(size)}.")
    return " ".join(said)


def status(text: str) -> str:
    """A line that screen readers say when it changes."""
    return f'<div class="al-said" role="status" aria-live="polite" aria-atomic="true">{html.escape(text)}</div>'


def panel(left: list[Fact], right: list[Fact]) -> str:
    """What is known of either link, line by line."""
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


def part(link: Tap, packet: Packet | None, here: bool, name: str) -> str:
    """One message in full. ``here``: it belongs to this very moment; ``name`` is its own on the page."""
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
