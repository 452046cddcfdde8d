"""``my_progress()``: how far the learner is in each way and lesson, to be taken along and brought back."""

from __future__ import annotations

from datetime import date
from typing import Any

from airlock import paths
from airlock.lesson import portable
from airlock.lesson.errors import LessonError
from airlock.lesson.markup import eyebrow, inline, link, plain, table
from airlock.lesson.show import live, show_widget
from airlock.lesson.spoken import SAID
from airlock.lesson.syllabus import Lesson, Standing, standings
from airlock.lesson.ways import ways


def my_progress() -> None:
    """Show the progress in every way and lesson, with a button to save a copy and one to bring one back."""
    if live():
        show_widget(_Board().widget, as_text())
    else:
        print(as_text())


def as_text() -> str:
    """The same for a terminal."""
    work = paths.work_dir()
    lessons = standings(work)
    found = [each for each in lessons if each[0].notebook]
    lines = [f"{way.name:<10} {way.standing or '-'}" for way in ways(work, found) if way.where]
    return "\n".join([*lines, "", *(_line(*each) for each in found)])


class _Board:
    """The page: two tables, and what to do with them."""

    def __init__(self) -> None:
        import ipywidgets as widgets

        from airlock.lesson import interactive

        self.tables = interactive.html("")
        self.said = interactive.Linked()
        self.upload: Any = widgets.FileUpload(
            accept=".json", multiple=False, description="Bring a copy back", tooltip="Bring a copy back"
        )
        self.upload.observe(self._bring, "value")
        save = interactive.button("Save a copy", self._save, primary=True)
        self.widget = interactive.card(self.tables, interactive.row(save, self.upload), self.said.widget)
        self._draw()

    def _draw(self) -> None:
        work = paths.work_dir()
        found = [each for each in standings(work) if each[0].notebook]
        taken = [
            [f"<strong>{way.name}</strong>", inline(way.standing or "-")] for way in ways(work, found) if way.where
        ]
        lessons = [[inline(cell) for cell in _row(*each)] for each in found]
        heads = ("", "Lesson", "Tasks", "Points", "Predictions", "Exercises", "Cards due")
        self.tables.value = f"{eyebrow('YOUR PROGRESS')}{table(('Way', 'So far'), taken)}{table(heads, lessons)}"

    def _save(self) -> None:
        name = f"progress-{date.today().isoformat()}.json"
        try:
            said = portable.save(paths.work_dir() / name)
        except LessonError as error:
            self._say(inline(str(error)))
            return
        done = said.partition(" written")[0]
        where = "Right-click it in the file browser to download it, and keep it where this machine cannot lose it."
        self._say(f"{done} written to {link(name, name)}. {where}")

    def _bring(self, change: dict[str, Any]) -> None:
        for each in change["new"]:
            try:
                self._say(inline(portable.bring_text(bytes(each["content"]).decode("utf-8", "replace"), each["name"])))
            except LessonError as error:
                self._say(inline(str(error)))
        self._draw()

    def _say(self, text: str) -> None:
        self.said.value = f'<div {SAID} style="margin-top:6px">{text}</div>'


def _row(lesson: Lesson, where: Standing) -> list[str]:
    return [
        str(lesson.number),
        plain(lesson.title),
        f"{where.passed} of {len(lesson.tasks)}",
        f"{where.earned:g} of {where.points:g}",
        f"{where.answered} of {len(lesson.questions)}",
        f"{where.repaired} of {len(lesson.exercises)}",
        f"{where.due} of {lesson.cards}",
    ]


def _line(lesson: Lesson, where: Standing) -> str:
    named = zip(_row(lesson, where)[2:], ("tasks", "points", "predictions", "exercises", "cards due"), strict=True)
    return f"{lesson.number} {lesson.title}: {', '.join(f'{count} {unit}' for count, unit in named)}"
