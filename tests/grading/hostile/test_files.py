"""Hand-ins whose files are odd: read where they can be read, refused in a sentence where they cannot."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from airlock.course import layout
from airlock.grading.pipeline import Graded
from tests.grading.conftest import Class

Spoil = Callable[[Path], None]


def _notebook(change: Callable[[dict[str, Any]], Any]) -> Spoil:
    """A change of the notebook's JSON; what it returns, if anything, stands in its place."""

    def spoil(folder: Path) -> None:
        file = folder / "lesson.ipynb"
        content = json.loads(file.read_text())
        file.write_text(json.dumps(change(content) or content))

    return spoil


def _written(content: Callable[[str], bytes]) -> Spoil:
    def spoil(folder: Path) -> None:
        file = folder / "lesson.ipynb"
        file.write_bytes(content(file.read_text()))

    return spoil


def _linked(name: str, target: Callable[[], Path]) -> Spoil:
    def spoil(folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(target())

    return spoil


def _in_old_format(folder: Path) -> None:
    file = folder / "lesson.ipynb"
    old = nbformat.convert(nbformat.read(file, 4), 3)
    nbformat.write(old, file, version=3)


def _first(**fields: Any) -> Spoil:
    """A cell with these fields before all others."""

    def add(content: dict[str, Any]) -> None:
        content["cells"].insert(0, _plain("x = 1") | fields)

    return _notebook(add)


def _huge(content: dict[str, Any]) -> None:
    content["cells"].insert(0, {**_plain("x = 1"), "source": "x = 1  # " + "x" * 8_000_000})


def _plain(source: str) -> dict[str, Any]:
    return {"cell_type": "code", "execution_count": None, "id": "own", "metadata": {}, "outputs": [], "source": source}


def _solution() -> Path:
    return layout.instructor_dir() / "lesson-9" / "lesson.ipynb"


def _pipe(folder: Path) -> None:
    os.mkfifo(folder / "data")


def _another(folder: Path) -> None:
    (folder / "other.ipynb").write_bytes((folder / "lesson.ipynb").read_bytes())


REFUSED: dict[str, tuple[Spoil, str]] = {
    "invalid JSON": (_written(lambda text: text[:-20].encode()), "JSON"),
    "wrong encoding": (_written(lambda text: text.encode("utf-16")), "UTF-8"),
    "no text at all": (_written(lambda _: os.urandom(4096)), "UTF-8"),
    "another JSON": (_written(lambda _: b"[1, 2]"), "notebook"),
    "nothing in it": (_written(lambda _: b""), "JSON"),
    "a format of the future": (_notebook(lambda content: content.update(nbformat=99)), "format that cannot be read"),
    "no notebook": (lambda folder: (folder / "lesson.ipynb").unlink(), "no notebook"),
    "a link to the solution": (_linked("lesson.ipynb", _solution), "is a link to another file"),
    "a link to another seed": (_linked("learner.json", lambda: Path("/etc/passwd")), "is a link to another file"),
    "a link to a folder": (_linked("data", lambda: Path("/etc")), "is a link to another file"),
    "a pipe beside it": (_pipe, "neither a file nor a folder"),
    "another notebook that is none": (lambda folder: (folder / "other.ipynb").write_text("{"), "other.ipynb"),
    "a link to nothing": (_linked("data", lambda: Path("/nowhere")), "is a link to another file"),
}
READ: dict[str, tuple[Spoil, str]] = {
    "an old format": (_in_old_format, ""),
    "a huge cell": (_notebook(_huge), ""),
    "another kernel": (
        _notebook(
            lambda content: content["metadata"].update(kernelspec={"name": "ir", "display_name": "R", "language": "R"})
        ),
        "",
    ),
    "a byte order mark": (_written(lambda text: text.encode("utf-8-sig")), ""),
    "half a character in code": (_first(source="x = '\ud800'"), ""),
    "half a character in an id": (_first(id="\ud800"), ""),
    "half a character in text": (_first(cell_type="markdown", source="\ud800"), ""),
    "an unknown type of cell": (_first(cell_type="sql", source="select 1"), ""),
    "marks of no shape": (_first(metadata={"nbgrader": [], "tags": 5}), ""),
    "a language of no shape": (_notebook(lambda content: content.update(metadata={"language_info": 5})), ""),
    "no metadata": (_notebook(lambda content: content.update(metadata={})), ""),
    "another notebook beside it": (_another, "other.ipynb"),
}


def _graded(school: Class, learner: str, spoil: Spoil) -> Graded:
    submission = school.hand_in(learner, school.solved())
    spoil(submission.folder)
    return school.pipeline.grade(submission)


@pytest.mark.parametrize("how", REFUSED)
def test_what_cannot_be_read_is_refused_in_words(school: Class, learner: str, how: str) -> None:
    spoil, word = REFUSED[how]
    graded = _graded(school, learner, spoil)
    assert graded.score is None
    assert any(word in note for note in graded.notes), graded.notes


@pytest.mark.parametrize("how", READ)
def test_what_can_be_read_is_graded(school: Class, learner: str, how: str) -> None:
    spoil, word = READ[how]
    graded = _graded(school, learner, spoil)
    assert graded.score == 9.0
    assert any(word in note for note in graded.notes) if word else not graded.notes
    assert (school.root / "feedback" / learner / "lesson-9" / "lesson.html").is_file()
