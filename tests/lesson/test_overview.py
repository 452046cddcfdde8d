"""The overview is the lessons' own words and pictures, and every link and picture of it is there."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from nbformat.sign import NotebookNotary

from airlock import paths
from airlock.course.pages import build_pages
from airlock.course.workspace import prepare
from airlock.lesson import finished, my_progress, progress

pytestmark = pytest.mark.usefixtures("state")
NAMES = ("overview", "practice", "recall", "progress", "exam", "start")


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A learner's work folder with everything in this release."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    prepare("0" * 32)
    build_pages(paths.work_dir())
    return paths.work_dir()


def _prose(file: Path) -> str:
    cells = json.loads(file.read_text())["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def _headings(file: Path) -> set[str]:
    found = re.findall(r"^#{1,6} +(.+?) *$", _prose(file), re.MULTILINE)
    return {re.sub(r"[`*]", "", each).replace(" ", "-") for each in found}


def test_it_tells_every_lesson_in_its_own_words(work: Path) -> None:
    text = _prose(work / "overview.ipynb")
    for folder in sorted(work.glob("lesson-*")):
        for notebook in folder.glob("*.ipynb"):
            lesson = _prose(notebook)
            takeaways = re.search(r"^## Takeaways\n+(.+?)\n\n", lesson, re.MULTILINE | re.DOTALL)
            assert takeaways
            assert takeaways[1] in text
        for picture in folder.glob("*.svg"):
            assert f"]({folder.name}/{picture.name})" in text
    read = re.sub(r"!\[.*?\]\(", "", text)  # a picture's description is not read beside it
    assert len(read.split()) < 15 * 220, "one read: a quarter of an hour"


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(work: Path, name: str) -> None:
    text = (work / f"{name}.ipynb").read_text()
    links = re.findall(r'href=\\"([^"\\]+)\\"', text) + re.findall(r"\]\(([^)\s]+)\)", _prose(work / f"{name}.ipynb"))
    assert links
    for each in links:
        file, _, heading = unquote(each).partition("#")
        assert (work / file).exists(), each
        assert not heading or heading in _headings(work / file), each


def test_every_page_is_trusted_and_has_one_title(work: Path) -> None:
    import nbformat

    for name in NAMES:
        notebook = nbformat.read(work / f"{name}.ipynb", as_version=4)  # type: ignore[no-untyped-call]
        nbformat.validate(notebook)  # type: ignore[no-untyped-call]
        assert NotebookNotary().check_signature(notebook)  # type: ignore[no-untyped-call]
        assert len(re.findall(r"^# ", _prose(work / f"{name}.ipynb"), re.MULTILINE)) == 1


def test_all_nine_ways_lead_somewhere_for_every_lesson_that_has_them(work: Path) -> None:
    words = re.sub(r"<[^>]+>", " ", (work / "start.ipynb").read_text())
    lessons = sorted(folder.name.removeprefix("lesson-") for folder in work.glob("lesson-*"))
    for what in ("A lesson, top to bottom.", "Live traffic, in the clear beside encrypted.", "Commit to an answer"):
        row = words[words.index(what) :][:400].split("&middot;")[0]
        assert re.findall(r"lesson (\d)", row) == lessons, what


def test_progress_in_every_way_in_words(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    progress.current().visit("watch", "lesson-2")
    my_progress()
    said = capsys.readouterr().out
    for line in ("Watch      1 of", "Deep dive  0 of", "Fix        0 of", "Recall     0 due today"):
        assert line in said


def test_reading_it_is_noted(capsys: pytest.CaptureFixture[str]) -> None:
    finished("overview")
    assert "Noted" in capsys.readouterr().out
    assert progress.current().visited("overview", "course")
