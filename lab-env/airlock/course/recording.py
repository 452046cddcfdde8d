"""A lesson as it is read without a kernel: the learner's notebook, with the output of a run that had the answers.

The answers are run and never written down: what is filled in is the released notebook, cell by cell. An answer, its
check, and what stands between them show no output: it is the learner's to make.
"""

from __future__ import annotations

import os
import re
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import nbformat
from nbformat import NotebookNode

from airlock import paths
from airlock.course import layout
from airlock.course.bench import Bench, opened
from airlock.course.fault import BadSource, Fault
from airlock.course.reading import as_read
from airlock.course.source import Cell, Role, Source
from airlock.lab import View

# Nobody sits and waits here, and some experiments start servers: slow on a machine that does other things, too.
_CELL_SECONDS = 900
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_nbformat: Any = nbformat  # its functions carry no types


def recorded(source: Source, view: View, tell: Callable[[str], None]) -> NotebookNode:
    """Run a notebook of a lesson and return it as it is read.

    Args:
        source: with the reference answers.
        view: where in the lab; best nobody's, as at the beginning.
        tell: is called with what is happening, for a progress line.

    Raises:
        BadSource: a cell raised that should not have, or the released notebook is not the source's.
    """
    released = layout.released_dir() / f"lesson-{source.lesson}" / f"{source.name}.ipynb"
    page: NotebookNode = _nbformat.read(released, as_version=4)
    if len(page.cells) != len(source.cells):
        raise BadSource([Fault("fresh", released, 0, "it is not what the source gives.", "Run ./airlock build.")])
    theirs = _learners(source)
    # A lesson says so itself, too late for a kernel that is forked with Airflow loaded: its hooks narrate every query.
    os.environ.setdefault("AIRFLOW__LOGGING__LOGGING_LEVEL", "ERROR")
    with tempfile.TemporaryDirectory() as folder, opened(view, Path(folder), _CELL_SECONDS) as bench:
        scrub = scrubber(folder)
        for number, (cell, node) in enumerate(zip(source.cells, page.cells, strict=True)):
            if cell.kind != "code":
                continue
            tell(f"{source.name}, line {cell.line}")
            outputs = _run(bench, cell, source)
            node.execution_count = None
            node.outputs = [] if number in theirs else [_nbformat.from_dict(each) for each in _shown(outputs, scrub)]
            as_read(cell.source, node)
    return page


def scrubber(folder: str) -> Callable[[str], str]:
    """What takes this machine out of a text: its folders and its name. ``folder`` is where the kernel worked."""
    known = {
        folder: ".",
        str(paths.state_dir()): "/airlock/state",
        str(paths.course_root()): "/airlock",
        sys.prefix: "/airlock/.venv",
        sys.base_prefix: "/usr",
        tempfile.gettempdir() + "/": "/scratch/",
        str(Path.home()) + "/": "/home/learner/",
        socket.gethostname(): "this-machine",
    }
    known |= {str(Path(place).resolve()): shown for place, shown in known.items() if place.startswith("/")}
    known |= {quote(place, safe=""): quote(shown, safe="") for place, shown in known.items() if "/" in place}
    longest = sorted((place for place in known if place.strip("/.")), key=len, reverse=True)
    pattern = re.compile("|".join(re.escape(place) for place in longest))
    return lambda text: pattern.sub(lambda found: known[found[0]], text)


def _learners(source: Source) -> set[int]:
    """The cells whose output is the learner's to make: from each answer to its check."""
    found: set[int] = set()
    for answer in source.find(Role.ANSWER):
        check = source.find(Role.CHECK, answer.task)[0]
        found |= set(range(source.cells.index(answer), source.cells.index(check) + 1))
    return found


def _run(bench: Bench, cell: Cell, source: Source) -> list[Any]:
    if cell.role is Role.CHECK:  # no later cell builds on it
        return []
    error = bench.run(cell.source)
    if error and "raises-exception" not in cell.tags:
        what = f"the cell raises {error[:300]}"
        raise BadSource([Fault("runs", source.file, cell.line, what, "./airlock verify tells more.")])
    return bench.outputs


def _shown(outputs: list[Any], scrub: Callable[[str], str]) -> Iterator[dict[str, Any]]:
    for output in outputs:
        match output.output_type:
            case "stream" if output.name == "stdout":
                yield {"output_type": "stream", "name": "stdout", "text": scrub(_ANSI.sub("", output.text))}
            case "display_data" | "execute_result":
                # A widget needs a kernel: of its two forms the one in words is kept.
                kept = {
                    kind: scrub(str(output.data[kind])) for kind in ("text/html", "text/plain") if kind in output.data
                }
                if any(kept.values()):
                    yield {"output_type": "display_data", "data": kept, "metadata": {}}
            case "error":
                text = scrub(_ANSI.sub("", "\n".join(output.traceback)))
                yield {"output_type": "stream", "name": "stdout", "text": text}
