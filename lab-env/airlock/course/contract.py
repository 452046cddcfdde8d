"""`airlock verify`: the course contract, over every lesson and exercise that exists."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from airlock.checks import exercises as judges
from airlock.checks.report import Outcome, Report
from airlock.course import build, cases, layout
from airlock.course.bench import scratch_view
from airlock.course.cases import Case
from airlock.course.exercises import Exercise, all_exercises, lay_out
from airlock.course.fault import BadSource, Fault
from airlock.course.rules import RULES, Lesson, broken
from airlock.course.source import Role
from airlock.course.trials import Finding, Tell, Trials
from airlock.lab import Lab, View

EXERCISES = "exercises"
"""The part of a lesson that is in none of its notebooks."""


def verify(
    tell: Tell, lesson: int | None = None, task: str | None = None, with_lab: bool = True, part: str | None = None
) -> Iterator[Finding]:
    """Check the contract, one finding after the other.

    Args:
        tell: is called with what is happening.
        lesson: only this lesson and its exercises.
        task: only the answers of this task, nothing else.
        with_lab: also run the lessons and try the answers.
        part: run and try only this notebook, by its name, or only the `EXERCISES`.

    Raises:
        LabDown: ``with_lab`` and the lab is not running.
    """
    lab = Lab.current() if with_lab else None
    if task:
        lesson = int(task.split(".")[0])
    tell("building the lessons")
    try:
        built = build.build()
        lessons = [_lesson(number, built) for number in layout.lessons() if lesson in (None, number)]
        tried = {each.number: cases.load(each.number) for each in lessons}
        exercises = [each for each in all_exercises() if lesson in (None, each.lesson)]
    except BadSource as bad:
        yield Finding("the source can be built", tuple(bad.faults))
        return
    if not task:
        yield Finding("notebooks/ is what the source gives", tuple(build.stale(built)))
        yield from _texts(lessons)
        yield from (_enough(each, tried[each.number]) for each in lessons)
        yield from (_repairable(each) for each in exercises)
    if lab:
        with scratch_view(lab) as view:
            for each in lessons:
                for source in each.sources:
                    if part in (None, source.name):
                        yield from _run(Trials(source, tried[each.number], view, tell), task)
        if not task and part in (None, EXERCISES):
            for exercise in exercises:
                tell(exercise.name)
                with scratch_view(lab) as view:
                    yield _repaired(exercise, view)


def _lesson(number: int, built: build.Built) -> Lesson:
    sources = tuple(layout.read_lesson(number))
    texts = {each.name: built.files[Path(f"lesson-{number}/{each.name}.ipynb")].decode() for each in sources}
    return Lesson(number, sources, texts)


def _texts(lessons: list[Lesson]) -> Iterator[Finding]:
    for each in lessons:
        for name in RULES:
            yield Finding(f"lesson {each.number}  {name}", tuple(broken(name, each)))


def _enough(lesson: Lesson, tried: dict[str, list[Case]]) -> Finding:
    faults: list[Fault] = []
    known = set()
    for source in lesson.sources:
        for cell in source.find(Role.ANSWER):
            known.add(cell.task)
            faults += cases.too_few(source.file, cell.line, cell.task, tried.get(cell.task, []))
    for task in sorted(set(tried) - known):
        faults.append(Fault("cases", tried[task][0].file, 1, f"there is no task {task} in the lesson."))
    return Finding(f"lesson {lesson.number}  answers to try", tuple(faults))


def _run(trials: Trials, task: str | None) -> Iterator[Finding]:
    if task:
        if trials.source.find(Role.ANSWER, task):
            yield from trials.answers(task)
        return
    yield trials.untouched()
    yield from trials.answers()
    yield trials.restarted()


def _repairable(exercise: Exercise) -> Finding:
    faults: list[Fault] = []
    manifest = exercise.origin / "exercise.toml"
    if exercise.name not in judges.names():
        repair = f'Register one with @exercise("{exercise.name}") in airlock.checks.'
        faults.append(Fault("exercise", manifest, 0, "it has no judge.", repair))
    for folder in (exercise.reference, *exercise.alternatives):
        if not any((folder / name).is_file() for name in exercise.files):
            faults.append(Fault("exercise", folder, 0, "it repairs none of the files to edit."))
        for file in folder.rglob("*"):
            if (
                file.is_file()
                and "__pycache__" not in file.parts
                and not (exercise.origin / file.relative_to(folder)).exists()
            ):
                what = "the exercise has no file of this name."
                faults.append(Fault("exercise", file, 0, what, "Mirror the exercise path by path."))
    return Finding(f"{exercise.name}  whole", tuple(faults))


def _repaired(exercise: Exercise, view: View) -> Finding:
    began = time.monotonic()
    faults: list[Fault] = []
    tries = [(exercise.origin, False), (exercise.reference, True), *((path, True) for path in exercise.alternatives)]
    for overlay, right in tries:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / exercise.origin.name
            lay_out(exercise.origin, folder)
            lay_out(overlay, folder)
            report = exercise.judge(folder, view)
        if wrong := _wrong(report, right):
            faults.append(Fault("exercise", overlay, 0, f"{wrong} The judge saw: {report.saw}"))
    what = f"{exercise.name}  untouched fails, {len(tries) - 1} repairs pass"
    return Finding(what, tuple(faults), time.monotonic() - began)


def _wrong(report: Report, right: bool) -> str:
    if right:
        return "" if report.outcome is Outcome.PASSED else f"it should pass, and came to: {report.outcome.value}."
    if report.outcome is not Outcome.FAILED:
        return f"untouched it should fail, and came to: {report.outcome.value}."
    return "" if report.saw and report.why and report.look else "untouched, its report leaves something out."
