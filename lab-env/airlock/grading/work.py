"""The unit of work: one hand-in is run and judged. Nothing is written but its own folder: no gradebook is open here."""

from __future__ import annotations

import json
import logging
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import LimitOutput
from nbgrader.utils import find_all_files

from airlock.grading import intake, journal
from airlock.grading.config import IGNORED
from airlock.grading.execute import JudgedExecute, NotGraded
from airlock.grading.intake import Refused
from airlock.grading.master import Master
from airlock.grading.restore import restored
from airlock.grading.submission import Submission

_nbformat: Any = nbformat
_LANGUAGE = {"language_info": {"name": "python", "pygments_lexer": "ipython3"}}
_KINDS, _ID = {"code", "markdown", "raw"}, re.compile("[a-zA-Z0-9-_]{1,64}")  # as nbformat's schema has them
READ_ONLY = 0o444  # as nbgrader leaves what it graded


@dataclass(frozen=True)
class Worked:
    """What came of it.

    Attributes:
        notes: what the instructor should know, a sentence each.
        refused: why the hand-in itself cannot be graded; empty when it was judged.
        put_off: why it was not judged now, through no fault of the learner's; empty when it was.
        seconds: how long it took.
        key: `journal.key` of what was judged.
    """

    notes: tuple[str, ...]
    refused: str = ""
    put_off: str = ""
    seconds: float = 0.0
    key: str = ""


def work(submission: Submission, master: Master, into: Path, cell_seconds: int) -> Worked:
    """Run and judge a hand-in; ``into``, made anew, then holds its executed notebooks and its files."""
    began = time.monotonic()
    key = journal.key(submission)
    ear = _Ear()
    try:
        _judge(submission, master, into, cell_seconds, ear)
    except Refused as why:
        return Worked(tuple(ear.lines), refused=f"Not graded: {why}")
    except NotGraded as why:
        return Worked((), put_off=str(why))
    return Worked(tuple(ear.lines), seconds=time.monotonic() - began, key=key)


def notebooks(folder: Path) -> dict[str, NotebookNode]:
    """The notebooks in a folder that `work` made, by name."""
    return {file.stem: _nbformat.from_dict(json.loads(file.read_bytes())) for file in sorted(folder.glob("*.ipynb"))}


def _judge(submission: Submission, master: Master, into: Path, cell_seconds: int, ear: _Ear) -> None:
    handed_in = dict(_read(submission, master, ear))
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True)
    _copy(submission.folder, into)
    _copy(master.folder, into)
    for name, notebook in handed_in.items():
        resources: dict[str, Any] = {
            "metadata": {"path": str(into)},
            "nbgrader": {"assignment": submission.assignment, "notebook": name, "student": submission.learner},
        }
        JudgedExecute(timeout=cell_seconds, log=ear.logger).preprocess(notebook, resources)
        LimitOutput(log=ear.logger).preprocess(notebook, resources)
        # Without nbformat's indentation, which takes Python's slow encoder and a copy of everything.
        (into / f"{name}.ipynb").write_bytes(json.dumps(notebook, ensure_ascii=False).encode())
    for file in into.rglob("*"):
        if file.is_file() and not file.is_symlink():
            file.chmod(READ_ONLY)


def _read(submission: Submission, master: Master, ear: _Ear) -> Iterator[tuple[str, NotebookNode]]:
    """Every notebook that was asked for, with its marks as they were handed out."""
    found = intake.read(submission.folder)
    for name in sorted(set(found) - set(master.cells)):
        ear.say(f"{name}.ipynb is no notebook of {master.assignment} and was left out.")
    if not set(found) & set(master.cells):
        asked = ", ".join(f"{name}.ipynb" for name in master.cells)
        raise Refused(f"There is no notebook of {master.assignment} in it. Ask for {asked}, under that name.")
    for name, cells in master.cells.items():
        if name not in found:
            ear.say(f"{name}.ipynb was not handed in: no points for its tasks.")
            continue
        notebook = _emptied(found[name], name)
        notebook.cells, changes = restored(list(notebook.cells), cells)
        for change in changes:
            ear.say(change)
        spec = master.kernelspecs[name]
        notebook.metadata = _nbformat.from_dict(_LANGUAGE | ({"kernelspec": spec} if spec else {}))
        yield name, notebook


def _emptied(notebook: NotebookNode, name: str) -> NotebookNode:
    for cell in notebook.cells:
        if not isinstance(cell.source, str) or not isinstance(cell.metadata, dict):
            raise Refused(f"{name}.ipynb has a cell without text or metadata. Ask for it as JupyterLab saves it.")
        if cell.cell_type not in _KINDS:
            cell.cell_type = "markdown"
        if not _ID.fullmatch(str(cell.get("id", ""))):
            cell.pop("id", None)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def _copy(source: Path, into: Path) -> None:
    for name in find_all_files(str(source), [*IGNORED, "*.ipynb"]):
        target = into / Path(name).relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        shutil.copy(name, target)


class _Ear(logging.Handler):
    """Keeps what is worth telling the instructor, once each."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []
        self.logger = logging.Logger("airlock.grading", logging.WARNING)
        self.logger.addHandler(self)

    def say(self, line: str) -> None:
        if line not in self.lines:
            self.lines.append(line)

    def emit(self, record: logging.LogRecord) -> None:
        self.say(record.getMessage())
