"""Which hand-ins are alike: learners' own answers, compared pair by pair. A reason to look, never a proof.

Only answer cells are compared. Two of them count as alike when their forms (`airlock.grading.forms`) are, and when they
are nearer to each other than to the reference answer and to every answer that many gave: an answer that many found says
nothing about two of them. Equal forms are gathered first, so that each form is compared once, whoever wrote it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from rapidfuzz.distance import Indel
from rapidfuzz.process import cdist

from airlock.course import layout
from airlock.grading import forms
from airlock.grading.forms import Form
from airlock.grading.submission import Submission

ABOVE = 0.85
"""From where on two answers count as alike: the part of their tokens that they have in common, in order."""
_SHORTEST = 15  # tokens: shorter answers are alike by themselves
_LARGEST = 64 << 20  # bytes of a notebook
_MANY, _PART = 3, 0.1  # an answer that more than this many learners gave, and this part of the class, is common


@dataclass(frozen=True)
class Alike:
    """One cell in which two hand-ins are alike. ``part``: of the tokens. ``verbatim``: names and comments, too."""

    cell: str
    part: float
    verbatim: bool


@dataclass(frozen=True)
class Pair:
    """Two learners, and the cells in which they are alike; ``tokens`` is how much that is, in all."""

    learners: tuple[str, str]
    cells: tuple[Alike, ...]
    tokens: int


@dataclass
class Report:
    """What a comparison came to.

    Attributes:
        pairs: those with the most in common first.
        common: for each cell, how many learners gave an answer that many gave; it says nothing about two of them.
        unread: learners whose hand-in cannot be read.
        compared: how many hand-ins were.
    """

    pairs: list[Pair] = field(default_factory=list)
    common: dict[str, int] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    compared: int = 0


@dataclass(frozen=True)
class Given:
    """What is nobody's own: names of the lessons' cells, answer cells as handed out, reference answers; by cell."""

    names: frozenset[str]
    stubs: Mapping[str, Form]
    references: Mapping[str, Form]


def given(lessons: tuple[int, ...]) -> Given:
    """Of these lessons, as they are built."""
    names: set[str] = set()
    stubs: dict[str, Form] = {}
    references: dict[str, Form] = {}
    for notebook in _lessons(layout.released_dir(), lessons):
        for cell in notebook["cells"]:
            names |= forms.names("".join(cell["source"])) if cell["cell_type"] == "code" else set()
    for folder, into in ((layout.released_dir(), stubs), (layout.instructor_dir(), references)):
        for notebook in _lessons(folder, lessons):
            into |= {cell: _form(text, code, names) for cell, text, code in _answers(notebook)}
    return Given(frozenset(names), stubs, references)


def compare(submissions: list[Submission], known: Given, above: float = ABOVE) -> Report:
    """Compare the hand-ins of one assignment."""
    report = Report()
    written: dict[str, dict[Form, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    for each in submissions:
        answers = _handed_in(each.folder)
        if answers is None:
            report.unread.append(each.learner)
            continue
        report.compared += 1
        for cell, text, code in answers:
            if cell in known.stubs and (form := _form(text, code, known.names)) != known.stubs[cell]:
                written[cell][form][each.learner] = text
    found: dict[tuple[str, str], list[Alike]] = defaultdict(list)
    tokens: dict[tuple[str, str], int] = defaultdict(int)
    many = max(_MANY, _PART * report.compared)
    for cell, by_form in sorted(written.items()):
        reference = known.references.get(cell)
        common = {form for form, who in by_form.items() if form == reference or len(who) > many}
        report.common[cell] = sum(len(by_form[form]) for form in common)
        rare = [form for form in by_form if form not in common and len(form) >= _SHORTEST]
        for one, other, part in _near(rare, [*common, *([reference] if reference else [])], above):
            for pair in _pairs(by_form[one], by_form[other]):
                verbatim = by_form[one][pair[0]].split() == by_form[other][pair[1]].split()
                key = (min(pair), max(pair))
                found[key].append(Alike(cell, part, verbatim))
                tokens[key] += min(len(one), len(other))
    pairs = [Pair(key, tuple(cells), tokens[key]) for key, cells in found.items()]
    report.pairs = sorted(pairs, key=lambda pair: (-pair.tokens, pair.learners))
    return report


def _near(rare: list[Form], common: list[Form], above: float) -> Iterator[tuple[Form, Form, float]]:
    """Every two of ``rare`` (a form with itself, too) that are alike, and nearer to each other than to any common."""
    if not rare:
        return
    letters: dict[str, str] = {}
    texts, commons = (["".join(_letter(each, letters) for each in form) for form in some] for some in (rare, common))
    scorer: Any = Indel.normalized_similarity
    between = cdist(texts, texts, scorer=scorer, score_cutoff=above)
    to_common = cdist(texts, commons, scorer=scorer).max(axis=1) if commons else np.zeros(len(texts))
    for one, other in np.argwhere(np.triu(between) >= above):
        if one == other or between[one, other] > max(to_common[one], to_common[other]):
            yield rare[one], rare[other], float(between[one, other])


def _letter(token: str, letters: dict[str, str]) -> str:
    """A character for each different token: the library compares characters."""
    number = len(letters) + 1
    return letters.setdefault(token, chr(number if number < 0xD800 else number + 0x800))


def _pairs(one: Mapping[str, str], other: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if one is other:
        yield from combinations(sorted(one), 2)
    else:
        yield from ((first, second) for first in one for second in other)


def _form(text: str, code: bool, names: set[str] | frozenset[str]) -> Form:
    return forms.of_code(text, names) if code else forms.of_prose(text)


def _lessons(folder: Path, lessons: tuple[int, ...]) -> Iterator[Any]:
    for lesson in lessons:
        for file in sorted((folder / f"lesson-{lesson}").glob("*.ipynb")):
            yield json.loads(file.read_text())


def _handed_in(folder: Path) -> list[tuple[str, str, bool]] | None:
    """The answers in a hand-in's notebooks; None when one of them is no notebook, or there is none."""
    files = sorted(folder.glob("*.ipynb"))
    try:
        if not files or any(file.is_symlink() or file.stat().st_size > _LARGEST for file in files):
            return None
        return [each for file in files for each in _answers(json.loads(file.read_bytes().decode("utf-8-sig")))]
    except (OSError, ValueError, RecursionError, AttributeError, TypeError):  # JSON of another shape
        return None


def _answers(notebook: Any) -> Iterator[tuple[str, str, bool]]:
    """Name, text, and whether it is code, of each answer cell; of two copies the last one counts, as in grading."""
    found = {}
    for cell in notebook.get("cells", ()):
        marks = cell.get("metadata", {}).get("nbgrader")
        name = marks.get("grade_id") if isinstance(marks, dict) else None
        if isinstance(name, str) and marks.get("solution"):
            source = cell.get("source", "")
            found[name] = (source if isinstance(source, str) else "".join(source), cell.get("cell_type") == "code")
    yield from ((name, text, code) for name, (text, code) in found.items())
