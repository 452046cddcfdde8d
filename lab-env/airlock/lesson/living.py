"""A cell's output that stays true while it is on the page: drawn again whenever the learner's progress has changed.

Another notebook's kernel changes the progress; what tells this one is the file's time. Looking costs next to nothing,
and nothing is drawn that would look the same, so a page that is being read neither flickers nor loses the focus.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date

from airlock.lesson import progress
from airlock.lesson.show import Slot, shell, show

_PAUSE = 2.0  # seconds between two looks

Draw = Callable[[], tuple[str, str]]
"""What to show now, as HTML and as text."""

_keeping: asyncio.Task[None] | None = None


def show_living(draw: Draw) -> None:
    """Show what ``draw`` gives, and keep it up to date in a notebook: until the next call, or the kernel's end."""
    global _keeping
    if _keeping:
        _keeping.cancel()
        _keeping = None
    seen = _stamp()  # before it is drawn: what changes meanwhile is not missed
    html, text = draw()
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        loop = None
    if loop is None or not shell():
        show(html, text)
        return
    _keeping = loop.create_task(_keep(Slot(html, text), draw, html, seen))


async def _keep(slot: Slot, draw: Draw, shown: str, seen: object) -> None:
    while True:
        await asyncio.sleep(_PAUSE)
        if (now := _stamp()) == seen:
            continue
        seen = now
        html, text = draw()
        if html != shown:
            slot.replace(html, text)
            shown = html


def _stamp() -> tuple[int, date]:
    """When the progress was last changed, and the day: cards become due."""
    file = progress.current().file
    try:
        changed = file.stat().st_mtime_ns if file else 0
    except FileNotFoundError:
        changed = 0
    return changed, date.today()
