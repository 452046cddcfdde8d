"""``practice()``: the exercises in a notebook, as `airlock practice` has them in a terminal."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any

from airlock import paths
from airlock.checks.report import Outcome
from airlock.course import practice as runner
from airlock.course.exercises import Exercise, all_exercises
from airlock.lab import View
from airlock.lab.provision import open_view
from airlock.lesson import report_view
from airlock.lesson.errors import LessonError, lab_needed
from airlock.lesson.markup import LINE, MONO, badge, eyebrow, inline, link, muted, plain
from airlock.lesson.show import live, show_widget
from airlock.lesson.spoken import SAID


def practice() -> None:
    """Show every exercise with its standing; choose one, edit its files, check it, take a hint, begin again."""
    if live():
        show_widget(_Workshop().widget, as_text())
    else:
        print(as_text())


def as_text() -> str:
    """The list, for a terminal."""
    lines = [f"{'passed' if runner.passed(each) else 'open':<7} {each.name}  {each.title}" for each in all_exercises()]
    return "\n".join([_count(), *lines])


class _Workshop:
    """The exercise that is being worked on; below it the list."""

    def __init__(self) -> None:
        from airlock.lesson import interactive

        self._kit = interactive
        self.exercises = all_exercises()
        self.chosen = runner.following() or (self.exercises[0] if self.exercises else None)
        self.count = interactive.html("")
        self.rows = {each.name: _Row(each, self) for each in self.exercises}
        self.about = interactive.Linked()
        self.said = interactive.html("")
        self.check = interactive.button("Check my repair", self._check, primary=True)
        self.hint = interactive.button("Next hint", self._hint)
        self.solution = interactive.button("Compare with the reference", self._compare)
        self.again = interactive.button("Begin again", self._ask_reset)
        self.sure = interactive.button("Yes, put the files back", self._reset)
        self.all = interactive.button("Begin all again", self._ask_all)
        self.sure_all = interactive.button("Yes, put all exercises back", self._reset_all)
        actions = interactive.row(self.check, self.hint, self.solution, self.again, self.sure)
        listed = [part for each in self._by_lesson() for part in each]
        everything = interactive.row(self.all, self.sure_all)
        self.widget = interactive.card(self.about.widget, actions, self.said, self.count, *listed, everything)
        self._draw()
        for each in (self.sure, self.sure_all):
            interactive.visible(each, False)

    def choose(self, exercise: Exercise) -> None:
        """Work on this one."""
        self.chosen = exercise
        self._say("")
        self._draw()
        self.check.focus()  # it is above the list, and comes into view

    def _by_lesson(self) -> Iterator[list[Any]]:
        for lesson in sorted({each.lesson for each in self.exercises}):
            mine = [self.rows[each.name].widget for each in self.exercises if each.lesson == lesson]
            title = f'<div role="heading" aria-level="3" style="margin-top:6px">{muted(f"Lesson {lesson}")}</div>'
            yield [self._kit.html(title), *mine]

    def _draw(self) -> None:
        line = f"margin-top:14px;padding-top:8px;border-top:1px solid {LINE}"
        self.count.value = f'<div style="{line}">{eyebrow("ALL EXERCISES")}{_count()}</div>'
        for row in self.rows.values():
            row.draw(self.chosen)
        if self.chosen is None:
            return
        self.chosen.prepare()
        self.about.value = _about(self.chosen)
        given = runner.hints_given(self.chosen)
        self.hint.description = self.hint.tooltip = f"Hint {min(given + 1, 3)} of 3" + (", again" if given >= 3 else "")
        self._kit.visible(self.solution, runner.passed(self.chosen))
        self._kit.visible(self.sure, False)

    def _check(self) -> None:
        if self.chosen is None:
            return
        self._say(muted("Trying your files …"))
        try:
            with lab_needed():
                view = View.current()
                open_view(view)
                report = runner.judge(self.chosen, view)
        except LessonError as error:
            self._say(inline(str(error)))
            return
        following = runner.following()
        after = ""
        if report.outcome is Outcome.PASSED and following:
            after = f"<div>The next one in the list: <strong>{html.escape(following.title)}</strong></div>"
        self._say(report_view.to_html(report) + after)
        self._draw()

    def _hint(self) -> None:
        if self.chosen:
            number, text = runner.next_hint(self.chosen)
            self._say(f"<strong>Hint {number} of 3.</strong> {inline(text)}")
            self._draw()

    def _compare(self) -> None:
        if self.chosen:
            lines = "\n".join(runner.difference(self.chosen)) or "Your repair is the reference, line by line."
            style = f"font:12px/1.5 {MONO};background:none;white-space:pre-wrap;margin:4px 0 0"
            head = "From your repair (-) to the reference (+). Both are right."
            self._say(f'{head}<pre style="{style}">{html.escape(lines)}</pre>')

    def _ask_reset(self) -> None:
        self._kit.visible(self.sure, True)
        self._say("Its files go back to how they were, and its hints begin with the first. What you wrote is kept.")
        self.sure.focus()

    def _reset(self) -> None:
        if self.chosen:
            kept = runner.reset(self.chosen)
            where = f" What you wrote is in `work/{kept.relative_to(paths.work_dir())}`." if kept else ""
            self._say(inline(f"{self.chosen.title}: as it was at the beginning.{where}"))
            self._draw()
            self.again.focus()

    def _ask_all(self) -> None:
        self._kit.visible(self.sure_all, True)
        self.sure_all.focus()

    def _reset_all(self) -> None:
        for each in self.exercises:
            runner.reset(each)
        self._kit.visible(self.sure_all, False)
        self._say(inline("All exercises are as they were. What you wrote is kept in `work/exercises/.kept/`."))
        self._draw()
        self.all.focus()

    def _say(self, text: str) -> None:
        self.said.value = f'<div {SAID} style="margin-top:8px">{text}</div>' if text else ""


class _Row:
    """One line of the list."""

    def __init__(self, exercise: Exercise, workshop: _Workshop) -> None:
        from airlock.lesson import interactive

        self.exercise = exercise
        self.button = interactive.button(exercise.title, lambda: workshop.choose(exercise))
        self.state = interactive.html("")
        self.state.layout.width, self.state.layout.margin = "auto", "8px 0 0"
        self.widget = interactive.row(self.button, self.state)

    def draw(self, chosen: Exercise | None) -> None:
        """Bring it up to date."""
        done = runner.passed(self.exercise)
        here = " &middot; shown above" if self.exercise == chosen else ""
        self.state.value = (badge("passed", "good") if done else badge("open", "plain")) + muted(here)
        self.button.tooltip = f"{self.exercise.title}: {'passed' if done else 'open'}"


def _about(exercise: Exercise) -> str:
    folder = f"exercises/{exercise.name}"
    files = ", ".join(link(f"{folder}/{name}", name) for name in exercise.files)
    page = f"{folder}/README.md"
    story = f"{link(page, 'what is asked')} &middot; " if (exercise.folder / "README.md").exists() else ""
    heading = 'role="heading" aria-level="2" style="font-size:1.15em;font-weight:600"'
    return (
        f"{eyebrow(f'PRACTICE · LESSON {exercise.lesson}')}<div {heading}>{html.escape(exercise.title)}</div>"
        f"<div>{inline(plain(exercise.summary))}</div><div>{story}to repair: {files}</div>"
    )


def _count() -> str:
    exercises = all_exercises()
    return f"{sum(runner.passed(each) for each in exercises)} of {len(exercises)} repaired."
