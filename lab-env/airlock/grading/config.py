"""nbgrader's configuration for this course; ``nbgrader_config.py`` at the top of the clone loads it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from nbgrader.server_extensions import formgrader
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from airlock import paths
from airlock.course import layout, release

IGNORED = (".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback", ".*")
"""Files and folders that are not graded and do not travel with a hand-in, as patterns."""

MARK_ONLY = "AIRLOCK_MARK_ONLY"
"""Set where hand-ins cannot be shut in: nbgrader and formgrader then find none to run, and only what was graded."""

_FILE = "nbgrader_config.py"


class BadSettings(Exception):
    """The instructor's own settings cannot be read; the message says where and why."""


def settings() -> Config:
    """What ``nbgrader`` itself would read here: this course's configuration and the instructor's own lines.

    Raises:
        BadSettings: ``nbgrader_config.py`` is no Python, or fails.
    """
    config = Config()
    configure(config)
    file = paths.course_root() / _FILE
    if file.exists():
        try:
            config.merge(PyFileConfigLoader(_FILE, path=str(file.parent)).load_config())
        except Exception as error:  # it is the instructor's own program
            raise BadSettings(
                f"{file} cannot be read: {type(error).__name__}: {error}. Mend it, or undo the change."
            ) from None
    return config


def configure(config: Any) -> None:
    """Fill in nbgrader's configuration (a traitlets ``Config``)."""
    root = paths.course_root()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.course_id = "airlock"
    # Relative: nbgrader parses its own paths with patterns that an absolute folder does not fit.
    config.CourseDirectory.source_directory = os.path.relpath(layout.instructor_dir(), root)
    config.CourseDirectory.release_directory = os.path.relpath(layout.released_dir(), root)
    config.CourseDirectory.ignore = list(IGNORED)
    if os.environ.get(MARK_ONLY):
        config.CourseDirectory.submitted_directory = "not-in-this-container"
    release.configure(config)
    # Ours comes first: a feedback page that loads nothing from the network. The rest is nbgrader's own.
    nbgrader_templates = Path(formgrader.__file__).parent / "templates"
    config.HTMLExporter.filters = {"markdown2html": "airlock.grading.pages.markdown"}
    config.HTMLExporter.extra_template_basedirs = [str(Path(__file__).parent / "templates"), str(nbgrader_templates)]
    config.AssignLatePenalties.plugin_class = "airlock.grading.late.LatePerDay"
    config.GenerateFeedback.exporter_class = "airlock.grading.pages.PageExporter"
    config.Autograde.sanitize_preprocessors = [
        "nbgrader.preprocessors.ClearOutput",
        "airlock.grading.restore.Restore",
        "nbgrader.preprocessors.OverwriteKernelspec",
        "nbgrader.preprocessors.OverwriteCells",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    config.Autograde.autograde_preprocessors = [
        "airlock.grading.execute.JudgedExecute",
        "nbgrader.preprocessors.LimitOutput",
        "nbgrader.preprocessors.SaveAutoGrades",
        "nbgrader.preprocessors.AssignLatePenalties",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
