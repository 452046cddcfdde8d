"""Every exercise's judge, by name: the function that looks at a repaired deployment and says whether it works.

The text of an exercise (title, summary, hints, the files to edit) is in its folder, in ``exercise.toml``; only the
judgement is here, out of the learner's way.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from airlock.checks.plain import NotPlain
from airlock.checks.report import Report, failed, lab_down, not_attempted
from airlock.checks.world import NotAttempted
from airlock.lab import LabDown, View

Judge = Callable[[Path, View], Report]
"""Given the learner's folder of the exercise and the learner's view of the lab."""

_JUDGES: dict[str, Judge] = {}


def exercise(name: str) -> Callable[[Judge], Judge]:
    """Register the decorated function as the judge of an exercise, e.g. ``"lesson-1/shadowed"``."""

    def register(judge: Judge) -> Judge:
        if name in _JUDGES:
            raise ValueError(f"exercise {name} is registered twice")
        _JUDGES[name] = judge
        return judge

    return register


def names() -> list[str]:
    """All exercises that have a judge, sorted."""
    _load()
    return sorted(_JUDGES)


def run(name: str, title: str, folder: Path, view: View) -> Report:
    """Judge the exercise as it is in ``folder``. Raises KeyError when it has no judge."""
    _load()
    judge = _JUDGES[name]
    try:
        report = judge(folder, view)
    except NotAttempted as missing:
        report = not_attempted(str(missing))
    except LabDown as down:
        report = lab_down(str(down), down.remedy)
    except FileNotFoundError as missing_file:
        report = _no_file(folder, missing_file)
    except (NotPlain, UnicodeDecodeError) as unreadable:
        report = failed(f"A file cannot be read: {unreadable}", "", "Files are text in UTF-8.")
    return report.labelled(name, title, 1.0)


def _no_file(folder: Path, error: FileNotFoundError) -> Report:
    missing = Path(str(error.filename or folder))
    if not missing.is_relative_to(folder):
        raise error
    return failed(
        f"There is no file {missing.relative_to(folder)}.",
        "The deployment cannot start without it.",
        "`./airlock practice reset` puts the exercise's files back; what you wrote is kept beside them.",
        "file-missing",
    )


def _load() -> None:
    # Judges register on import; imported late because each lesson's judges import this module.
    import airlock.checks.exercises1
    import airlock.checks.exercises2
    import airlock.checks.exercises3
    import airlock.checks.exercises4
    import airlock.checks.exercises5
    import airlock.checks.exercises6  # noqa: F401
