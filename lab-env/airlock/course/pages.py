"""The course's own pages in the learner's work folder, all reached from ``start.ipynb``."""

from __future__ import annotations

from pathlib import Path

from airlock.lesson.overview import build_overview
from airlock.lesson.page import code, prose, write_page
from airlock.lesson.start_page import build_start_page

_RUN = "Click the cell below and press Ctrl+Enter. Back to the [start page](start.ipynb)."
_PAGES = {
    "practice": (
        f"# Practice\n\nBroken deployments to repair: open the files, edit, save, check. {_RUN}",
        "from airlock.course.practice_page import practice\n\npractice()",
    ),
    "recall": (
        "# Recall\n\nThe flash cards that are due today, of every lesson you have begun. "
        f"A card comes back when you would soon forget it. {_RUN}",
        "from airlock.lesson import recall\n\nrecall()",
    ),
    "progress": (
        f"# Your progress\n\nIt is kept on this machine and nowhere else. Save a copy to take it along. {_RUN}",
        "from airlock.lesson import my_progress\n\nmy_progress()",
    ),
    "exam": (
        f"# Exam\n\nFresh values, a time limit, no hints. {_RUN}",
        "from airlock.course.exam_page import exam\n\nexam()",
    ),
}


def build_pages(work: Path) -> None:
    """Write all of them, as things are now; the start page last, because it links to the others."""
    build_overview(work)
    for name, (text, source) in _PAGES.items():
        write_page(work, name, prose("title", text), code(name, source))
    build_start_page(work)
