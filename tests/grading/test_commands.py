"""The instructor's commands, as typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from airlock.cli.main import app
from tests.grading.conftest import Class, find

OWN = "from airlock.grading.config import configure\nc = get_config()\nconfigure(c)\nc.LatePerDay.share = 0.1\n"


def said(*words: str, code: int = 0) -> str:
    """What a command prints, in one line."""
    done = CliRunner().invoke(app, words, env={"COLUMNS": "300", "NO_COLOR": "1"})
    assert done.exit_code == code, done.output
    return " ".join(done.output.split())


def test_late_with_longer_one_task_and_alike(school: Class) -> None:
    solved = school.solved()
    find(solved, "task-9-2").source = (
        "def double(number):\n    found = []\n    for each in range(number):\n        found += [each, each]\n"
        "    return len(found)"
    )
    for learner in ("ada", "bob"):
        submission = school.hand_in(learner, solved, f"{ord(learner[0]):032x}")
        (submission.folder / "timestamp.txt").write_text("2026-12-02 19:00:00 UTC")
    (school.root / "nbgrader_config.py").write_text(OWN)

    first = said("grade", "--lesson", "9", "--due", "2026-12-01T18:00+00:00")
    assert first.count("7.2 of 13") == 2
    assert first.count("25.0 hours late: 1.8 points off") == 2
    longer = said("grade", "--lesson", "9", "--learner", "ada", "--due", "2026-12-03T00:00+00:00")
    assert "9 of 13" in longer
    assert "Task 9.1 alone was graded anew" in said("grade", "--task", "9.1", "--learner", "bob")
    both = said("grade", "--learner", "ada", "--learner", "bob", "--learner", "zoe")
    assert "ada lesson-9" in both
    assert "bob lesson-9" in both
    assert "Nothing was handed in by zoe." in both
    assert "Built on 9.1, and left as it is: 9.3." in said("grade", "--task", "9.1", "--learner", "nobody", code=2)
    assert said("scores") == "username,lesson-9 ada,9 bob,7.2"
    assert "ada and bob" in said("similar", "--lesson", "9", "--to", "similar.csv")
    assert "lesson-9,ada,bob,task-9-2,100,True" in Path("similar.csv").read_text()
    refused = said("grade", "--lesson", "9", "--learner", "ada", "--due", "2026-11-01", code=2)
    assert "is due on 2026-12-01 at 18:00 UTC" in refused
    (school.root / "nbgrader_config.py").write_text("c = ")
    assert "Mend it" in said("grade", code=2)
    assert "Mend it" in said("scores", code=2)


def test_pages_may_wait(school: Class) -> None:
    school.hand_in("ada", school.solved())
    page = school.root / "feedback" / "ada" / "lesson-9" / "lesson.html"
    now = said("grade", "--no-pages")
    assert "9 of 13" in now
    assert "Feedback: ./airlock grade" in now
    assert not page.exists()
    assert "Feedback: feedback/" in said("grade")
    assert page.exists()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("grade", "--due", "2026-12-01"), "--due needs --lesson"),
        (("grade", "--lesson", "9", "--due", "tomorrow"), "Write 2026-12-01T18:00"),
        (("grade", "--task", "9.99"), "no check judges '9.99'"),
        (("grade", "--task", "9.1", "--task", "1.1"), "of several lessons"),
        (("grade", "--task", "9.1", "--lesson", "1"), "of several lessons"),
        (("similar", "--lesson", "9"), "Nothing to compare"),
    ],
)
def test_what_makes_no_sense_is_told(course: Path, words: tuple[str, ...], why: str) -> None:
    done = CliRunner().invoke(app, words, env={"COLUMNS": "300"})
    assert done.exit_code == 2
    assert why in " ".join(done.output.replace("│", " ").split())
