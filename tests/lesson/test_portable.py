"""Progress taken along and brought back: nothing of either side is lost, and nothing else is taken for it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from airlock.checks.report import failed, passed
from airlock.cli.progress import progress_command
from airlock.lesson import portable, progress
from airlock.lesson.errors import LessonError

pytestmark = pytest.mark.usefixtures("state")


def _do(store: progress.Progress) -> None:
    store.record_check(failed("x", "", "", share=0.5).labelled("1.1", "T", 4))
    store.record_check(passed("x").labelled("1.2", "T", 2))
    store.predict("1-a", "a", {"a": "x", "b": "y"})
    store.predict_cells("5-m", {"a/b/host/scram": "read"})
    store.record_myth("1-x", True)
    store.record_card("1/a", {"due": "2026-01-05", "stability": 2.3, "difficulty": 2.1, "day": "2026-01-03"})
    store.record_exercise("lesson-1/x")
    store.visit("watch", "lesson-1")
    store.record_exam("exam-1", {"begun": "2026-01-01T00:00:00+00:00", "handed_in": None})


def test_there_and_back(tmp_path: Path, state: Path) -> None:
    _do(progress.current())
    before = progress.current().read()
    assert "9 things done written" in portable.save(tmp_path / "copy.json")
    (state / "progress.json").unlink()
    assert (
        portable.bring(tmp_path / "copy.json") == "copy.json was brought in: 0 things done before, 9 things done now."
    )
    assert progress.current().read() == before
    assert "9 things done before, 9 things done now" in portable.bring(tmp_path / "copy.json")
    assert progress.current().read() == before


def test_what_is_further_on_stands(tmp_path: Path, state: Path) -> None:
    _do(progress.current())
    portable.save(tmp_path / "old.json")
    store = progress.current()
    store.record_check(passed("x").labelled("1.1", "T", 4))
    store.predict_cells("5-m", {"c/d/host/scram": "safe"})
    store.record_card("1/a", {"due": "2027-01-01"})
    portable.save(tmp_path / "new.json")
    newer = store.read()
    portable.bring(tmp_path / "old.json")
    assert store.read() == newer
    (state / "progress.json").unlink()
    portable.bring(tmp_path / "old.json")
    portable.bring(tmp_path / "new.json")
    kept = progress.current().read()
    assert kept["checks"]["1.1"]["first_passed"]
    assert set(kept["matrices"]["5-m"]) == {"a/b/host/scram", "c/d/host/scram"}


@pytest.mark.parametrize(
    "content",
    ["", "{}", "[]", "3", '{"kind": "airlock progress", "version": 99}', "[" * 20_000,
     '{"kind": "airlock progress", "version": 1, "checks": 3}',
     '{"kind": "airlock progress", "version": 1, "checks": {"1.1": 3}}'],
)  # fmt: skip
def test_anything_else_is_refused_in_a_sentence_and_changes_nothing(tmp_path: Path, content: str) -> None:
    _do(progress.current())
    before = progress.current().read()
    (tmp_path / "other.json").write_text(content)
    with pytest.raises(LessonError, match=r"other\.json is not a copy of anybody's progress"):
        portable.bring(tmp_path / "other.json")
    assert progress.current().read() == before


def test_a_table_for_a_spreadsheet(tmp_path: Path) -> None:
    _do(progress.current())
    portable.save(tmp_path / "all.csv")
    lines = list(csv.DictReader((tmp_path / "all.csv").open()))
    assert {line["mode"] for line in lines} == {"do", "predict", "recall", "fix", "visit", "exam"}
    [half] = [line for line in lines if line["item"] == "1.1"]
    assert (half["state"], half["points"], half["of"]) == ("failed", "2.0", "4")


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _do(progress.current())
    progress_command(export=tmp_path / "a.json", bring=None)
    progress_command(export=None, bring=tmp_path / "a.json")
    assert json.loads((tmp_path / "a.json").read_text())["kind"] == portable.KIND
    assert "9 things done before, 9 things done now" in capsys.readouterr().out
    with pytest.raises(LessonError, match="cannot be written"):
        portable.save(tmp_path / "nowhere" / "a.json")
    with pytest.raises(LessonError, match="cannot be read"):
        portable.bring(tmp_path / "missing.json")
