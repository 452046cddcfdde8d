"""The nine ways from the start page, as a newcomer takes them: every link, practice, recall, an exam, progress."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import Locator, Page, expect

from airlock import paths
from airlock.checks import catalogue
from airlock.course import layout
from airlock.course.exercises import Exercise, find, lay_out
from airlock.course.notebook import instructor
from airlock.lab import Lab
from airlock.lab.sitting import Sitting
from airlock.lesson import progress
from airlock.lesson.flashcards import deck
from tests.browser.conftest import close_all
from tests.browser.jupyter import PATIENCE, Notebook, is_said, press

pytestmark = [pytest.mark.lab, pytest.mark.browser, pytest.mark.timeout(900)]
STICKING_OUT = """card => [...card.querySelectorAll('td, th, button, .widget-html-content')]
    .filter(each => each.clientWidth && each.scrollWidth > each.clientWidth + 1).map(each => each.textContent)"""


@pytest.fixture(autouse=True)
def no_exam(lab: Lab, page: Page, address: str) -> Iterator[None]:
    """Begin and end without an exam in the work folder; begin without open tabs."""
    close_all(page, address)
    for folder in paths.work_dir().glob("exam-*"):
        shutil.rmtree(folder) if folder.is_dir() else folder.unlink()
    yield
    for folder in paths.work_dir().glob("exam-*"):
        shutil.rmtree(folder) if folder.is_dir() else folder.unlink()


def look(notebook: Notebook, name: str, shown: Locator) -> None:
    """Pictures in both themes at two widths; nothing sticks out of the card."""
    page, shown = notebook.page, shown.first  # text with links on a card is an output area of its own
    if page.locator(".jp-FileBrowser").is_visible():
        page.keyboard.press("Control+b")
    for width in (1280, 900):
        page.set_viewport_size({"width": width, "height": 1000})
        for theme in ("JupyterLab Light", "JupyterLab Dark"):
            notebook.theme(theme)
            shown.scroll_into_view_if_needed()
            notebook.photograph(f"{name}-{theme.rpartition(' ')[2].lower()}-{width}")
            assert shown.evaluate(STICKING_OUT) == []
    notebook.theme("JupyterLab Light")
    page.set_viewport_size({"width": 1280, "height": 900})


def test_every_link_of_the_start_page_opens_what_it_says(notebook: Notebook, address: str) -> None:
    page = notebook.page
    notebook.open(address.format("start.ipynb"))
    expect(page.get_by_role("heading", name="Nine ways through them")).to_be_visible()
    notebook.run(1)
    shown = notebook.cells().nth(1).locator(".jp-OutputArea")
    expect(shown.get_by_text("To bring this page up to date")).to_be_visible()
    look(notebook, "start", shown)
    with progress.current().change() as data:  # as another notebook's kernel does
        before = dict(data["checks"])  # of walks that came before
        every = [each for lesson in layout.lessons() for each in catalogue.of_lesson(lesson)]
        passed = {each.task: {"best": each.points, "first_passed": "2026-01-01T00:00:00+00:00"} for each in every}
        data["checks"] = passed
    row = shown.get_by_role("row", name="What is a connection in Airflow")
    expect(row).to_contain_text(re.compile(r"(\d+) of \1 · (\d+) of \2"))
    notebook.photograph("start-by-itself")
    press(page, "Control+b", "Control+j")  # both panels: there is less room than in a narrow window
    expect(page.locator("#jp-right-stack")).to_be_visible()
    expect(page.locator(".jp-FileBrowser")).to_be_visible()
    notebook.photograph("start-between-panels")
    for table in shown.locator("table").all():
        assert table.evaluate("each => each.scrollWidth - each.parentElement.clientWidth") <= 0
    press(page, "Control+j", "Control+b")
    with progress.current().change() as data:
        data["checks"] = {}
    expect(row).to_contain_text(re.compile(r"0 of \d+ · 0 of"))
    with progress.current().change() as data:
        data["checks"] = before
    page.wait_for_timeout(3_000)  # it shows that, too, before its links are looked at
    places = [str(link.get_attribute("href")).partition("/files/")[2] for link in shown.locator("a").all()]
    assert len(set(places)) > 15
    for place in dict.fromkeys(places):
        file, _, heading = re.sub(r"\?[^#]*", "", unquote(place)).partition("#")
        page.locator("#jp-main-dock-panel .lm-TabBar-tab", has_text="start.ipynb").click()
        notebook.cells().nth(1).locator("a").nth(places.index(place)).click()
        current = page.locator("#jp-main-dock-panel .lm-TabBar-tab.lm-mod-current", has_text=Path(file).name)
        expect(current).to_be_visible(timeout=PATIENCE)
        if heading:
            shown_now = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
            target = shown_now.locator(f'[id="{heading}"], [data-jupyter-id="{heading}"]').first
            expect(target).to_be_in_viewport(timeout=PATIENCE)


def test_the_overview_is_one_read(notebook: Notebook, address: str) -> None:
    page = notebook.page
    notebook.open(address.format("overview.ipynb"))
    expect(page.get_by_role("heading", name="The course on one page")).to_be_visible()
    pictures = notebook.cells().locator("img")
    assert pictures.count() >= 8
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", True, timeout=PATIENCE)
        assert picture.evaluate("each => each.naturalWidth") > 0
        assert picture.get_attribute("alt")
    notebook.page.keyboard.press("Control+Home")
    look(notebook, "overview", notebook.cells().nth(1))
    last = notebook.cells().count() - 1
    expect(notebook.run(last)).to_contain_text("Noted")


@pytest.fixture
def tickets(lab: Lab) -> Exercise:
    """One exercise, as it is in the beginning."""
    chosen = find("old-tickets")
    shutil.rmtree(chosen.folder, ignore_errors=True)
    with progress.current().change() as data:
        data["exercises"].pop(chosen.name, None)
    return chosen


def test_practice_by_keyboard(notebook: Notebook, address: str, tickets: Exercise) -> None:
    page = notebook.page
    notebook.open(address.format("practice.ipynb"))
    shown = notebook.run(1)
    expect(shown.get_by_text(re.compile(r"\d+ of \d+ repaired"))).to_be_visible(timeout=PATIENCE)
    shown.get_by_role("button", name=tickets.title).focus()
    press(page, "Enter")
    expect(shown.get_by_role("heading", name=tickets.title)).to_be_visible()
    expect(shown.get_by_role("link", name="door.py")).to_be_visible()
    expect(shown.get_by_role("button", name="Compare with the reference")).to_be_hidden()

    check = shown.get_by_role("button", name="Check my repair")
    check.focus()
    press(page, "Enter")
    is_said(page, "A ticket of five months ago started the DAG.")
    look(notebook, "practice-failed", shown)
    check.focus()
    press(page, "Tab", "Enter")
    is_said(page, "Hint 1 of 3.")
    expect(shown.get_by_role("button", name="Hint 2 of 3")).to_be_focused()

    lay_out(tickets.reference, tickets.folder)
    check.focus()
    press(page, "Enter")
    is_said(page, "Good tickets start their DAG")
    notebook.photograph("practice-passed")
    shown.get_by_role("button", name="Compare with the reference").focus()
    press(page, "Enter")
    is_said(page, "line by line")

    shown.get_by_role("button", name="Begin again").focus()
    press(page, "Enter")
    expect(shown.get_by_role("button", name="Yes, put the files back")).to_be_focused()
    press(page, "Enter")
    is_said(page, "as it was at the beginning")
    assert "spring" in (tickets.folder / "door.py").read_text() or "YWly" in (tickets.folder / "door.py").read_text()

    shown.get_by_role("link", name="door.py").click()
    expect(page.locator("#jp-main-dock-panel .lm-TabBar-tab.lm-mod-current", has_text="door.py")).to_be_visible()


def test_recall_remembers(notebook: Notebook, address: str) -> None:
    page = notebook.page
    store = progress.current()
    with store.change() as data:
        data["cards"] = {}
    store.predict("1-recall-test", "a", {"a": "x"})
    notebook.open(address.format("recall.ipynb"))
    shown = notebook.run(1)
    expect(shown.get_by_text(re.compile("FLASH CARD 1 OF"))).to_be_visible(timeout=PATIENCE)
    shown.get_by_role("button", name="Show answer").focus()
    press(page, "Enter")
    expect(shown.get_by_role("button", name="I knew it")).to_be_focused()
    first, second, *_ = deck(1)
    is_said(page, first.back.split("`")[0])
    look(notebook, "recall", shown)
    shown.get_by_role("button", name="I knew it").focus()
    press(page, "Enter")
    expect(shown.get_by_text("The last one comes back on")).to_be_visible()
    is_said(page, second.front.split("`")[0])
    [kept] = store.cards().values()
    assert kept["stability"] > 0
    with store.change() as data:
        data["predictions"].pop("1-recall-test")


def test_an_exam_from_its_beginning_to_its_result(notebook: Notebook, address: str) -> None:
    page = notebook.page
    notebook.open(address.format("exam.ipynb"))
    shown = notebook.run(1)
    shown.get_by_role("button", name="Begin the exam").focus()
    press(page, "Enter")
    is_said(page, "Choose the lessons first")
    shown.get_by_label("Lesson 3").focus()
    press(page, "Space")
    expect(shown.get_by_label("Minutes")).to_have_value("50", timeout=PATIENCE)
    look(notebook, "exam-offer", shown)
    shown.get_by_role("button", name="Begin the exam").focus()
    press(page, "Enter")
    expect(shown.get_by_text(re.compile(r"\d+ minutes left"))).to_be_visible(timeout=PATIENCE)
    expect(shown.get_by_text("0 of 7 answers seen; not yet: 3.1")).to_be_visible()
    look(notebook, "exam-running", shown)

    # A wrong and a right answer look the same; a restart of the kernel loses nothing.
    [source] = layout.read_lesson(3)
    answers = {cell["id"]: cell["source"] for cell in instructor(source)["cells"]}
    notebook.open(address.format("exam-3/basics-of-encryption.ipynb"))
    cells = json.loads((paths.work_dir() / "exam-3" / "basics-of-encryption.ipynb").read_text())["cells"]
    names = [cell["metadata"].get("nbgrader", {}).get("grade_id", "") for cell in cells]
    for index, name in enumerate(names):
        if name.startswith("task-"):
            notebook.type_into(index, answers[name] if name != "task-3-1" else "def seal(*_):\n    return b''")
        outputs = notebook.run(index)
        if name.startswith("check-"):
            expect(outputs).to_contain_text("Recorded", timeout=PATIENCE)
            expect(outputs).to_contain_text("minutes left")
            for word in ("Passed", "Not yet", "Try next"):
                expect(outputs).not_to_contain_text(word)
        if name == "check-3-1":
            notebook.photograph("exam-check")
    notebook.save()
    sitting = Sitting.find(paths.work_dir() / "exam-3")
    assert sitting
    assert len(sitting.seen()) == 7
    notebook.open(address.format("start.ipynb"))
    expect(notebook.run(1)).to_contain_text("An exam is running")

    notebook.open(address.format("exam.ipynb"))
    shown = notebook.run(1)
    expect(shown.get_by_text("7 of 7 answers seen")).to_be_visible(timeout=PATIENCE)
    shown.get_by_role("button", name="Hand in", exact=True).focus()
    press(page, "Enter")
    expect(shown.get_by_role("button", name="Yes, all notebooks are saved")).to_be_focused()
    press(page, "Enter")
    expect(shown.get_by_role("link", name="exam-3.zip")).to_be_visible(timeout=PATIENCE)
    assert (paths.work_dir() / "exam-3.zip").exists()
    shown.get_by_role("button", name="See how it went").focus()
    press(page, "Enter")
    expect(shown.get_by_text("17 of 19 points.")).to_be_visible(timeout=PATIENCE)
    look(notebook, "exam-result", shown)


def test_progress_is_saved_and_brought_back(notebook: Notebook, address: str) -> None:
    page = notebook.page
    store = progress.current()
    store.record_exercise("lesson-9/brought-along")
    notebook.open(address.format("progress.ipynb"))
    shown = notebook.run(1)
    shown.get_by_role("button", name="Save a copy").focus()
    press(page, "Enter")
    is_said(page, "written to progress-")
    [copy] = paths.work_dir().glob("progress-*.json")
    with store.change() as data:
        del data["exercises"]["lesson-9/brought-along"]
    look(notebook, "progress", shown)
    with page.expect_file_chooser() as chooser:
        shown.get_by_role("button", name="Bring a copy back").click()
    chooser.value.set_files(copy)
    is_said(page, "was brought in")
    assert store.exercise_passed("lesson-9/brought-along")
    with store.change() as data:
        del data["exercises"]["lesson-9/brought-along"]
    copy.unlink()
