"""``matrix()``: every client setting against every attacker — predicted by the learner, then run in the lab.

Predictions and observations are kept in the progress store, cell by cell. What was observed once can be run again,
but not predicted any more. Being right is never graded.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence

from airlock.lab import View
from airlock.lesson import matrix_page, progress
from airlock.lesson.errors import lab_needed
from airlock.lesson.matrix_board import KEY, Board
from airlock.lesson.show import live, show, show_widget
from airlock.lesson.wiretap import as_page
from airlock.wire.explain import gained
from airlock.wire.matrix import CLIENTS, CORE, Authentication, Result, ServerRule


def matrix(
    rule: ServerRule = "host",
    authentication: Authentication = "scram",
    clients: Sequence[str] = tuple(CLIENTS),
    situations: Sequence[str] = CORE,
    key: str = KEY,
    predict: Mapping[str, Mapping[str, str]] | str | None = None,
    run: bool | None = None,
) -> None:
    """Show the matrix: predict its cells, run it, compare.

    Args:
        rule: whether the server takes connections in clear (``host``) or demands TLS (``hostssl``).
        authentication: how the server asks for the password: ``scram``, ``md5`` or ``password``.
        clients, situations: rows and columns, of `airlock.wire.matrix`.
        key: the matrix's id among the predictions. Boards of one id share what they know.
        predict: predictions from code, e.g. ``{"require": {"downgrade": "refused"}}``, or as a table with the
            situations in its head; ``?`` is a cell left open.
        run: run it at once. Left out: only where there is no button to press, as in grading.

    Raises:
        LessonError: a name or an outcome that the matrix does not have.
        LessonLabDown: it was to run at once, and a service does not answer.
    """
    board = Board(key, rule, authentication, tuple(clients), tuple(situations))
    progress.current().predict_cells(key, board.answers(predict or {}))
    results: dict[tuple[str, str], Result] = {}
    if run or (run is None and not live()):
        perform(board, lambda result: results.update({(result.client, result.situation): result}))
    text = matrix_page.as_text(board, board.cells(progress.current().matrix(key)))
    if live():
        from airlock.lesson.matrix_view import MatrixView

        show_widget(MatrixView(board, perform, results).widget, text)
    else:
        show(as_page(text, "The matrix"), text)


def perform(board: Board, tell: Callable[[Result], None]) -> None:
    """Run every cell of a board in the lab. Each result is kept in the progress store, then told, one at a time.

    Raises:
        LessonLabDown: a service does not answer.
    """
    from airlock.lab.experiments import run

    store = progress.current()
    one_at_a_time = threading.Lock()

    def keep(result: Result) -> None:
        with one_at_a_time:
            name = board.name(result.client, result.situation)
            store.record_cell(board.key, name, result.outcome, result.error, gained(result.outcome, result.loot))
            tell(result)

    with lab_needed():
        server = (board.rule, board.authentication)
        run(View.current(), [server], clients=board.clients, situations=board.situations, progress=keep)
    store.visit("watch")
