"""Where things are. Imports nothing of ours, so that every part may ask."""

import os
from pathlib import Path


def course_root() -> Path:
    """The folder of the clone: it holds ``notebooks/``, ``exercises/`` and ``lab-env/``."""
    override = os.environ.get("AIRLOCK_ROOT")
    return Path(override) if override else Path(__file__).resolve().parents[2]


def state_dir() -> Path:
    """The lab's one state folder (``.airlock/``, mode 0700): keys, data, logs, progress."""
    override = os.environ.get("AIRLOCK_STATE")
    return Path(override).resolve() if override else course_root() / ".airlock"


def work_dir() -> Path:
    """Where the learner's own copies of lessons and exercises live; JupyterLab opens here."""
    override = os.environ.get("AIRLOCK_WORK")
    return Path(override).resolve() if override else course_root() / "work"
