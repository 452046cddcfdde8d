"""The build: what is made of a source, that it stays the same, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from airlock.course import build, layout
from airlock.course.fault import BadSource
from tests.course.throwaway import LESSON


def _cells(text: str | bytes) -> dict[str, dict]:
    return {cell["id"]: cell for cell in json.loads(text)["cells"]}


@pytest.mark.usefixtures("course")
def test_a_release_has_marks_and_no_solutions() -> None:
    built = build.build()
    release = _cells(built.files[Path("lesson-9/lesson.ipynb")])
    check = release["check-9-1"]["metadata"]["nbgrader"]
    assert (check["grade"], check["locked"], check["points"], check["solution"]) == (True, True, 2, False)
    assert "".join(release["task-9-1"]["source"]) == "answer = ...\n# Your answer goes here."
    assert "One point" not in "".join(release["written-9-7"]["source"])
    assert release["written-9-7"]["metadata"]["nbgrader"]["points"] == 4
    assert all(not cell.get("outputs") for cell in release.values())
    assert Path("lesson-9/box.svg") in built.files
    assert not [name for name in built.files if "cases" in name.parts]


@pytest.mark.usefixtures("course")
def test_the_instructor_keeps_the_solution() -> None:
    build.build()
    cells = _cells((layout.instructor_dir() / "lesson-9" / "lesson.ipynb").read_text())
    assert "answer = 40 + 1 + 1" in "".join(cells["task-9-1"]["source"])
    assert "One point" in "".join(cells["written-9-7"]["source"])


@pytest.mark.usefixtures("course")
def test_the_same_source_gives_the_same_bytes() -> None:
    first = build.build()
    assert not first.fresh
    build.write(first)
    second = build.build()
    assert second.fresh
    assert second.files == first.files


def test_an_edited_release_is_stale_and_a_stranger_is_left_over(course: Path) -> None:
    build.write(build.build())
    file = course / "notebooks" / "lesson-9" / "lesson.ipynb"
    original = file.read_bytes()
    file.write_bytes(original.replace(b"something", b"nothing"))
    (course / "notebooks" / "lesson-8").mkdir()
    (course / "notebooks" / "lesson-8" / "old.ipynb").write_text("{}")
    built = build.build()
    assert built.stale == (Path("lesson-9/lesson.ipynb"),)
    assert built.left_over == (Path("lesson-8/old.ipynb"),)
    assert [fault.rule for fault in build.stale(built)] == ["fresh", "fresh"]
    build.write(built)
    assert file.read_bytes() == original
    assert not (course / "notebooks" / "lesson-8").exists()


@pytest.mark.parametrize(
    ("old", "new", "cell", "said"),
    [
        ('task="9.1"', 'taks="9.1"', "# %% taks", "unknown mark 'taks'"),
        ('task="9.1"', "task=9.1", "# %% task=9.1", "in quotes"),
        ('task="9.1"', 'task="9.99"', '# %% task="9.99"', "unknown task 9.99"),
        ('task="9.1"', 'task="8.1"', '# %% task="8.1"', "does not belong to lesson 9"),
        ('"9.1"\ncheck("9.1")', '"9.1"\ncheck("9.2")', '# %% check="9.1"', 'holds check("9.1") and nothing else'),
        ('# %% check="9.1"\ncheck("9.1")', "# %%\npass", '# %% task="9.1"', "has no cell"),
        ('### END SOLUTION\n\n# %%\nhints("9.1")', '\n# %%\nhints("9.1")', '# %% task="9.1"', "do not pair up"),
        ("### BEGIN SOLUTION\nanswer", "# BEGIN SOLUTION\nanswer", '# %% task="9.1"', "on a line of its own"),
        ("    result = ...\n", "    if number:\n", '# %% task="9.2"', "no longer Python"),
        ('written="9.7" points=4', 'written="9.7"', "# %% [markdown] written", "points go on a written cell"),
        ("myth(", "### BEGIN SOLUTION\n### END SOLUTION\nmyth(", "# %%\n### BEGIN", "would reach the learner"),
        ('# %% check="9.2"', '# %% check="9.1"\ncheck("9.1")\n\n# %% check="9.2"', "", "a second time"),
    ],
)
def test_a_wrong_source_names_file_and_line(source: Path, old: str, new: str, cell: str, said: str) -> None:
    assert old in LESSON
    text = LESSON.replace(old, new, 1)
    source.write_text(text)
    with pytest.raises(BadSource) as caught:
        build.build()
    matching = [fault for fault in caught.value.faults if said in fault.what]
    assert matching, caught.value
    at = text.index(cell) if cell else text.rindex('# %% check="9.1"')
    assert matching[0].file == source
    assert matching[0].line == text.count("\n", 0, at) + 1
    assert f"solutions/notebooks/lesson-9/lesson.py:{matching[0].line}" in str(matching[0])


def test_nothing_is_changed_by_a_build_that_fails(course: Path, source: Path) -> None:
    build.write(build.build())
    before = (course / "notebooks" / "lesson-9" / "lesson.ipynb").read_bytes()
    source.write_text(LESSON.replace('check="9.1"', 'check="9.9"'))
    with pytest.raises(BadSource):
        build.build()
    assert (course / "notebooks" / "lesson-9" / "lesson.ipynb").read_bytes() == before
