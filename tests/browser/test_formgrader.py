"""An instructor marks a written answer in formgrader, grades again, and the learner's page has mark and comment.

Of formgrader's pages only what stands in them is the course's: reports, and a hand-in's prose. A page of feedback is
the course's as a whole.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import nbgrader.server_extensions.formgrader as formgrader_pages
import pytest
from playwright.sync_api import Page, expect
from traitlets.config import Config

from airlock.course.layout import read_lesson
from airlock.course.notebook import instructor
from airlock.grading import batch
from airlock.grading.config import configure
from airlock.grading.pages import PageExporter
from airlock.lesson.wiretap import as_page
from tests.browser.jupyter import PATIENCE, serious
from tests.course.conftest import course, nobody  # noqa: F401 - fixtures
from tests.grading.conftest import Class, find, school  # noqa: F401 - fixtures

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
ROOT = Path(__file__).resolve().parents[2]
ANSWER = "Forty-two, because **it was asked for**.<script>document.title = 'stolen'</script>"
COMMENT = "Say *who* asked."


@pytest.fixture
def formgrader(school: Class) -> Iterator[str]:  # noqa: F811
    """The address of formgrader, opened by the instructor's command, with three hand-ins graded."""
    answered, half = school.solved(), school.solved()
    for notebook in (answered, half):
        find(notebook, "written-9-7").source = ANSWER
    find(half, "task-9-1").source = "answer = 42.0"
    for learner, notebook in {"ada": answered, "bob": half, "cyd": school.released()}.items():
        school.hand_in(learner, notebook, f"{ord(learner[0]):032x}")
    assert [each.score for each in batch.grade(school.pipeline, school.pipeline.submissions())] == [9.0, 7.0, 0.0]
    (school.root / "nbgrader_config.py").write_text((ROOT / "nbgrader_config.py").read_text())
    command = [sys.executable, "-m", "airlock.cli", "mark"]
    mark = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "COLUMNS": "300"})
    try:
        assert mark.stdout
        address = re.search(r"http://\S+", mark.stdout.readline())
        assert address
        yield address[0]
    finally:
        mark.send_signal(signal.SIGINT)
        mark.wait(30)


def test_from_the_answer_to_the_page_with_the_mark(page: Page, formgrader: str, school: Class) -> None:  # noqa: F811
    shots = ROOT / ".airlock-screenshots" / "test_formgrader"
    shots.mkdir(parents=True, exist_ok=True)
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url))

    def photograph(name: str) -> None:
        page.screenshot(path=str(shots / f"{name}.png"), full_page=True)

    page.wait_for_timeout(1000)
    _open(page, formgrader)
    row = page.locator("tr", has_text="lesson-9")
    expect(row).to_be_visible(timeout=PATIENCE)
    expect(row.get_by_role("link", name="3", exact=True)).to_be_visible()
    photograph("1-assignments")
    # The lab's pages are not for this server: it shows what learners handed in.
    base, _, token = formgrader.partition("/formgrader?")
    assert page.request.get(f"{base}/api/contents?{token}").ok
    assert page.request.get(f"{base}/server-proxy/servers-info?{token}").status == 404

    page.goto(formgrader.replace("/formgrader?", "/formgrader/gradebook/lesson-9/lesson?"))
    rows = page.locator("#notebook-submissions-table_wrapper tbody tr, table tbody tr")
    expect(rows).to_have_count(3, timeout=PATIENCE)
    photograph("2-gradebook")

    rows.first.get_by_role("link").first.click()
    score, comment = page.locator("#written-9-7"), page.locator("#written-9-7-comment")
    expect(score).to_be_visible(timeout=PATIENCE)
    answer = page.get_by_text("Forty-two, because it was asked for.")
    if not answer.is_visible():  # formgrader hides the names and shuffles: one of the three has written nothing
        page.get_by_role("link", name="Next").click()
        expect(answer).to_be_visible(timeout=PATIENCE)
    expect(score).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("[PASSED]").first).to_be_visible()
    score.fill("3")
    with page.expect_response(lambda answer: "/api/grade/" in answer.url and answer.request.method == "PUT"):
        score.blur()
    comment.fill(COMMENT)
    with page.expect_response(lambda answer: "/api/comment/" in answer.url and answer.request.method == "PUT"):
        comment.blur()
    photograph("3-marked")
    assert "stolen" not in page.title()
    ours = {"include": [[".output_area"], [".text_cell_render"]], "exclude": [[".anchor-link"]]}
    assert page.locator(".output_area").count() > 5
    assert serious(page, ours) == []

    marked = {each.submission.learner: each for each in batch.grade(school.pipeline, school.pipeline.submissions())}
    assert all(each.kept for each in marked.values())
    [learner] = [name for name, each in marked.items() if each.score in (12.0, 10.0)]
    page.goto((school.root / "feedback" / learner / "lesson-9" / "lesson.html").as_uri())
    expect(page.get_by_text("Say who asked.")).to_be_visible()
    expect(page.get_by_text(f"Score: {marked[learner].score}", exact=False).first).to_be_visible()
    photograph("4-feedback")
    assert "stolen" not in page.title()
    assert serious(page) == []
    assert {each for each in asked if not each.startswith(("http://127.0.0.1:", "data:", "blob:", "file:"))} == set()


def test_feedback_can_be_read_by_everybody(page: Page, tmp_path: Path) -> None:
    """Code of two lessons in one page, as hand-ins may have it, with comments, a penalty and widgets' stand-ins."""
    config = Config()
    configure(config)
    static = Path(formgrader_pages.__file__).parent / "static"
    config.HTMLExporter.extra_template_paths = [str(static / "node_modules" / "bootstrap" / "dist" / "css")]
    v4: Any = nbformat.v4
    cells = [cell for number in (3, 5) for source in read_lesson(number) for cell in instructor(source)["cells"]]
    for cell in cells:
        if cell.cell_type == "code":
            shown = {"text/html": as_page("read  ✓ safe?", "The matrix"), "text/plain": ""}
            cell.outputs = [v4.new_output("display_data", data=shown), v4.new_output("stream", text="[PASSED]  1.1")]
        cell.metadata.get("nbgrader", {}).update(
            score=1.0, comment="Say *who* asked, and [where](https://example.org)."
        )
    marks = {"notebook": "lesson", "score": 1.0, "max_score": 2.0, "late_penalty": 1.0}
    exporter = PageExporter(template_name="feedback", config=config)
    html, _ = exporter.from_notebook_node(v4.new_notebook(cells=cells), {"nbgrader": marks})
    file = tmp_path / "lesson.html"
    file.write_text(html)
    page.goto(file.as_uri())
    expect(page.get_by_text("Late submission penalty")).to_be_visible()
    page.screenshot(path=str(ROOT / ".airlock-screenshots" / "test_formgrader" / "5-feedback-of-lessons.png"))
    assert serious(page) == []


def _open(page: Page, address: str) -> None:
    """The command has said the address; the server takes a moment more."""
    for _ in range(60):
        try:
            page.goto(address)
            return
        except Exception:
            page.wait_for_timeout(500)
    page.goto(address)
