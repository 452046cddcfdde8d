"""A class graded by stock `nbgrader autograde` and by `airlock grade`: same hand-ins, same machine, same run.

    uv run --locked --group dev python -m benchmarks.grading [--submissions 40] [--workers 2]

The lesson is the tests' own: five tasks judged by code, one of them with Airflow's `Connection`, and a written answer;
its kernels import what lessons import, Airflow with it, and it asks no lab, so that no waiting for services is in any
figure (lesson 1 spends that in `airlock.lab`, with stock as with ours). Hand-ins are in turn: correct, another correct
way, partly right, wrong, untouched.

Stock is nbgrader with its own settings, which runs `check(…)` in the learner's kernel, with all rights; ours judges
outside, the kernel shut in. What is compared is what both have written in a gradebook: the score, whether a person has
to mark it, and the comment of each cell of each learner. *Cold* is a command from its start to its end; ours has the
building of the lesson in it. *Warm* is a process that has graded before. Feedback pages are another command of stock
and an option of ours: each is compared with its like.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Gradebook

ROOT = Path(__file__).resolve().parents[1]
ASSIGNMENT, NOTEBOOK = "lesson-9", "lesson"
ANSWERS: dict[str, dict[str, str] | None] = {
    "correct": {},
    "another way": {"task-9-1": "answer = 6 * 7", "task-9-2": "double = lambda number: number << 1"},
    "partly": {"task-9-1": "answer = 42.0"},
    "wrong": {"task-9-1": "answer = '42'", "task-9-2": "def double(n):\n    return n", "task-9-5": "entry = {}"},
    "untouched": None,
}
STOCK = """
from airlock.course.release import configure

c = get_config()
configure(c)  # what stands in place of a solution
c.CourseDirectory.source_directory = ".airlock/course/source"
c.CourseDirectory.release_directory = "notebooks"
c.ExecutePreprocessor.timeout = 120
"""
Cells = dict[tuple[str, str], tuple[Any, ...]]


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--submissions", type=int, default=40)
    options.add_argument("--workers", type=int, default=2)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="airlock-grading-") as folder:
        root = Path(folder)
        _course(root)
        _measure(root, asked.submissions, asked.workers)


def _course(root: Path) -> None:
    """A clone with nothing but the tests' lesson, a description of a lab that does not run, and settings for it."""
    os.environ |= {
        "AIRLOCK_ROOT": str(root),
        "AIRLOCK_STATE": str(root / ".airlock"),
        "AIRLOCK_WORK": str(root / "work"),
        "AIRLOCK_SEED": "5" * 32,
        "PYTHONPATH": str(ROOT),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONWARNINGS": "ignore",
    }
    decks = root / "decks"
    decks.mkdir()
    cards = "".join(f'[[card]]\nid = "c{number}"\nfront = "?"\nback = "!"\n' for number in range(6))
    (decks / "lesson-9.toml").write_text(cards)

    from airlock.course import build
    from tests.course import throwaway

    lesson = root / "solutions" / "notebooks" / ASSIGNMENT
    lesson.mkdir(parents=True)
    (lesson / "lesson.py").write_text(throwaway.LESSON)
    (lesson / "box.svg").write_text(throwaway.PICTURE)
    (root / ".airlock").mkdir(mode=0o700)
    throwaway.lab(root / ".airlock").write()
    build.write(build.build())


def _hand_in(root: Path, count: int, seeds: Callable[[int], str]) -> None:
    kinds = list(ANSWERS)
    for number in range(count):
        answers = ANSWERS[kinds[number % len(kinds)]]
        origin = root / ("notebooks" if answers is None else ".airlock/course/source")
        notebook: Any = nbformat.read(origin / ASSIGNMENT / f"{NOTEBOOK}.ipynb", 4)  # type: ignore[no-untyped-call]
        for cell in notebook.cells:
            text = (answers or {}).get(cell.metadata.get("nbgrader", {}).get("grade_id", ""))
            cell.source = text or cell.source
        into = root / "submitted" / f"learner-{number:02d}" / ASSIGNMENT
        into.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, into / f"{NOTEBOOK}.ipynb")  # type: ignore[no-untyped-call]
        (into / "learner.json").write_text(json.dumps({"seed": seeds(number)}))


