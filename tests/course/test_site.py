"""The site: pages without answers, that load nothing from elsewhere and say nothing of this machine."""

from __future__ import annotations

import html
import re
import sys
from pathlib import Path
from urllib.parse import quote

import nbformat
import pytest

from airlock import paths
from airlock.course import build, layout, recording, site
from airlock.course.fault import BadSource
from airlock.course.reading import as_read
from airlock.course.source import Source, read
from airlock.course.unfit import unfit
from airlock.lab import View
from tests.course.throwaway import LESSON


def page_text(page: Path) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", page.read_text()))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the lessons as they are handed out: no output yet, everything else."""
    sources = [source for number in layout.lessons() for source in layout.read_lesson(number)]
    released = {each: layout.released_dir() / f"lesson-{each.lesson}" / f"{each.name}.ipynb" for each in sources}
    output = tmp_path_factory.mktemp("site")
    site.publish(released, output)
    return output


def test_there_is_a_page_for_each_lesson_and_each_guide(made: Path) -> None:
    pages = {page.relative_to(made).with_suffix("").as_posix() for page in made.rglob("*.html")}
    lessons = {f"notebooks/lesson-{n}/{each.name}" for n in layout.lessons() for each in layout.read_lesson(n)}
    guides = {f"docs/{file.stem}" for file in (paths.course_root() / "docs").glob("*.md")}
    assert {"index", "README", "search", *lessons, *guides} <= pages
    first = page_text(made / "notebooks" / "lesson-1" / "what-is-a-connection.html")
    assert "# Your answer goes here." in first
    assert "Rubric" not in first


def test_no_page_loads_anything_from_elsewhere(made: Path) -> None:
    assert list(unfit(made)) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.html", '<script src="https://cdn.example/mathjax.js"></script>'),
        ("a.html", '<link rel="stylesheet" href="//cdn.example/a.css">'),
        ("a.html", '<img src="http://example.org/a.png" alt="">'),
        ("a.html", f"<p>{sys.prefix}/lib</p>"),
        ("a.css", "body { background: url(https://example.org/a.png) }"),
        ("a.css", "@import 'https://example.org/a.css';"),
    ],
)
def test_what_must_not_be_shown_is_found(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    assert {fault.file.name for fault in unfit(tmp_path)} == {name}


def test_a_link_to_follow_is_no_load(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text('<a href="https://www.rfc-editor.org/rfc/rfc8446">RFC 8446</a>')
    assert list(unfit(tmp_path)) == []


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(site.SiteFailed, match="something else"):
        site.publish({}, tmp_path)
    assert (tmp_path / "thesis.txt").exists()


def shown(code: str, *outputs: dict[str, object]) -> tuple[str, list[str]]:
    node = nbformat.v4.new_code_cell(code, outputs=[nbformat.from_dict(each) for each in outputs])
    as_read(code, node)
    return "".join(each["data"]["text/html"] for each in node.outputs), node.metadata.get("tags", [])


def test_a_prediction_is_a_card_and_its_call_is_gone() -> None:
    text, tags = shown('predict("9-a", "Which?", {"a": "this", "b": "`that`"})')
    assert "Which?" in text
    assert re.search(r"<li>this</li><li><code[^>]*>that</code></li>", text)
    assert tags == ["remove-input"]


def test_a_reveal_is_folded_away_with_what_was_observed() -> None:
    said = "No prediction\nPredicted: none.\nObserved:  that.\nBecause:   so it is."
    output = {"output_type": "display_data", "data": {"text/plain": said}, "metadata": {}}
    text, tags = shown('seen = "b"\nreveal("9-a", observed=seen, because="so it is.")', output)
    assert "<details" in text
    assert "that." in text
    assert "so it is." in text
    assert "Predicted" not in text
    assert tags == ["hide-input"]  # the line before it is worth a look


def test_a_myth_and_its_truth() -> None:
    text, _ = shown('myth("9-x", "The moon is cheese.", truth=False, because="It was tried.")')
    assert (
        text.index("The moon is cheese.") < text.index("<details") < text.index("A myth.") < text.index("It was tried")
    )


def test_other_cells_stay_as_they_are() -> None:
    output = {"output_type": "stream", "name": "stdout", "text": "3\n"}
    node = nbformat.v4.new_code_cell("print(3)", outputs=[nbformat.from_dict(output)])
    as_read("print(3)", node)
    assert [each.text for each in node.outputs] == ["3\n"]


def test_this_machine_is_taken_out(tmp_path: Path) -> None:
    scrub = recording.scrubber(str(tmp_path))
    state = f"{paths.state_dir()}/pki/ca.crt"
    said = scrub(f"{tmp_path}/x {state} {sys.prefix}/bin {quote(state, safe='')}")
    assert said == "./x /airlock/state/pki/ca.crt /airlock/.venv/bin %2Fairlock%2Fstate%2Fpki%2Fca.crt"


def released(source: Path, text: str) -> Source:
    """A small lesson that has been built, so that there is something to fill in."""
    source.write_text(text)
    build.write(build.build())
    return read(source, 9)


def test_a_recording_has_output_and_no_answer(source: Path, nobody: View) -> None:
    text = LESSON.replace("answer = 40 + 1 + 1", 'answer = 40 + 1 + 1\nprint("given away")')
    text = text.replace(
        'check("9.1")\n', 'check("9.1")\n\n# %%\nimport os\n\nprint(answer, os.environ["AIRLOCK_STATE"])\n', 1
    )
    page = recording.recorded(released(source, text), nobody, lambda _: None)
    written = nbformat.writes(page)
    assert "something happens" in written
    assert "40 + 1 + 1" not in written  # neither the answer …
    assert "given away" not in written  # … nor what it printed
    assert not [cell for cell in page.cells if cell.source.startswith("check(") and cell.outputs]
    assert any(each.get("text") == "42 /airlock/state\n" for cell in page.cells for each in cell.get("outputs", []))


def test_a_lesson_that_breaks_is_not_recorded(source: Path, nobody: View) -> None:
    text = LESSON.replace('print("something happens")', "1 / 0")
    with pytest.raises(BadSource, match="ZeroDivisionError") as broken:
        recording.recorded(released(source, text), nobody, lambda _: None)
    assert broken.value.faults[0].line == 9
