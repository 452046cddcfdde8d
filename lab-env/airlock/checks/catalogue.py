"""Every check, by task id: its title, points, hints, and the function that judges it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from airlock.checks.plain import NotPlain
from airlock.checks.report import Outcome, Report, blocked, failed, lab_down, not_attempted
from airlock.checks.world import NotAttempted, World
from airlock.lab import LabDown

Judge = Callable[[World], Report]


@dataclass(frozen=True)
class Check:
    """One graded task.

    Attributes:
        task: ``"<lesson>.<number>"``, e.g. ``"1.3"``.
        hints: three, of rising strength; the last may name the option.
        needs: tasks that must pass first.
    """

    task: str
    title: str
    points: float
    hints: tuple[str, str, str]
    judge: Judge
    needs: tuple[str, ...] = ()

    def run(self, world: World) -> Report:
        """Judge this task in ``world``; every outcome is a report, never an exception of ours."""
        for earlier in self.needs:
            first = find(earlier).run(world)
            if first.outcome is Outcome.LAB_DOWN:
                return first.labelled(self.task, self.title, self.points)
            if first.share < 1.0:
                return blocked(earlier).labelled(self.task, self.title, self.points)
        try:
            report = self.judge(world)
        except NotAttempted as missing:
            report = not_attempted(str(missing))
        except NotPlain as why:
            report = _unreadable(str(why))
        except LabDown as down:
            report = lab_down(str(down), down.remedy)
        return report.labelled(self.task, self.title, self.points)


_CHECKS: dict[str, Check] = {}


def task(
    task_id: str,
    title: str,
    points: float,
    hints: tuple[str, str, str],
    needs: tuple[str, ...] = (),
) -> Callable[[Judge], Judge]:
    """Register the decorated function as the judge of a task."""

    def register(judge: Judge) -> Judge:
        if task_id in _CHECKS:
            raise ValueError(f"task {task_id} is registered twice")
        _CHECKS[task_id] = Check(task_id, title, points, hints, judge, needs)
        return judge

    return register


def find(task_id: str) -> Check:
    """The check of a task. Raises KeyError with the known ids when there is none."""
    load()
    try:
        return _CHECKS[task_id]
    except KeyError:
        known = ", ".join(sorted(_CHECKS))
        raise KeyError(f"there is no task {task_id!r}; the tasks are {known}") from None


def of_lesson(lesson: int) -> list[Check]:
    """All checks of a lesson, in order."""
    load()
    mine = [check for key, check in _CHECKS.items() if key.split(".")[0] == str(lesson)]
    return sorted(mine, key=lambda check: int(check.task.split(".")[1]))


def _unreadable(why: str) -> Report:
    return failed(
        f"The answer cannot be read. {why}",
        "A check reads plain data, so that the same check can run outside your notebook when it is graded.",
        "Assign the kind of value that the task names.",
        "not-plain-data",
    )


def load() -> None:
    """Import every judge; `find` and `of_lesson` do it by themselves."""
    # Judges register on import; imported late because each lesson's judges import this module.
    import airlock.checks.lesson1
    import airlock.checks.lesson2
    import airlock.checks.lesson3
    import airlock.checks.lesson4
    import airlock.checks.lesson5
    import airlock.checks.lesson6
    import airlock.checks.lesson6_capstone  # noqa: F401
