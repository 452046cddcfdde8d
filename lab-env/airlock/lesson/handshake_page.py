"""What the handshake stepper shows of one step, as HTML: an encrypted record opened, and how that was done."""

from __future__ import annotations

import html

from airlock.lesson.anatomy import counted, take_apart
from airlock.lesson.handshake_steps import PHASES, held
from airlock.lesson.traffic import Packet, Row
from airlock.lesson.traffic_page import folded
from airlock.wire import Message, Opening

_MOST = 6


def how(opening: Opening) -> list[tuple[str, str]]:
    """How a record was opened: what each step is called, and what it gave."""
    padding = f", {counted(opening.padding)} of padding" if opening.padding else ""
    cipher = opening.cipher.replace("_", "-")
    return [
        *(_older(opening) if opening.secret == "CLIENT_RANDOM" else _modern(opening)),
        ("Number", f"{opening.sequence}: counted by both sides, never sent"),
        ("Nonce", _nonce(opening)),
        ("Opened", f"{cipher}; the tag fits. It covers what is not encrypted, too: {opening.additional.hex()}"),
        ("Held", f"{opening.content_type}, {counted(len(opening.content))}{padding}"),
    ]


def _older(opening: Opening) -> list[tuple[str, str]]:
    return [
        ("Secret", "CLIENT_RANDOM, the master secret: a line of your session's key log"),
        (
            "Derived",
            f'PRF(secret, "key expansion" + both randoms) gives the key ({_begin(opening.key)}) and the part of the '
            f"nonce that stays the same ({_begin(opening.iv)})",
        ),
    ]


def _modern(opening: Opening) -> list[tuple[str, str]]:
    changed = f"; then {opening.updates} × KeyUpdate" if opening.updates else ""
    return [
        ("Secret", f"{opening.secret}, a line of your session's key log{changed}"),
        (
            "Derived",
            f'HKDF-Expand-Label(secret, "key") gives the key ({_begin(opening.key)}), the same with "iv" '
            f"the iv ({_begin(opening.iv)})",
        ),
    ]


def _nonce(opening: Opening) -> str:
    if len(opening.iv) == len(opening.nonce):
        return f"iv XOR number = {opening.nonce.hex()}"
    sent = len(opening.nonce) - len(opening.iv)
    return f"that part, then the {sent} bytes that this record carries = {opening.nonce.hex()}"


def opened(message: Message, name: str) -> str:
    """What was in a record, for `airlock.lesson.traffic_page.part`; empty when it was not opened."""
    if message.opening is None:
        return ""
    head = f"Opened with your session's keys: {html.escape(held(message))}"
    steps = "".join(f"<dt>{term}</dt><dd>{html.escape(text)}</dd>" for term, text in how(message.opening))
    pages = [_page(each, f"{name}i{number}", number == 0) for number, each in enumerate(message.inside)]
    if not pages:
        pages = ['<div class="al-note">The message it belongs to goes on in the next record.</div>']
    if more := pages[_MOST:]:
        pages[_MOST:] = [folded(f"{len(more)} more", "".join(more))]
    return (
        f'<div class="al-opened"><div class="al-kind">{head}</div>'
        f"{folded('How it was opened', f'<dl>{steps}</dl>')}{''.join(pages)}</div>"
    )


def _page(message: Message, name: str, unfolded: bool) -> str:
    body = f"<div>{html.escape(message.explanation)}</div>{take_apart(message, name)}"
    return folded(f"{message.kind}, {counted(message.size)}", body, unfolded)


def sentence(at: int, phase: int, titles: tuple[str, str], row: Row, keys: bool) -> str:
    """What a screen reader is told of a step."""
    said = [f"Step {at + 1}, {PHASES[phase]}."]
    for title, packet in zip(titles, (row.left, row.right), strict=True):
        if packet:
            said.append(f"{title}: the {packet.message.sender} sends {_named(packet, keys)}.")
    return " ".join(said)


def _named(packet: Packet, keys: bool) -> str:
    message = packet.message
    inside = f", which held {held(message)}" if keys and message.opening else ""
    return f"{message.kind}, {counted(message.size)}{inside}"


def _begin(data: bytes) -> str:
    """A key's length and first bytes: enough to tell two apart, too little to use."""
    return f"{counted(len(data))}, {data[:3].hex()}…"
