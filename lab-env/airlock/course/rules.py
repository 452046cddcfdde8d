"""The rules about a lesson's text that need no lab: small, named, each with its fault and its repair."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from airlock import paths
from airlock.checks import catalogue
from airlock.course.fault import Fault
from airlock.course.layout import lesson_dir
from airlock.course.prose import calls, headings, only_shows, parsed, section, targets
from airlock.course.source import Role, Source
from airlock.lesson.flashcards import deck

Complaint = tuple[Source, int, str, str]
"""Where (notebook, line), what is wrong, and the repair."""


@dataclass(frozen=True)
class Lesson:
    """A lesson as the rules see it: its sources, and the released notebooks (name to text)."""

    number: int
    sources: tuple[Source, ...]
    released: dict[str, str]

    @property
    def first(self) -> Source:
        """The notebook to blame for something that is missing from the lesson as a whole."""
        return self.sources[0]


Rule = Callable[[Lesson], Iterator[Complaint]]
RULES: dict[str, Rule] = {}


def _rule(name: str) -> Callable[[Rule], Rule]:
    def register(rule: Rule) -> Rule:
        RULES[name] = rule
        return rule

    return register


def broken(name: str, lesson: Lesson) -> list[Fault]:
    """The faults that one rule finds in a lesson."""
    return [Fault(name, source.file, line, what, repair) for source, line, what, repair in RULES[name](lesson)]


@_rule("title")
def _title(lesson: Lesson) -> Iterator[Complaint]:
    for source in lesson.sources:
        tops = [heading for heading in headings(source) if heading.level == 1]
        if len(tops) != 1:
            line = tops[1].line if len(tops) > 1 else 1
            yield source, line, f"{len(tops)} headings of the first level.", "Keep one, the title, in the first cell."
        elif headings(source)[0].level != 1:
            yield source, headings(source)[0].line, "a heading stands above the title.", "Move the title to the top."


@_rule("headings")
def _headings(lesson: Lesson) -> Iterator[Complaint]:
    for source in lesson.sources:
        level = 1
        for heading in headings(source):
            if heading.level > level + 1:
                what = f"heading {heading.text!r} jumps from level {level} to {heading.level}."
                yield source, heading.line, what, f"Use {'#' * (level + 1)}."
            level = heading.level


@_rule("objectives")
def _objectives(lesson: Lesson) -> Iterator[Complaint]:
    opening = "\n".join(cell.source for cell in lesson.first.cells[:3])
    if not re.search(r"\b\d+\s*(?:–|-|to)?\s*\d*\s*min", opening):
        yield lesson.first, 1, "the first cells do not say how long the lesson takes.", "Write “about 40 minutes”."
    promise = re.search(r"objectives|you (?:can|will be able to)", opening, re.IGNORECASE)
    items = re.findall(r"^\s*[-*]\s", opening[promise.end() :], re.MULTILINE) if promise else []
    if len(items) < 2:
        repair = "Write “After this lesson you can”, and a list of verbs that a check can observe."
        yield lesson.first, 1, f"{len(items)} objectives.", repair


@_rule("win-first")
def _win_first(lesson: Lesson) -> Iterator[Complaint]:
    code = [cell for cell in lesson.first.cells if cell.kind == "code"][:3]
    if not any(_acts(cell.source) for cell in code):
        yield lesson.first, 1, "nothing happens in the first three code cells.", "Let something real happen there."


@_rule("alt-text")
def _alt_text(lesson: Lesson) -> Iterator[Complaint]:
    for source in lesson.sources:
        for target in targets(source):
            if target.alt == "":
                yield source, target.line, f"picture {target.url} has no alt text.", "Say what it shows, in a sentence."
    pictures = [target for source in lesson.sources for target in targets(source) if target.alt is not None]
    if not pictures:
        yield lesson.first, 1, "no picture of the mental model.", "Draw one as an SVG beside the source."


@_rule("links")
def _links(lesson: Lesson) -> Iterator[Complaint]:
    for source in lesson.sources:
        for target in targets(source):
            if re.match(r"[a-z]+:", target.url, re.IGNORECASE) or target.url.startswith("//"):
                if target.loaded and not target.url.startswith("attachment:"):
                    yield source, target.line, f"{target.url} would be loaded from the network.", "Keep a copy here."
            elif not _resolves(lesson, target.url):
                repair = "Links are relative to the notebook in notebooks/."
                yield source, target.line, f"link {target.url} leads nowhere.", repair


@_rule("pictures")
def _pictures(lesson: Lesson) -> Iterator[Complaint]:
    for file in sorted(lesson_dir(lesson.number).rglob("*.svg")):
        text = file.read_text(encoding="utf-8")
        if re.search(r"<script|\bon\w+\s*=|(?:href|src)\s*=\s*[\"']\s*https?:|@import|url\(\s*[\"']?https?:", text):
            yield lesson.first, 1, f"{file.name} holds a script or loads something.", "Draw it with shapes and text."
        if "prefers-color-scheme" not in text:
            repair = "Give it its own background and a @media (prefers-color-scheme: dark) style."
            yield lesson.first, 1, f"{file.name} has one set of colours, for light or for dark.", repair


@_rule("predictions")
def _predictions(lesson: Lesson) -> Iterator[Complaint]:
    made = _keys(lesson, "predict")
    if len(made) < 2:
        yield lesson.first, 1, f"{len(made)} predictions.", "Let the learner commit to an answer two times or more."
    shown = set(_keys(lesson, "reveal"))
    for key in made:
        if key not in shown:
            yield lesson.first, 1, f"prediction {key} is never revealed.", f'Add reveal("{key}", …) below the run.'


@_rule("myth")
def _myth(lesson: Lesson) -> Iterator[Complaint]:
    if not _keys(lesson, "myth"):
        yield lesson.first, 1, "no myth.", "Add myth(…) and an experiment that settles it."


@_rule("cards")
def _cards(lesson: Lesson) -> Iterator[Complaint]:
    if not any(call.args[:1] == (lesson.number,) for source in lesson.sources for call in calls(source, "cards")):
        yield lesson.first, 1, "no flash cards.", f"Add cards({lesson.number})."
    if len(deck(lesson.number)) < 6:
        yield lesson.first, 1, f"{len(deck(lesson.number))} flash cards.", "A lesson has six or more."


@_rule("sections")
def _sections(lesson: Lesson) -> Iterator[Complaint]:
    for title in ("takeaways", "go deeper", "recall"):
        if all(section(source, title) is None for source in lesson.sources):
            yield lesson.first, 1, f"no section “{title.capitalize()}”.", "Every lesson ends with it."
    for source in lesson.sources:
        lines = [line for line in section(source, "takeaways") or [] if line.strip()]
        if len(lines) > 5:
            yield source, 1, f"the takeaways are {len(lines)} lines long.", "Five or fewer."


@_rule("tasks")
def _tasks(lesson: Lesson) -> Iterator[Complaint]:
    here = {cell.task for source in lesson.sources for cell in source.find(Role.CHECK)}
    if len(here) < 5:
        yield lesson.first, 1, f"{len(here)} graded tasks.", "A lesson has five or more."
    for check in catalogue.of_lesson(lesson.number):
        if check.task not in here:
            yield lesson.first, 1, f"task {check.task} has a judge and no cell.", "Add the cell or remove the judge."


@_rule("hints")
def _hints(lesson: Lesson) -> Iterator[Complaint]:
    offered = set(_keys(lesson, "hints"))
    for source in lesson.sources:
        for cell in source.find(Role.ANSWER):
            if cell.task not in offered:
                yield source, cell.line, f"task {cell.task} offers no hints.", f'Add hints("{cell.task}") below it.'


@_rule("written")
def _written(lesson: Lesson) -> Iterator[Complaint]:
    written = [(source, cell) for source in lesson.sources for cell in source.find(Role.WRITTEN)]
    if not written:
        yield lesson.first, 1, "no written answer.", 'Add a cell # %% [markdown] written="…" points=….'
    for source, cell in written:
        if len(cell.solution.split()) < 20:
            yield source, cell.line, f"the rubric of {cell.task} is too short to mark by.", "Say what earns each point."


@_rule("solutions-hidden")
def _solutions_hidden(lesson: Lesson) -> Iterator[Complaint]:
    for source in lesson.sources:
        text = lesson.released.get(source.name, "")
        if "BEGIN SOLUTION" in text:
            yield source, 1, "the released notebook holds a solution mark.", "Run ./airlock build."
        shown = _lines("\n".join("".join(cell["source"]) for cell in json.loads(text or '{"cells": []}')["cells"]))
        for cell in source.cells:
            lines = _lines(cell.solution)
            size = min(3, len(lines))  # a line or two are often common ground, such as `conn_type="postgres",`
            for run in (lines[start : start + size] for start in range(len(lines) - size + 1) if size):
                if len("".join(run)) > 15 and any(shown[at : at + size] == run for at in range(len(shown))):
                    what = f"the released notebook gives away {run[0][:40]!r}."
                    yield source, cell.line, what, "Reword the prose, or the solution."


def _keys(lesson: Lesson, name: str) -> list[str]:
    found = [call.args[0] for source in lesson.sources for call in calls(source, name) if call.args]
    return [str(key) for key in found]


def _acts(code: str) -> bool:
    done = [node for node in parsed(code).body if not isinstance(node, ast.Import | ast.ImportFrom)]
    return bool(done) and not only_shows(code)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _resolves(lesson: Lesson, url: str) -> bool:
    path = unquote(url.split("#", maxsplit=1)[0].split("?", maxsplit=1)[0])
    if not path:
        return True
    root = paths.course_root().resolve()
    released = (root / "notebooks" / f"lesson-{lesson.number}" / path).resolve()
    if not released.is_relative_to(root):
        return False
    source = (lesson_dir(lesson.number) / path).resolve()
    # A learner's folder holds lessons and exercises side by side: notebooks/exercises/… is exercises/… here.
    beside = root / released.relative_to(root / "notebooks") if released.is_relative_to(root / "notebooks") else source
    return any(file.exists() or _made(file) for file in (released, source, beside))


def _made(file: Path) -> bool:
    return file.suffix == ".ipynb" and file.with_suffix(".py").exists()
