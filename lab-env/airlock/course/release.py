"""From instructors' notebooks to learners': nbgrader's own `GenerateAssignment`, run in this process."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from airlock.course.fault import BadSource, Fault
from airlock.course.notebook import CODE_STUB, TEXT_STUB


def configure(config: Any) -> None:
    """The part of nbgrader's configuration that shapes a release; also used by ``nbgrader_config.py``."""
    config.ClearSolutions.code_stub = {"python": CODE_STUB}
    config.ClearSolutions.text_stub = TEXT_STUB
    config.ClearSolutions.begin_solution_delimeter = "### BEGIN SOLUTION"
    config.ClearSolutions.end_solution_delimeter = "### END SOLUTION"


def release(root: Path, source: str, into: str, assignment: str, db_url: str | None = None) -> None:
    """Make the learners' version of one assignment.

    Args:
        root: the folder that ``source`` and ``into`` are in.
        source, into: names of the instructor's and the learners' folder; each holds a folder per assignment.
        assignment: e.g. ``lesson-1``.
        db_url: a gradebook to record the graded cells in, or None.

    Raises:
        BadSource: nbgrader refused it; the fault is its own words.
    """
    # Half a second of imports that only a build needs.
    from nbgrader.converters import GenerateAssignment
    from nbgrader.converters.base import NbGraderException
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.preprocessors import SaveCells
    from traitlets.config import Config

    config = Config()
    configure(config)
    heard = _Ear()
    course = CourseDirectory(
        root=str(root), source_directory=source, release_directory=into, assignment_id=assignment, config=config
    )
    if db_url:
        course.db_url = db_url
    converter = GenerateAssignment(coursedir=course, config=config, log=heard.logger, force=True)
    if not db_url:
        converter.no_database = True
        converter.preprocessors = [step for step in converter.preprocessors if step is not SaveCells]
    try:
        converter.start()
    except (NbGraderException, RuntimeError) as error:
        what = "; ".join(heard.lines) or str(error)
        raise BadSource([Fault("nbgrader", root / source / assignment, 0, f"nbgrader refused it: {what}")]) from None


class _Ear(logging.Handler):
    """Keeps what nbgrader logs as an error, and keeps it off the terminal."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []
        self.logger = logging.Logger("airlock.release", logging.WARNING)
        self.logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage().strip()
        self.lines.append(message.splitlines()[-1] if message else "")
