"""Hand-ins without an end: in time, memory, processes, output, disk. Each costs its own cell, and is told."""

from __future__ import annotations

import time

import pytest

from airlock.grading import isolation
from tests.grading.conftest import Class, code

SHORT_SECONDS = 3
shut_in = pytest.mark.skipif(bool(isolation.weakness()), reason=f"no sandbox here: {isolation.weakness()}")
_BOMB = (
    "import subprocess\nmade = []\ntry:\n    while len(made) < 1000:\n"
    "        made.append(subprocess.Popen(['sleep', '60']))\nfinally:\n    for each in made: each.kill()"
)
_STUBBORN = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
# Source, what is left of the score, what the instructor is told ("": it is in the cell's own output).
ENDLESS: dict[str, tuple[str, float, str]] = {
    "endless loop": ("while True: pass", 9.0, f"was stopped after {SHORT_SECONDS} s"),
    "endless sleep": ("import time\ntime.sleep(3600)", 9.0, f"was stopped after {SHORT_SECONDS} s"),
    "loop that takes no word": (_STUBBORN, 0.0, "could not be stopped"),
    "endless output": ("while True: print('x' * 100_000)", 9.0, "put out too much"),
    "endless errors": ("import sys\nwhile True: sys.stderr.write('x' * 100_000)", 9.0, "put out too much"),
    "one huge output": ("print('x' * 100_000_000)", 9.0, "put out too much"),
    "question": ("input('Your password?')", 9.0, ""),
}
# What the cell ends with; on a slow machine its time ends the bomb before the limit does (tests/lab/test_sandbox.py).
SHUT_IN: dict[str, tuple[str, str]] = {
    "memory bomb": ("held = bytearray(16 << 30)", "MemoryError"),
    "process bomb": (_BOMB, ""),
    "full disk": ("with open('/tmp/full', 'wb') as f:\n    while True: f.write(bytes(1 << 22))", "OSError"),
}


@pytest.mark.parametrize("how", ENDLESS)
def test_what_has_no_end_is_ended_and_told(school: Class, learner: str, how: str) -> None:
    source, score, said = ENDLESS[how]
    notebook = school.solved()
    notebook.cells.insert(0, code(source))
    began = time.monotonic()
    graded = school.grade(notebook, learner)
    assert graded.score == score
    assert any(said in note for note in graded.notes) or not said, graded.notes
    assert time.monotonic() - began < 60


@shut_in
@pytest.mark.parametrize("how", SHUT_IN)
def test_what_eats_the_machine_is_refused(school: Class, learner: str, how: str) -> None:
    source, error = SHUT_IN[how]
    notebook = school.solved()
    notebook.cells.insert(0, code(source))
    assert school.grade(notebook, learner).score == 9.0
    assert not error or error in [output.get("ename") for output in school.graded(learner).cells[0].outputs]
