"""A class of forty, from Moodle's zip to the CSV file, by the commands of the instructor's guide; measured and checked.

    ./airlock up
    uv run --locked --group dev python -m benchmarks.class_of_forty [--lesson 1] [--notebook NAME] [--count 40]
                                                                 [--workers 1]

Makes the class (`tests.grading.classroom`), then runs collect, grade with a due date, similar, scores, grade again. Run
it in a clone of its own: it fills ``submitted/``. What is printed: for each command its time, the most memory that it
and its children had at once (proportional set size; the lab is not in it), and what it left on disk; then every score,
with what its hand-in has to come to.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil

from airlock import paths
from airlock.course import build
from tests.grading.classroom import DUE, Classroom, pack

PENALTY = 0.2  # thirty hours late: two days begun, a tenth each
_LEFT = ("submitted", "autograded", "feedback", ".grading", "gradebook.db")


def main() -> None:
    """Make, run, measure, compare."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--lesson", type=int, default=1)
    options.add_argument("--notebook", help="of a lesson with several, the one that is handed in")
    options.add_argument("--count", type=int, default=40)
    options.add_argument("--workers", type=int, default=1)
    options.add_argument("--go-on", action="store_true", help="after an interruption: with what was collected")
    asked = options.parse_args()
    root = paths.course_root()
    folder = root / ".airlock-class" / f"lesson-{asked.lesson}"
    if not asked.go_on:
        _make(root, folder, asked.lesson, asked.notebook, asked.count)
    print(f"lesson {asked.lesson}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)

    lesson, workers = f"--lesson={asked.lesson}", f"--workers={asked.workers}"
    if not asked.go_on:
        _run("collect", str(folder / "class.zip"), f"--times={folder / 'worksheet.csv'}")
    _run("grade", lesson, f"--due={DUE.isoformat()}", workers)
    _run("similar", lesson)
    _run("scores", f"--to={folder / 'scores.csv'}")
    _run("grade", lesson, workers)
    for name in _LEFT:
        print(f"{name:12} {_bytes(root / name) / 1e6:8.1f} MB")
    print(f"load {os.getloadavg()[0]:.1f} after\n")
    raise SystemExit(_compare(folder / "expected.csv", root / "grades.csv", f"lesson-{asked.lesson}"))


def _make(root: Path, folder: Path, lesson: int, notebook: str | None, count: int) -> None:
    if list((root / "submitted").glob(f"*/lesson-{lesson}")):
        raise SystemExit(f"submitted/ has hand-ins of lesson {lesson}. Run this in a clone of its own, or --go-on.")
    build.build()
    pack(Classroom(lesson, notebook).hand_ins(count), lesson, folder)
    settings = root / "nbgrader_config.py"
    settings.write_text(settings.read_text().replace("# c.LatePerDay.share", "c.LatePerDay.share"))


def _run(*words: str) -> None:
    began = time.monotonic()
    running = subprocess.Popen([sys.executable, "-m", "airlock.cli", *words], env={**os.environ, "COLUMNS": "200"})
    peak = [0]
    watcher = threading.Thread(target=_watch, args=(psutil.Process(running.pid), peak))
    watcher.start()
    code = running.wait()
    watcher.join()
    took = time.monotonic() - began
    print(f"== airlock {words[0]}: {took:.1f} s, at most {peak[0] / 1e6:.0f} MB, exit code {code}\n", flush=True)


def _watch(process: psutil.Process, peak: list[int]) -> None:
    while process.is_running():
        whole = 0
        try:
            for each in (process, *process.children(recursive=True)):
                try:
                    whole += each.memory_full_info().pss
                except (psutil.NoSuchProcess, psutil.AccessDenied):
                    continue
        except psutil.NoSuchProcess:
            return
        peak[0] = max(peak[0], whole)
        time.sleep(1)


def _bytes(place: Path) -> int:
    files = [place] if place.is_file() else [file for file in place.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files)


def _compare(expected: Path, grades: Path, assignment: str) -> int:
    lines = [line for line in csv.DictReader(grades.open(newline="")) if line["assignment"] == assignment]
    scores = {line["learner"]: float(line["score"]) for line in lines}
    wrong = 0
    for line in csv.DictReader(expected.open(newline="")):
        score = scores.get(line["learner"])
        if line["low"]:
            left = 1 - PENALTY * (float(line["late_hours"]) > 0)
            right = score is not None and left * float(line["low"]) - 0.01 <= score <= left * float(line["high"]) + 0.01
            asked = f"{left * float(line['low']):g} to {left * float(line['high']):g}"
        else:
            right, asked = score is None, "no score"
        wrong += not right
        print(f"{'  ' if right else '! '}{line['learner']:14} {line['kind']:36} {score!s:>6}  asked: {asked}")
    print(f"{wrong} scores are not what they have to be")
    return int(wrong > 0)


if __name__ == "__main__":
    main()
