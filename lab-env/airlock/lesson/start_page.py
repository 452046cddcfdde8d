"""The start page ``start.ipynb``: the lessons, the nine ways through them, and where this learner stands.

The page is one cell with its output already in place, signed so that JupyterLab trusts it; running the cell
renders it anew, and has it follow what the learner does elsewhere.
"""

from __future__ import annotations

import html
from pathlib import Path

from airlock import paths
from airlock.lesson.living import show_living
from airlock.lesson.markup import INK, SANS, VERBATIM, badge, card, eyebrow, inline, link, muted, table
from airlock.lesson.page import code, prose, write_page
from airlock.lesson.syllabus import Lesson, Repair, Standing, standings
from airlock.lesson.ways import sitting, ways

_SOURCE = "from airlock.lesson import start\n\nstart()"
_AGAIN = "To bring this page up to date, click it and press Ctrl+Enter. While it is open, it then stays so by itself."
_TITLE = (
    "# Airlock\n\n**Connection encryption in Apache Airflow, hands on.** "
    "Six lessons in a real lab that runs on this machine. You observe, change and prove: nothing is taken on trust."
)


def start() -> None:
    """Show the start page, as things are now, and keep it so while it is open."""

    def draw() -> tuple[str, str]:
        page = _Page(paths.work_dir())
        return page.html(), page.text()

    show_living(draw)


def build_start_page(work: Path) -> Path:
    """Write ``start.ipynb`` into the learner's work folder, rendered and trusted; returns its path."""
    page = _Page(work)
    return write_page(work, "start", prose("title", _TITLE), code("start", _SOURCE, (page.html(), page.text())))


class _Page:
    """Everything the page says, read once."""

    def __init__(self, work: Path) -> None:
        self.work = work
        self.lessons = standings(work)
        self.found = [(lesson, where) for lesson, where in self.lessons if lesson.notebook]

    def html(self) -> str:
        """The page."""
        heads = ("", "Lesson", "Level", "Tasks", "Exercises", "Cards")
        parts = [
            card(eyebrow("NEXT") + self._next(), label="What to do next"),
            _heading("Six lessons"),
            _sliding(table(heads, [_row(lesson, where) for lesson, where in self.lessons])),
            _heading("Nine ways through them"),
            _sliding(table(("Way", "What you do", "Where"), [way.row() for way in ways(self.work, self.found)])),
            f'<p style="margin:10px 0 0">{self._kept()}{muted(_AGAIN)}</p>',
        ]
        style = f"max-width:880px;color:{INK};font-family:{SANS};font-size:14px;line-height:1.5"
        return f'<div {VERBATIM} style="{style}">{"".join(parts)}</div>'

    def text(self) -> str:
        """The same for a terminal, shorter."""
        lines = [
            f"{lesson.number}  {lesson.title}: {where.passed} of {len(lesson.tasks)} tasks, "
            f"{where.repaired} of {len(lesson.exercises)} exercises, {where.due} cards due"
            if lesson.notebook
            else f"{lesson.number}  {lesson.title}: not in this release"
            for lesson, where in self.lessons
        ]
        return "\n".join(lines)

    def _kept(self) -> str:
        if not self._page("progress"):
            return ""
        return f"{link('progress.ipynb', 'Your progress')}: take it along, bring it back. "

    def _next(self) -> str:
        return sitting(self.work) or self._task() or self._exercise() or self._cards() or self._exam()

    def _task(self) -> str:
        for lesson, where in self.found:
            lead = link(str(lesson.notebook), f"lesson {lesson.number}: {lesson.title}")
            if where.next_task and not where.begun:
                first = f" New here? {link('overview.ipynb', 'The whole course on one page')} comes before it."
                return f"Begin {lead}.{first if lesson.number == 1 and self._page('overview') else ''}{self._also()}"
            if where.next_task:
                task = html.escape(f"Task {where.next_task.task}: {where.next_task.title}")
                return f"{task}, in {lead}.{self._also()}"
        return ""

    def _also(self) -> str:
        waiting = sum(where.due for _, where in self.found if where.begun)
        return f" {link('recall.ipynb', _cards_due(waiting))} today, too." if waiting and self._page("recall") else ""

    def _exercise(self) -> str:
        for _, where in self.found:
            if where.next_exercise:
                return f"All tasks are done. Now repair a deployment: {_exercise(where.next_exercise)}"
        return ""

    def _cards(self) -> str:
        waiting = sum(where.due for _, where in self.found)
        if not waiting:
            return ""
        label = _cards_due(waiting)
        return f"Recall: {link('recall.ipynb', label) if self._page('recall') else label} today."

    def _exam(self) -> str:
        done = "Everything in this release is done, and no card is due today."
        return f"{done} Are you sure of it? {link('exam.ipynb', 'Sit an exam')}." if self._page("exam") else done

    def _page(self, name: str) -> bool:
        return (self.work / f"{name}.ipynb").exists()


def _row(lesson: Lesson, where: Standing) -> list[str]:
    if not lesson.notebook:
        cells = (str(lesson.number), html.escape(lesson.title), lesson.level, "not in this release", "", "")
        return [muted(cell) for cell in cells]
    passed = _count(where.passed, len(lesson.tasks)) + muted(" &middot;")
    points = muted(f"{where.earned:g} of {where.points:g} points")
    return [
        muted(str(lesson.number)),
        f"<strong>{link(lesson.notebook, lesson.title)}</strong>" + _with_capstone(lesson),
        lesson.level,
        f"{_whole(passed)} {_whole(points)}",
        _count(where.repaired, len(lesson.exercises)),
        _whole(f"{where.due} of {lesson.cards} due"),
    ]


def _with_capstone(lesson: Lesson) -> str:
    """Its tasks are counted in the lesson's row."""
    found = [name for name in lesson.notebooks if lesson.capstone and "capstone" in Path(name).name]
    return f" {muted('with')} {link(found[0], 'the capstone')}" if found else ""


def _exercise(repair: Repair) -> str:
    where = f"({link('practice.ipynb', 'practice')}, or {inline('`./airlock practice`')} in a terminal)"
    return f"{link(repair.page, repair.title) if repair.page else html.escape(repair.title)} {where}"


def _cards_due(number: int) -> str:
    return "1 flash card is due" if number == 1 else f"{number} flash cards are due"


def _count(done: int, total: int) -> str:
    return badge(f"{done} of {total}", "good") if total and done == total else f"{done} of {total}"


def _sliding(wide: str) -> str:
    """Between two of JupyterLab's panels a table may have less room than its longest words: it scrolls by itself."""
    return f'<div style="overflow-x:auto">{wide}</div>'


def _whole(text: str) -> str:
    """On one line: half a number below the other is read twice."""
    return f'<span style="white-space:nowrap">{text}</span>'


def _heading(text: str) -> str:
    style = "font-size:1.25em;font-weight:600;margin:20px 0 2px"
    return f'<div role="heading" aria-level="2" style="{style}">{text}</div>'
