"""A list that is stepped through: played, paused, one step on or back, by the keys or by choosing a line.

Plain ipywidgets. The list is the browser's own list box: it scrolls ten thousand rows without a script of ours and
tells a screen reader what it is. What a step shows is made in the kernel when it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import ipywidgets as widgets

from airlock.lesson import interactive

_PACE = 900  # milliseconds a step: time to read a line
_LINES = 12


class Stepper:
    """The controls and the list. Who builds on it fills the list and draws a step.

    ``label`` says to screen readers what is listed.
    """

    def __init__(self, label: str) -> None:
        self._count = 0
        self._quiet = False
        self._timer = widgets.Play(min=1, value=1, interval=_PACE, show_repeat=False)
        self._step = widgets.BoundedIntText(min=1, value=1, description="Step")
        self._of = interactive.html("")
        self._play = interactive.button("Play", self._toggle, primary=True)
        self._back = interactive.button("Back", lambda: self._move(-1))
        self._forward = interactive.button("Forward", lambda: self._move(1))
        self._list = widgets.Select(description=label, rows=_LINES)
        self._said = interactive.html("")
        self._timer.observe(self._ticked, "value")
        self._timer.observe(self._paused, "playing")
        self._step.observe(lambda change: self._go(change["new"] - 1), "value")
        self._list.observe(self._picked, "index")
        for box, name in ((self._timer, "al-timer"), (self._step, "al-step"), (self._of, "al-of")):
            box.add_class(name)

    def _draw(self, at: int) -> None:
        """Show the step; there may be none at all."""
        raise NotImplementedError

    @property
    def _at(self) -> int:
        return int(self._step.value) - 1

    def _controls(self) -> Any:
        return interactive.row(self._back, self._play, self._forward, self._step, self._of, self._timer)

    def _fill(self, lines: Sequence[str], at: int) -> None:
        """List these lines, and stand at one of them."""
        self._timer.playing = False
        self._count = len(lines)
        with self._silence():
            self._list.options = list(lines)
            self._timer.value = self._step.value = 1
            self._timer.max = self._step.max = max(1, self._count)
        for control in (self._play, self._back, self._forward, self._step):
            control.disabled = not self._count
        self._of.value = f"of {self._count:,} <small>(↑ and ↓ in the field move a step)</small>"
        self._go(at)

    def _go(self, at: int) -> None:
        if self._quiet:
            return
        with self._silence():
            if self._count:
                at = min(max(at, 0), self._count - 1)
                self._step.value = self._timer.value = at + 1
                self._list.index = at
            self._draw(at)

    def _move(self, by: int) -> None:
        self._timer.playing = False
        self._go(self._at + by)

    def _toggle(self) -> None:
        if not self._timer.playing and self._at + 1 == self._count:
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
