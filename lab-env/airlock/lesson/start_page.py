"""The start page ``start.ipynb``: the lessons, the nine ways through them, and where this learner stands.

The page is one cell with its output already in place, signed so that JupyterLab trusts it; running the cell
renders it anew.
"""

from __future__ import annotations

import html
import json
import platform
from pathlib import Path
from typing import Any

from airlock import paths
from airlock.lesson import progress
from airlock.lesson.markup import INK, SANS, VERBATIM, badge, card, eyebrow, inline, link, muted, table
from airlock.lesson.show import show
from airlock.lesson.syllabus import Lesson, Repair, Standing, lessons, standing
from airlock.lesson.ways import to_section, ways

_SOURCE = "from airlock.lesson import start\n\nstart()"
_TITLE = (
    "# Airlock\n\n**Connection encryption in Apache Airflow, hands on.** "
    "Six lessons in a real lab that runs on this machine. You observe, change and prove: nothing is taken on trust."
)


def start() -> None:
    """Show the start page, as things are now."""
    page = _Page(paths.work_dir())
    show(page.html(), page.text())


def build_start_page(work: Path) -> Path:
    """Write ``start.ipynb`` into the learner's work folder, rendered and trusted; returns its path."""
    page = _Page(work)
    work.mkdir(parents=True, exist_ok=True)
    file = work / "start.ipynb"
    partial = file.with_suffix(".partial")
    partial.write_text(json.dumps(_notebook(page.html(), page.text()), indent=1))
    partial.replace(file)
    _trust(file)
    return file


class _Page:
    """Everything the page says, read once."""

    def __init__(self, work: Path) -> None:
        store = progress.current()
        self.work = work
        self.lessons = [(lesson, standing(lesson, store)) for lesson in lessons(work)]
        self.found = [(lesson, where) for lesson, where in self.lessons if lesson.notebook]

    def html(self) -> str:
        """The page."""
        heads = ("", "Lesson", "Level", "Tasks", "Exercises", "Cards")
        parts = [
            card(eyebrow("NEXT") + self._next(), label="What to do next"),
            _heading("Six lessons"),
            table(heads, [_row(lesson, where) for lesson, where in self.lessons]),
            _heading("Nine ways through them"),
            table(("Way", "What you do", "Where"), [way.row() for way in ways(self.work, self.found)]),
            f'<p style="margin:10px 0 0">{muted("To bring this page up to date, click it and press Shift+Enter.")}</p>',
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

    def _next(self) -> str:
        for lesson, where in self.found:
            if where.next_task and where.passed == 0:
                return f"Begin {link(str(lesson.notebook), f'lesson {lesson.number}: {lesson.title}')}"
            if where.next_task:
                task = html.escape(f"Task {where.next_task.task}: {where.next_task.title}")
                return f"{task}, in {link(str(lesson.notebook), f'lesson {lesson.number}')}"
        for _, where in self.found:
            if where.next_exercise:
                return f"All tasks are done. Now repair a deployment: {_exercise(where.next_exercise)}"
        for lesson, where in self.found:
            if where.due:
                label = f"the flash cards of lesson {lesson.number}"
                return f"Recall {to_section(lesson, 'cards', label)}: {where.due} due today"
        return "Everything in this release is done, and no card is due today."


def _row(lesson: Lesson, where: Standing) -> list[str]:
    if not lesson.notebook:
        cells = (str(lesson.number), html.escape(lesson.title), lesson.level, "not in this release", "", "")
        return [muted(cell) for cell in cells]
    return [
        muted(str(lesson.number)),
        f"<strong>{link(lesson.notebook, lesson.title)}</strong>",
        lesson.level,
        _count(where.passed, len(lesson.tasks)) + muted(f" &middot; {where.earned:g} of {where.points:g} points"),
        _count(where.repaired, len(lesson.exercises)),
        f"{where.due} of {lesson.cards} due",
    ]


def _exercise(repair: Repair) -> str:
    where = inline("(`./airlock practice` in a terminal)")
    return f"{link(repair.page, repair.title) if repair.page else html.escape(repair.title)} {where}"


def _count(done: int, total: int) -> str:
    return badge(f"{done} of {total}", "good") if total and done == total else f"{done} of {total}"


def _heading(text: str) -> str:
    style = "font-size:1.25em;font-weight:600;margin:20px 0 2px"
    return f'<div role="heading" aria-level="2" style="{style}">{text}</div>'


def _notebook(shown_html: str, shown_text: str) -> dict[str, Any]:
    output = {
        "output_type": "display_data",
        "data": {"text/html": shown_html, "text/plain": shown_text},
        "metadata": {},
    }
    code = {
        "cell_type": "code",
        "id": "start",
        "source": _SOURCE,
        "execution_count": None,
        "metadata": {"jupyter": {"source_hidden": True}},
        "outputs": [output],
    }
    title = {"cell_type": "markdown", "id": "title", "source": _TITLE, "metadata": {}}
    metadata = {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        # What the kernel will say of itself: JupyterLab then has nothing to add, and the page opens unchanged.
        "language_info": {
            "codemirror_mode": {"name": "ipython", "version": 3},
            "file_extension": ".py",
            "mimetype": "text/x-python",
            "name": "python",
            "nbconvert_exporter": "python",
            "pygments_lexer": "ipython3",
            "version": platform.python_version(),
        },
    }
    return {"cells": [title, code], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _trust(file: Path) -> None:
    # Signed as read back: the signature covers exactly what JupyterLab will load.
    import nbformat
    import nbformat.sign

    read: Any = nbformat.read  # nbformat's own signatures are not typed
    notary: Any = nbformat.sign.NotebookNotary
    notary().sign(read(file, as_version=4))
