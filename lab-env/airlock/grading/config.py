"""nbgrader's configuration for this course; ``nbgrader_config.py`` at the top of the clone loads it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from nbgrader.server_extensions import formgrader

from airlock import paths
from airlock.course import layout, release


def configure(config: Any) -> None:
    """Fill in nbgrader's configuration (a traitlets ``Config``)."""
    root = paths.course_root()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.course_id = "airlock"
    # Relative: nbgrader parses its own paths with patterns that an absolute folder does not fit.
    config.CourseDirectory.source_directory = os.path.relpath(layout.instructor_dir(), root)
    config.CourseDirectory.release_directory = os.path.relpath(layout.released_dir(), root)
    config.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback", ".*"]
    release.configure(config)
    # Ours comes first: a feedback page that loads nothing from the network. The rest is nbgrader's own.
    nbgrader_templates = Path(formgrader.__file__).parent / "templates"
    config.HTMLExporter.extra_template_basedirs = [str(Path(__file__).parent / "templates"), str(nbgrader_templates)]
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
