"""What the tests of exercises share. That each prepared repair passes is the contract's to see, not theirs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from airlock.checks.report import Report
from airlock.course.exercises import find, lay_out
from airlock.lab import View

Judge = Callable[..., Report]


@pytest.fixture
def judge(view: View, tmp_path: Path) -> Judge:
    """Judge an exercise: its own files, then those of ``base`` over them, then one replacement in one file."""

    def judged(name: str, base: str = "", file: str = "", old: str = "", new: str = "") -> Report:
        exercise = find(name)
        folder = tmp_path / name
        lay_out(exercise.origin, folder)
        if base:
            chosen = [path for path in (exercise.reference, *exercise.alternatives) if path.name == base]
            lay_out(chosen[0], folder)
        if file:
            text = (folder / file).read_text()
            assert old in text, "the mistake no longer fits the file"
            (folder / file).write_text(text.replace(old, new))
        report = exercise.judge(folder, view)
        said = f"{report.saw} {report.why} {report.look}"
        assert not [secret for secret in (view.shop.password, view.courier.password) if secret in said]
        return report

    return judged
