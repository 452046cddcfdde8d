"""A class from Moodle's zip to the CSV file that Moodle imports."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from airlock.grading import batch, scores
from airlock.grading.collect import collect
from airlock.grading.pipeline import Pipeline
from airlock.grading.times import Times
from tests.grading.classroom import DUE, SCRIPT, Classroom, pack
from tests.grading.conftest import Class


def test_from_the_zip_to_the_scores(school: Class, tmp_path: Path) -> None:
    classroom = Classroom(9)
    hand_ins = classroom.hand_ins(8)
    assert [each.kind for each in hand_ins] == [
        *("correct", "correct", "another way", "another way", "partly", "wrong", "untouched"),
        *("hostile: checks print a score", "hostile: checks deleted"),
    ]
    more = [
        each
        for each in classroom.hand_ins(40)
        if each.kind in ("hostile: no JSON", "hostile: script in text and output")
    ]
    hand_ins += more
    pack(hand_ins, 9, tmp_path / "moodle")
    own = "from airlock.grading.config import configure\nc = get_config()\nconfigure(c)\nc.LatePerDay.share = 0.1\n"
    (school.root / "nbgrader_config.py").write_text(own)

    times = Times()
    times.read_worksheet(tmp_path / "moodle" / "worksheet.csv")
    collected, remarks = collect(tmp_path / "moodle" / "class.zip", times)
    assert (len(collected), remarks) == (len(hand_ins), [])
    pipeline = Pipeline(10)
    pipeline.register("lesson-9")
    pipeline.lateness.due("lesson-9", DUE)
    results = {each.submission.learner: each for each in batch.grade(pipeline, pipeline.submissions(9))}
    scores.write(school.root / "gradebook.db", "moodle", school.root / "scores.csv")
    table = {line["username"]: float(line["lesson-9"]) for line in csv.DictReader((school.root / "scores.csv").open())}

    for each in hand_ins:
        result = results[each.identifier]
        if each.low is None or each.high is None:
            assert result.score is None, each.kind
            assert each.identifier not in table, each.kind
            continue
        left = 0.8 if each.late.total_seconds() > 0 else 1.0
        assert left * each.low - 0.01 <= table[each.identifier] <= left * each.high + 0.01, each.kind
        assert result.score == pytest.approx(table[each.identifier]), each.kind
        assert any("late" in note for note in result.notes) is (left < 1), each.kind
        page = (school.root / "feedback" / each.identifier / "lesson-9" / "lesson.html").read_text()
        assert SCRIPT not in page, each.kind
    assert sum(each.late.total_seconds() > 0 for each in hand_ins) == 2