def _measure(root: Path, count: int, workers: int) -> None:
    _hand_in(root, count, lambda number: f"{number + 1:032x}")
    print(f"{count} hand-ins, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before", flush=True)

    (root / "nbgrader_config.py").write_text(STOCK)
    stock_book = f"sqlite:///{root / 'stock.db'}"
    _nbgrader(root, stock_book, "generate_assignment", ASSIGNMENT, "--force")
    before = _processor()
    stock = _nbgrader(root, stock_book, "autograde", ASSIGNMENT, "--create")
    stock_processor = _processor() - before
    stock_pages = _nbgrader(root, stock_book, "generate_feedback", ASSIGNMENT)
    theirs = _cells(stock_book)

    command = [sys.executable, "-m", "tests.grading.lone_command", "grade", "--again", f"--workers={workers}"]
    command += ["--to", str(root / "grades.csv")]
    before, began = _processor(), time.monotonic()
    _ours(*command, "--no-pages")
    cold, cold_processor = time.monotonic() - began, _processor() - before
    cold_pages = _seconds(lambda: _ours(*command))
    ours = _cells(f"sqlite:///{root / 'gradebook.db'}")
    alone, pages, parts = _warm(root, workers)
    again = _cells(f"sqlite:///{root / 'gradebook.db'}")

    print(f"load {os.getloadavg()[0]:.1f} after\n")
    print(f"{'':44} {'seconds':>8} {'each':>7} {'× stock':>8}")
    both = stock + stock_pages
    for name, seconds, reference in (
        ("stock nbgrader autograde", stock, stock),
        (f"ours, cold, {workers} workers, no pages", cold, stock),
        (f"ours, warm, {workers} workers, no pages", alone, stock),
        ("stock autograde and generate_feedback", both, both),
        (f"ours, cold, {workers} workers, pages too", cold_pages, both),
        (f"ours, warm, {workers} workers, pages too", pages, both),
    ):
        print(f"{name:44} {seconds:8.2f} {seconds / count:7.3f} {reference / seconds:8.1f}")
    print(
        f"processor seconds, which a busy machine changes least: stock {stock_processor:.1f}, "
        f"ours, cold, {cold_processor:.1f}, ratio {stock_processor / cold_processor:.1f}"
    )
    print("\nwhere the time of a warm hand-in goes, one worker, seconds")
    for name, seconds in parts.items():
        print(f"  {name:42} {seconds / count:8.3f}")
    print(f"\n{len(theirs)} cells (score, marked by hand?, comment) compared")
    for name, found in (("cold", ours), ("warm", again)):
        different = {each for each in theirs.keys() | found.keys() if theirs.get(each) != found.get(each)}
        print(f"  {name}: {len(different)} differ")
        for each in sorted(different)[:5]:
            print(f"    {each}: stock {theirs.get(each)}, ours {found.get(each)}")


def _nbgrader(root: Path, book: str, *words: str) -> float:
    """Seconds of a stock command."""
    began = time.monotonic()
    call = "from nbgrader.apps.nbgraderapp import main; main()"
    asked = [sys.executable, "-c", call, *words, f"--db={book}", f"--CourseDirectory.root={root}", "--log-level=ERROR"]
    done = subprocess.run(asked, cwd=root, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"stock nbgrader {words[0]} failed:\n{done.stderr[-3000:]}")
    return time.monotonic() - began


def _ours(*command: str) -> None:
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"airlock grade failed:\n{done.stdout}{done.stderr[-3000:]}")


def _cells(book: str) -> Cells:
    """What a gradebook says of every cell of every learner."""
    found: dict[tuple[str, str], list[Any]] = defaultdict(lambda: [None, None, None])
    with Gradebook(book) as gradebook:
        for submission in gradebook.assignment_submissions(ASSIGNMENT):
            for notebook in submission.notebooks:
                for grade in notebook.grades:
                    found[submission.student.id, grade.name][:2] = [grade.auto_score, grade.needs_manual_grade]
                for comment in notebook.comments:
                    found[submission.student.id, comment.name][2] = comment.auto_comment
    return {name: tuple(cell) for name, cell in found.items()}


def _warm(root: Path, workers: int) -> tuple[float, float, dict[str, float]]:
    """Seconds without and with feedback pages, and where they go."""
    import tests.grading.lone_command  # noqa: F401 - before what it changes is imported
    from airlock.grading import batch, execute, isolation, pipeline, work

    os.chdir(root)
    graders = pipeline.Pipeline()
    graders.register(ASSIGNMENT)
    submissions = graders.submissions()
    isolation.warm()
    batch.grade(graders, submissions[:1], 1, again=True)
    print(isolation.told(ASSIGNMENT))

    alone = _seconds(lambda: batch.grade(graders, submissions, workers, again=True, pages=False))
    pages = _seconds(lambda: batch.grade(graders, submissions, workers, again=True))

    parts: dict[str, float] = {}
    with (
        _timed(parts, execute, "started", "kernel: fork, start, end"),
        _timed(parts, execute.JudgedExecute, "_judged", "checks"),
        _timed(parts, execute.JudgedExecute, "_run_cell", "the learner's cells"),
        _timed(parts, work, "_judge", "all of running and judging"),
        _timed(parts, graders._recorder, "record", "the gradebook"),
    ):
        for each in submissions:
            graders.settle(each, graders.judge(each))
    parts["a feedback page"] = _seconds(lambda: [graders.feedback(each) for each in submissions])
    return alone, pages, parts


def _processor() -> float:
    """Processor seconds of all processes that were started from here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _seconds(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


@contextmanager
def _timed(parts: dict[str, float], owner: Any, name: str, told: str) -> Iterator[None]:
    """Add up what a function takes; of a context manager, what entering and leaving it takes."""
    inner = getattr(owner, name)
    parts[told] = 0.0

    def call(*arguments: Any, **named: Any) -> Any:
        began = time.monotonic()
        result = inner(*arguments, **named)
        parts[told] += time.monotonic() - began
        return entered(result) if hasattr(result, "__exit__") else result

    @contextmanager
    def entered(manager: Any) -> Iterator[Any]:
        began = time.monotonic()
        value = manager.__enter__()
        parts[told] += time.monotonic() - began
        try:
            yield value
        finally:
            began = time.monotonic()
            manager.__exit__(None, None, None)
            parts[told] += time.monotonic() - began

    setattr(owner, name, call)
    try:
        yield
    finally:
        setattr(owner, name, inner)


if __name__ == "__main__":
    main()
