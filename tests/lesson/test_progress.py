"""The progress store survives restarts, crashes, other processes and its own damage."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from airlock.checks.report import failed, lab_down, passed
from airlock.lesson import progress
from airlock.lesson.progress import Progress

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


@pytest.fixture
def store(state: Path) -> Progress:
    return progress.current()


def test_a_pass_is_kept_and_a_later_failure_does_not_take_it_away(store: Progress) -> None:
    store.record_check(failed("x", "", "").labelled("1.1", "T", 4))
    assert not store.passed("1.1")
    store.record_check(passed("x").labelled("1.1", "T", 4))
    first = progress.current().check("1.1")
    store.record_check(failed("x", "", "", share=0.25).labelled("1.1", "T", 4))
    last = progress.current().check("1.1")
    assert first
    assert last
    assert store.passed("1.1")
    assert (last["attempts"], last["earned"], last["best"], last["outcome"]) == (3, 1.0, 4.0, "failed")
    assert last["first_passed"] == first["first_passed"]


def test_a_lab_that_is_down_is_no_attempt(store: Progress) -> None:
    store.record_check(lab_down("x", "y").labelled("1.1", "T", 4))
    kept = store.check("1.1")
    assert kept
    assert kept["attempts"] == 0


def test_a_prediction_can_be_changed_until_it_is_revealed(store: Progress) -> None:
    store.predict("1-a", "a", {"a": "x", "b": "y"})
    store.predict("1-a", "b", {"a": "x", "b": "y"})
    store.reveal("1-a")
    store.predict("1-a", "a", {"a": "x", "b": "y"})
    kept = progress.current().prediction("1-a")
    assert kept
    assert kept["answer"] == "b"


def test_a_cell_can_be_predicted_until_it_was_run_and_runs_are_kept_beside_it(store: Progress) -> None:
    store.predict_cells("5-m", {"a/b/host/scram": "read", "a/c/host/scram": "safe", "a/d/host/scram": "safe"})
    first = store.matrix("5-m")["a/b/host/scram"]
    store.predict_cells("5-m", {"a/b/host/scram": "read", "a/c/host/scram": "refused", "a/d/host/scram": None})
    assert store.matrix("5-m")["a/b/host/scram"] == first
    store.record_cell("5-m", "a/b/host/scram", "refused", "no", "nothing")
    store.record_cell("5-m", "a/b/host/scram", "read", "", "rows")
    store.record_cell("5-m", "x/y/host/scram", "safe", "", "")
    store.predict_cells("5-m", {"a/b/host/scram": "safe", "x/y/host/scram": "safe", "n/n/host/scram": None})
    kept = progress.current().matrix("5-m")
    assert set(kept) == {"a/b/host/scram", "a/c/host/scram", "x/y/host/scram"}
    ran = kept["a/b/host/scram"]
    assert (ran["predicted"], ran["observed"], ran["error"], ran["gained"]) == ("read", "read", "", "rows")
    assert first["committed"] == ran["committed"] <= ran["first_run"] <= ran["last_run"]
    assert kept["a/c/host/scram"]["predicted"] == "refused"
    assert "predicted" not in kept["x/y/host/scram"]
    assert store.matrix("other") == {}


def test_a_damaged_file_is_set_aside_and_said(store: Progress, capsys: pytest.CaptureFixture[str]) -> None:
    store.record_exercise("lesson-1/x")
    assert store.file
    store.file.write_text('{"version": 1, "chec')
    store.record_myth("1-x", True)
    said = capsys.readouterr().out
    aside = list(store.file.parent.glob("progress.json.unreadable-*"))
    assert [file.read_text() for file in aside] == ['{"version": 1, "chec']
    assert aside[0].name in said
    assert store.myth("1-x") is True


@pytest.mark.parametrize("content", ["[]", "null", '{"version": 99}', '{"version": 1, "checks": 3}', "\xff"])
def test_no_content_whatever_breaks_it(store: Progress, content: str) -> None:
    assert store.file
    store.file.parent.mkdir(parents=True)
    store.file.write_bytes(content.encode("latin-1"))
    store.record_card("1/a", {"due": "2026-01-01"})
    assert progress.current().cards()["1/a"]["due"] == "2026-01-01"


def test_two_processes_lose_nothing_of_each_other(store: Progress) -> None:
    program = (
        "import sys; from airlock.lesson import progress\n"
        "for n in range(40): progress.current().record_exercise(f'lesson-1/{sys.argv[1]}-{n}')"
    )
    running = [subprocess.Popen([sys.executable, "-c", program, name]) for name in ("a", "b")]
    assert [each.wait(timeout=120) for each in running] == [0, 0]
    assert len(store.read()["exercises"]) == 80


@pytest.mark.parametrize("name", ["AIRLOCK_SEED", "NBGRADER_EXECUTION"])
def test_nothing_is_written_while_grading(state: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "0" * 32)
    progress.current().predict("1-z", "a", {"a": "x"})
    assert progress.current().prediction("1-z")
    assert not state.exists()


def test_the_file_is_json_with_a_version(store: Progress) -> None:
    store.record_myth("1-x", False)
    assert store.file
    assert json.loads(store.file.read_text())["version"] == 1


@pytest.mark.parametrize("lesson", range(1, 7))
def test_what_a_lesson_calls_watch_can_be_watched(lesson: int) -> None:
    """The start page counts lessons watched out of those with something to watch: each needs a call that says so."""
    noted = ("watch(", "handshake(", "matrix(", "lab.execution_api.stock(", "lab.attack(")
    sources = [file.read_text(encoding="utf-8") for file in (NOTEBOOKS / f"lesson-{lesson}").glob("*.ipynb")]
    code = "".join(
        line
        for source in sources
        for cell in json.loads(source)["cells"]
        if cell["cell_type"] == "code"
        for line in cell["source"]
    )
    assert any(call in code for call in noted)
