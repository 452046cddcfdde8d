"""Prepared answers on trial: the good course passes, and each kind of failure is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from airlock.checks.report import Outcome, Report
from airlock.course import cases, layout
from airlock.course.bench import around, before, reaches_out
from airlock.course.cases import Case, Expect
from airlock.course.fault import BadSource, Fault
from airlock.course.source import read
from airlock.course.trials import Trials
from airlock.lab import View
from tests.course.throwaway import LESSON


def _trials(source: Path, view: View) -> Trials:
    return Trials(read(source, 9), cases.load(9), view, lambda _: None)


def _answers(source: Path, view: View, task: str) -> list[Fault]:
    return [fault for finding in _trials(source, view).answers(task) for fault in finding.faults]


def _again(source: Path, view: View) -> list[Fault]:
    trials = _trials(source, view)
    again = [finding for finding in trials.answers() if "again" in finding.what]
    return [fault for finding in (*again, trials.restarted()) for fault in finding.faults]


def test_the_good_lesson_passes(source: Path, nobody: View) -> None:
    findings = list(_trials(source, nobody).answers())
    assert [fault for finding in findings for fault in finding.faults] == []
    assert len(findings) == 6


def test_the_good_lesson_runs_as_a_learner_runs_it(source: Path, nobody: View) -> None:
    assert _trials(source, nobody).untouched().faults == ()
    assert _again(source, nobody) == []


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("wrong", "# expect: full\nanswer = 1\n", "expected full, came to: failed"),
        ("right", "# expect: fail wild-guess\nanswer = 42\n", "expected fail, came to: passed"),
        ("other", "# expect: fail wild-guess\nanswer = 41\n", "expected misconception wild-guess, got off-by-one"),
        ("whole", "# expect: partial\nanswer = 42\n", "expected partial, came to: passed"),
        ("gains", "# expect: cheat\nanswer = 42.0\n", "expected cheat, came to: failed, 1 of 2 points"),
        ("same", "# expect: fail short\nanswer = 41\n", "expected misconception short"),
    ],
)
def test_an_answer_that_comes_to_something_else(source: Path, nobody: View, name: str, text: str, said: str) -> None:
    file = source.parent / "cases" / "9.1" / f"{name}.py"
    file.write_text(text)
    faults = _answers(source, nobody, "9.1")
    assert any(said in fault.what and fault.file == file for fault in faults), [fault.what for fault in faults]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("answer = 40 + 1 + 1", "answer = 40", "answer reference: expected full"),
        ("answer = ...", "answer = 3", "answer untouched: expected not attempted"),
    ],
)
def test_reference_and_placeholder(source: Path, nobody: View, old: str, new: str, said: str) -> None:
    source.write_text(LESSON.replace(old, new))
    faults = _answers(source, nobody, "9.1")
    assert any(said in fault.what for fault in faults), [fault.what for fault in faults]


def test_a_cell_that_raises(source: Path, nobody: View) -> None:
    source.write_text(LESSON.replace('print("something happens")', "1 / 0"))
    for faults in (_trials(source, nobody).untouched().faults, _again(source, nobody)):
        assert any("ZeroDivisionError" in fault.what for fault in faults)


@pytest.mark.parametrize(("other", "said"), [("41", "It is one short"), ("42.0", "It is a float")])
def test_a_second_run_that_comes_to_something_else(source: Path, nobody: View, other: str, said: str) -> None:
    forgetful = f"answer = 42 if 'double' not in globals() else {other}"
    source.write_text(LESSON.replace("answer = 40 + 1 + 1", forgetful))
    faults = _again(source, nobody)
    assert any("second run" in fault.what and said in fault.what for fault in faults), [fault.what for fault in faults]
    assert not any("restarted" in fault.what for fault in faults)


def test_answers_do_not_see_each_other(source: Path, nobody: View) -> None:
    folder = source.parent / "cases" / "9.1"
    (folder / "a_first.py").write_text("# expect: full\nleft_over = 42\nanswer = 42\n")
    (folder / "z_last.py").write_text("# expect: full\nanswer = left_over\n")
    faults = _answers(source, nobody, "9.1")
    assert [fault.file.stem for fault in faults] == ["z_last"]


def test_a_cheat_breaks_only_its_own_kernel(source: Path, nobody: View) -> None:
    (source.parent / "cases" / "9.1" / "exit.py").write_text("# expect: cheat\nimport os\nos._exit(0)\n")
    assert _answers(source, nobody, "9.1") == []


@pytest.mark.parametrize("header", ["answer = 1", "# expect: fail", "# expect: full wild-guess x", "# expect: maybe"])
def test_a_case_says_what_to_expect(source: Path, header: str) -> None:
    (source.parent / "cases" / "9.1" / "x.py").write_text(header + "\nanswer = 1\n")
    with pytest.raises(BadSource) as caught:
        cases.load(9)
    assert caught.value.faults[0].file.name == "x.py"


def test_too_few_cases(source: Path) -> None:
    loaded = cases.load(9)
    assert list(cases.too_few(source, 1, "9.1", loaded["9.1"])) == []
    for expect in (Expect.FULL, Expect.FAIL, Expect.CHEAT):
        rest = [case for case in loaded["9.1"] if case.expect is not expect]
        assert len(list(cases.too_few(source, 1, "9.1", rest))) == 1


def test_a_lab_that_is_down_judges_nothing(source: Path) -> None:
    case = Case("9.1", "x", source, Expect.CHEAT, "")
    assert "could not be judged" in case.wrong(Report(Outcome.LAB_DOWN, "PostgreSQL is away."))


def test_a_report_that_leaves_something_out(source: Path) -> None:
    case = Case("9.1", "x", source, Expect.FAIL, "", "m")
    assert "leaves out" in case.wrong(Report(Outcome.FAILED, "seen", "", "try", "m", points=1))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("x = me.shop.host", False),
        ("lab.vault.put_connection('a', {})", True),
        ("from airlock.lesson import lab as mine", True),
        ("import subprocess", True),
        ("hook.get_records('select 1')", True),
        ("f = lambda n: n + 1", False),
    ],
)
def test_what_reaches_out(code: str, expected: bool) -> None:
    assert reaches_out(code) is expected


def test_code_between_answer_and_check_is_run(source: Path, nobody: View) -> None:
    source.write_text(LESSON.replace('# %% check="9.1"', '# %%\nanswer = answer + 1\n\n# %% check="9.1"'))
    start, between = around(layout.read_lesson(9)[0], "9.1")
    assert [cell.source for cell in between] == ["answer = answer + 1"]
    assert start > 0
    faults = _answers(source, nobody, "9.1")
    assert any("answer reference" in fault.what for fault in faults)


def test_cells_that_stand_alone_are_not_run_again_for_later_tasks(tmp_path: Path) -> None:
    file = tmp_path / "lesson.py"
    file.write_text('# %%\na = 1\n\n# %% tags=["alone"]\nb = 2\n\n# %% tags=["demonstration"]\nc = 3\n\n# %%\nd = 4\n')
    lesson = read(file, 9)
    assert [cell.source for cell in before(lesson, 4)] == ["a = 1", "d = 4"]
    assert [cell.source for cell in before(lesson, 1)] == ["a = 1"]


def test_a_slow_experiment_is_run_once(source: Path, nobody: View, tmp_path: Path) -> None:
    told = tmp_path / "told"
    cell = f'# %% tags=["demonstration", "slow"]\nwith open({str(told)!r}, "a") as file:\n    file.write("x")\n\n'
    text = source.read_text()
    start = text.index('# %% task="9.1"')
    source.write_text(text[:start] + cell + text[start:])
    assert _again(source, nobody) == []
    assert not told.exists()
    assert _trials(source, nobody).untouched().faults == ()
    assert told.read_text() == "x"
