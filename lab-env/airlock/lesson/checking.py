"""``check("1.3")`` and ``hints("1.3")``: what a learner runs under a task."""

from __future__ import annotations

import html
import io
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any

from airlock.checks import catalogue
from airlock.checks.catalogue import Check
from airlock.checks.report import Outcome, Report, lab_down
from airlock.lab import View
from airlock.lab.sitting import SEEN, Sitting
from airlock.lesson import progress, report_view, spoken
from airlock.lesson.errors import LessonError, NotEarned
from airlock.lesson.markup import INK, LINK, MUTED, badge, card, inline, plain, rows
from airlock.lesson.show import live, shell
from airlock.lesson.world import LocalWorld


def check(task: str) -> float | None:
    """Judge a task, show the report, and return the points earned; in a learner's notebook the report says them.

    In an exam nothing of it is shown or returned.

    Args:
        task: the task's id, e.g. ``"1.3"``.

    Raises:
        NotEarned: nothing was earned; printed as one line below the report.
        LessonError: there is no such task.
    """
    found = _find(task)
    exam = Sitting.here()
    if exam and exam.running:
        _recorded(found, exam)
        return None
    waiting = f'<span style="color:{MUTED}">Checking {html.escape(found.task)} {html.escape(found.title)} …</span>'
    slot = spoken.slot(waiting)
    report = _judged(found, LocalWorld(_variables(), View.current))
    slot.replace(report_view.to_html(report), report_view.to_text(report))
    if exam is None:
        progress.current().record_check(report)
    if report.earned == 0 and report.points > 0:
        raise NotEarned(f"Task {task}: {report_view.sentence(report)}")
    # nbgrader, which says in both its ways to run a notebook that it does, takes the cell's last number for the points.
    return None if live() else report.earned


def hints(task: str, upto: int = 0) -> None:
    """Show the three hints of a task, each folded inside the one before.

    Args:
        task: the task's id.
        upto: open the first ``upto`` hints (1 to 3) at once.

    Raises:
        LessonError: there is no such task, or no such hint.
    """
    found = _find(task)
    exam = Sitting.here()
    if exam and exam.running:
        raise LessonError(f"There are no hints in an exam. {exam.left_in_words().capitalize()}.")
    if upto not in range(4):
        raise LessonError(f"There are three hints: hints({task!r}, 1) to hints({task!r}, 3).")
    folded = ""
    for number in (3, 2, 1):
        folded = _folded(number, found.hints[number - 1], folded, is_open=number <= upto)
    opened = [f"Hint {number}: {plain(found.hints[number - 1])}" for number in range(1, upto + 1)]
    closed = [f'{3 - upto} more: hints("{task}", {upto + 1}) shows the next.'] if upto < 3 else []
    text = "\n".join([f"Hints for {task} {found.title}", *opened, *closed])
    spoken.slot().replace(card(folded, label=f"Hints for task {task}"), text)


def _recorded(found: Check, exam: Sitting) -> None:
    """Say only what is no help with the answer: that there is one to be graded, or why there is none."""
    slot = spoken.slot()
    report = _judged(found, LocalWorld(_variables(), View.current))
    if report.outcome is Outcome.LAB_DOWN:
        slot.replace(report_view.to_html(report), report_view.to_text(report))
        return
    there = report.outcome is not Outcome.NOT_ATTEMPTED
    if there:
        exam = exam.note(SEEN, task=found.task)
    said = "Your answer was seen. It is judged when the exam is graded." if there else report.saw
    left = f"{exam.left_in_words().capitalize()}, {exam.seen_in_words()} so far."
    word = "Recorded" if there else "Nothing recorded"
    title = f"<strong>{html.escape(f'{found.task} {found.title}')}</strong>"
    body = f"{badge(word, 'plain')} {title}{rows([('Exam', inline(said)), ('Time', html.escape(left))])}"
    text = f"[{word.upper()}]  {found.task}  {found.title}\n{plain(said)}\n{left}"
    slot.replace(card(body, label=f"Exam: {word}"), text)


def _find(task: str) -> Check:
    try:
        return catalogue.find(task)
    except KeyError as unknown:
        sentence = str(unknown.args[0])
        raise LessonError(sentence[:1].upper() + sentence[1:] + ".") from None


def _judged(found: Check, world: LocalWorld) -> Report:
    with _quiet():
        try:
            return found.run(world)
        except Exception as error:  # a fault of ours or of a service; the learner is told so, without a traceback
            what = f"The check itself stopped: {type(error).__name__}: {error}"
            return lab_down(what, "./airlock doctor").labelled(found.task, found.title, found.points)


def _variables() -> Mapping[str, Any]:
    current = shell()
    if current:
        variables: Mapping[str, Any] = current.user_ns
        return variables
    import __main__

    return vars(__main__)


@contextmanager
def _quiet() -> Iterator[None]:
    # nbgrader gives a graded cell nothing when anything reaches standard error, and Airflow writes there often.
    noise = io.StringIO()
    level = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with redirect_stderr(noise), redirect_stdout(noise):
            yield
    finally:
        logging.disable(level)


def _folded(number: int, text: str, inner: str, is_open: bool) -> str:
    state = " open" if is_open else ""
    more = f'<div style="margin-top:6px">{inner}</div>' if inner else ""
    return (
        f'<details{state}><summary style="cursor:pointer;color:{LINK}">Hint {number} of 3</summary>'
        f'<div style="margin:4px 0 0 1em;color:{INK}">{inline(text)}{more}</div></details>'
    )
