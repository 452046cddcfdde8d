"""The matrix as a card: predict by clicking, run it, see both side by side.

Plain ipywidgets around one HTML widget, the grid: 63 buttons would be 63 stops of the Tab key, and no grid to a
screen reader. The grid's script (`matrix_grid.js`) tells the kernel what the learner does.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from airlock.lesson import interactive, matrix_page, progress
from airlock.lesson.errors import LessonError
from airlock.lesson.markup import VERBATIM, eyebrow, inline
from airlock.lesson.matrix_board import Board, Cell, counted
from airlock.lesson.matrix_style import STYLE
from airlock.lesson.spoken import SAID
from airlock.wire.matrix import Outcome, Result

_SCRIPT = (Path(__file__).parent / "matrix_grid.js").read_text(encoding="utf-8")
_OUTCOMES: dict[str, Outcome] = {letter: outcome for outcome, letter in matrix_page.LETTERS.items()}
_PAUSE = 0.1  # seconds between two drawings while it runs

Runner = Callable[[Board, Callable[[Result], None]], None]


class MatrixView:
    """The card of a board.

    Attributes:
        widget: what to show.
    """

    def __init__(self, board: Board, run: Runner, results: dict[tuple[str, str], Result]) -> None:
        """``run`` performs the experiments and tells each result; ``results`` are those of this kernel already."""
        self._board, self._run, self._results = board, run, results
        self._at = 0
        self._running: threading.Thread | None = None
        self._lock = threading.Lock()
        self._drawn = 0.0

        self._grid = interactive.html("")
        self._bridge = widgets.Text(continuous_update=False)
        self._bridge.add_class("al-bridge")
        self._bridge.observe(self._told, "value")
        self._button = interactive.button("", self.start, primary=True)
        # The browser copies, not the kernel: the grid's script listens to this one.
        self._copy = interactive.button("Copy my predictions", lambda: None)
        self._copy.add_class("al-copy")
        self._bar = interactive.html("")
        self._said = interactive.html("")
        self._detail = interactive.html("")
        self._reasons = interactive.html("")
        self.widget = self._build()
        self._settle()

    def start(self) -> None:
        """Run every cell, in the background. Does nothing while a run is on."""
        if self._is_running:
            return
        self._results.clear()
        self._button.description = self._button.tooltip = "Running …"
        self._say("Running: the attacker is at work.")
        self._running = threading.Thread(target=self._experiment, name="matrix", daemon=True)
        self._running.start()

    @property
    def _is_running(self) -> bool:
        return bool(self._running and self._running.is_alive())

    def wait(self) -> None:
        """Until no run is on."""
        if self._running:
            self._running.join()

    def _build(self) -> Any:
        live = '<div class="al-live" role="status" aria-live="polite"></div>'
        style = interactive.html(STYLE)
        style.add_class("airlock-style")
        run = interactive.row(self._button, self._copy, self._bar, self._said)
        run.add_class("al-run")
        card = interactive.card(
            interactive.html(f"{eyebrow('THE MATRIX')}<div {VERBATIM}>{matrix_page.intro(self._board)}</div>"),
            self._grid,
            run,
            interactive.html(matrix_page.TABLE),
            self._detail,
            self._reasons,
            self._bridge,
            interactive.html(live + interactive.script(_SCRIPT)),
            style,
        )
        card.add_class("airlock-matrix")
        return card

    def _experiment(self) -> None:
        begin = time.monotonic()
        self._draw()
        try:
            self._run(self._board, self._observed)
        except LessonError as error:
            said = str(error)
        except Exception as error:  # whatever it is, a thread would keep it to itself
            said = f"The run stopped: {error!r}. What was observed until then stands."
        else:
            seconds = time.monotonic() - begin
            said = f"{len(self._results)} experiments in {seconds:.1f} s. {counted(self._cells())}"
        self._settle()
        self._say(said)

    def _observed(self, result: Result) -> None:
        """One result, from one of several threads."""
        with self._lock:
            self._results[result.client, result.situation] = result
            if time.monotonic() - self._drawn > _PAUSE:
                self._draw()

    def _told(self, change: dict[str, Any]) -> None:
        """What the learner did, as the grid's script tells it."""
        try:
            message = json.loads(change["new"])
            at, letters = int(message["at"]), {int(n): _OUTCOMES.get(each) for n, each in message["cells"].items()}
            places = self._board.places
            answers = {self._board.name(*places[n]): outcome for n, outcome in letters.items()}
            self._at = at if 0 <= at < len(places) else self._at
        except (ValueError, KeyError, TypeError, IndexError, AttributeError):
            return  # not the script's words
        before = self._cells()
        progress.current().predict_cells(self._board.key, answers)
        cells = self._cells()
        if cells != before and not self._is_running:
            self._grid.value = matrix_page.grid(self._board, cells)
            self._say(counted(cells), spoken=False)
        self._show(cells)

    def _cells(self) -> list[Cell]:
        return self._board.cells(progress.current().matrix(self._board.key))

    def _draw(self) -> None:
        """The grid and the bar, while it runs."""
        self._drawn = time.monotonic()
        done, number = len(self._results), len(self._board.places)
        self._grid.value = matrix_page.grid(self._board, self._cells(), done=self._results)
        self._bar.value = (
            f'<progress aria-label="experiments done" max="{number}" value="{done}"></progress> {done} of {number}'
        )

    def _settle(self) -> None:
        """Everything, when no run is on."""
        cells = self._cells()
        self._grid.value = matrix_page.grid(self._board, cells)
        again = any(cell.observed for cell in cells)
        label = "Run again" if again else f"Run {len(cells)} experiments"
        self._button.description = self._button.tooltip = label
        self._bar.value = ""
        self._say(counted(cells), spoken=False)
        self._reasons.value = matrix_page.reasons(cells)
        self._show(cells)

    def _show(self, cells: list[Cell] | None = None) -> None:
        cell = (cells or self._cells())[self._at]
        self._detail.value = matrix_page.detail(cell, self._results.get((cell.client, cell.situation)))

    def _say(self, text: str, spoken: bool = True) -> None:
        """A line beside the button; where it is not ``spoken``, screen readers find it, but are not told."""
        self._said.value = f"<div {SAID if spoken else ''}>{inline(text)}</div>"
