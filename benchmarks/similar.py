"""How long comparing a class takes: every answer of every learner another one, so that nothing can be gathered.

    uv run --locked python -m benchmarks.similar [--learners 500] [--lesson 1]

Each answer is one of the lesson's cases for its task, with a statement of its own after every line.
"""

from __future__ import annotations

import argparse
import builtins
import json
import os
import random
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

from airlock.course import build, cases, layout
from airlock.grading import similar
from airlock.grading.submission import Submission

_WORDS = [name for name in dir(builtins) if name.isidentifier()]  # names that count as they are


def main() -> None:
    """Make the class, compare it, print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--learners", type=int, default=500)
    options.add_argument("--lesson", type=int, default=1)
    asked = options.parse_args()
    build.build()
    known = similar.given((asked.lesson,))
    texts = cases.load(asked.lesson)
    [file] = (layout.released_dir() / f"lesson-{asked.lesson}").glob("*.ipynb")
    released = file.read_text()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["AIRLOCK_ROOT"] = folder
        there = [_hand_in(number, asked.lesson, released, texts, file.name) for number in range(asked.learners)]
        began, processor = time.monotonic(), time.process_time()
        report = similar.compare(there, known)
        took, processor = time.monotonic() - began, time.process_time() - processor
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{report.compared} hand-ins of lesson {asked.lesson}, {len(known.stubs)} answer cells: {took:.1f} s "
        f"({processor:.1f} of the processor), at most {peak:.0f} MB, {len(report.pairs)} pairs; "
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )


def _hand_in(number: int, lesson: int, released: str, texts: dict[str, list[Any]], name: str) -> Submission:
    chance = random.Random(number)
    notebook = json.loads(released)
    for cell in notebook["cells"]:
        task = cell["id"].removeprefix("task-").replace("-", ".")
        if some := texts.get(task):
            lines = []
            for line in chance.choice(some).body.splitlines():
                indent = line[: len(line) - len(line.lstrip())]
                lines += [line, indent + chance.choice("+-*/%&|^").join(chance.sample(_WORDS, 6))]
            cell["source"] = "\n".join(lines)
    each = Submission(f"learner-{number}", f"lesson-{lesson}")
    each.folder.mkdir(parents=True)
    (Path(each.folder) / name).write_text(json.dumps(notebook))
    return each


if __name__ == "__main__":
    main()
