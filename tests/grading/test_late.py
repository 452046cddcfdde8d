"""Late hand-ins: due dates, extensions, what being late costs, in every place where a score is shown."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from traitlets.config import Config

from airlock.grading import batch, scores
from airlock.grading.config import BadSettings
from airlock.grading.late import LatePerDay, NoDueDate
from airlock.grading.pipeline import Graded, Pipeline, Submission
from tests.course.conftest import view_of_nobody, write_course
from tests.grading.conftest import Class, in_class

DUE = datetime(2026, 12, 1, 18, tzinfo=UTC)
OWN = "from airlock.grading.config import configure\nc = get_config()\nconfigure(c)\n"


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    """A class in which ada has full marks; she handed in 25 hours after `DUE`."""
    with pytest.MonkeyPatch.context() as patch:
        course = write_course(tmp_path_factory.mktemp("class"), patch)
        school = in_class(course, view_of_nobody(course, patch), patch)
        submission = school.hand_in("ada", school.solved())
        (submission.folder / "timestamp.txt").write_text("2026-12-02 19:00:00 UTC")
        grade(school)
        yield school


@pytest.fixture
def late(graded: Class) -> Iterator[Class]:
    """That class, with a tenth off for each day."""
    settle(graded, "c.LatePerDay.share = 0.1\n")
    graded.pipeline.lateness.due("lesson-9", DUE)
    yield graded
    graded.pipeline.lateness.due("lesson-9", None)


def settle(school: Class, lines: str) -> None:
    """Have an instructor's own lines read."""
    (school.root / "nbgrader_config.py").write_text(OWN + lines)
    school.pipeline = Pipeline(10)
    school.pipeline.register("lesson-9")


def grade(school: Class, again: bool = False) -> Graded:
    [graded] = batch.grade(school.pipeline, [Submission("ada", "lesson-9")], again=again)
    return graded


def test_two_days_begun_cost_two_tenths_in_every_place_and_once(late: Class) -> None:
    for again in (False, True):
        graded = grade(late, again)
        assert graded.score == pytest.approx(7.2)
        assert [note for note in graded.notes if "late" in note] == [
            "It was handed in 25.0 hours late: 1.8 points off."
        ]
    late.pipeline.export(late.root / "grades.csv")
    [line] = csv.DictReader((late.root / "grades.csv").open(newline=""))
    assert (float(line["score"]), line["late_penalty"]) == (pytest.approx(7.2), "1.8")
    scores.write(late.root / "gradebook.db", "moodle", late.root / "scores.csv")
    assert (late.root / "scores.csv").read_text().splitlines() == ["username,lesson-9", "ada,7.2"]
    page = (late.root / "feedback" / "ada" / "lesson-9" / "lesson.html").read_text()
    assert "Score: 7.2 / 13.0" in page
    assert "Late submission penalty (Score: -1.8)" in page


def test_a_mark_by_hand_is_penalized_too(late: Class) -> None:
    grade(late)
    _mark(late, 3)
    late.pipeline.lateness.penalize_all()
    assert late.pipeline._recorder.score(Submission("ada", "lesson-9")) == (pytest.approx(12 * 0.8), 13.0, True)
    assert grade(late).score == pytest.approx(12 * 0.8)
    assert "Score: 9.6 / 13.0" in (late.root / "feedback" / "ada" / "lesson-9" / "lesson.html").read_text()
    _mark(late, None)


def _mark(school: Class, points: float | None) -> None:
    with Gradebook(f"sqlite:///{school.root}/gradebook.db") as gradebook:
        gradebook.find_grade("written-9-7", "lesson", "lesson-9", "ada").manual_score = points
        gradebook.db.commit()


def test_the_date_moves_and_so_does_the_score(late: Class) -> None:
    lateness = late.pipeline.lateness
    assert grade(late).score == pytest.approx(7.2)
    late.pipeline.register("lesson-9")  # as every command does: the date stays
    assert grade(late).score == pytest.approx(7.2)
    lateness.due("lesson-9", DUE + timedelta(days=1))
    assert grade(late).score == pytest.approx(8.1)
    lateness.extend(Submission("ada", "lesson-9"), DUE + timedelta(days=2))
    graded = grade(late)
    assert (graded.score, graded.notes) == (9.0, ())
    lateness.extend(Submission("ada", "lesson-9"), None)
    assert grade(late).score == pytest.approx(8.1)
    lateness.due("lesson-9", None)
    assert grade(late).score == 9.0
    with pytest.raises(NoDueDate, match="no due date"):
        lateness.extend(Submission("ada", "lesson-9"), DUE)


def test_without_a_penalty_lateness_is_only_told(late: Class) -> None:
    settle(late, "")
    graded = grade(late)
    assert (graded.score, graded.notes) == (9.0, ("It was handed in 25.0 hours late: nothing is taken off.",))


@pytest.mark.parametrize(
    ("lines", "penalty"),
    [
        ("c.LatePerDay.share = 0.4\nc.LatePerDay.most = 0.5", 4.5),
        ("c.LateSubmissionPlugin.penalty_method = 'zero'", 9.0),
        (
            "from nbgrader.plugins import LateSubmissionPlugin\n"
            "class Own(LateSubmissionPlugin):\n"
            "    def late_submission_penalty(self, student_id, score, total_seconds_late):\n"
            "        return 1.5 if student_id == 'ada' else 0\n"
            "c.AssignLatePenalties.plugin_class = Own",
            1.5,
        ),
    ],
    ids=["at most", "nbgrader's zero", "a plug-in of one's own"],
)
def test_other_penalties(late: Class, lines: str, penalty: float) -> None:
    settle(late, lines)
    assert grade(late).score == pytest.approx(9.0 - penalty)


@pytest.mark.parametrize(("seconds", "penalty"), [(1, 1.0), (86_400, 1.0), (86_401, 2.0), (1e9, 10.0)])
def test_a_day_is_begun_with_its_first_second(seconds: float, penalty: float) -> None:
    plugin = LatePerDay(config=Config({"LatePerDay": {"share": 0.1}}))
    assert plugin.late_submission_penalty("ada", 10.0, seconds) == penalty


def test_settings_that_cannot_be_read_are_told(course: Path) -> None:
    (course / "nbgrader_config.py").write_text(OWN + "c.LatePerDay.share = = 1")
    with pytest.raises(BadSettings, match=r"nbgrader_config\.py.*line 4"):
        Pipeline()
