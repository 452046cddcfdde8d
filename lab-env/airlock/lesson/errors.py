"""What a learner reads when a lesson's cell cannot go on: one line, no traceback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from airlock.lab import LabDown

P = ParamSpec("P")
R = TypeVar("R")


class LessonError(Exception):
    """A plain sentence for the learner. IPython prints it alone, without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class NotEarned(LessonError):
    """A check that earned nothing: the cell must fail, or nbgrader would give full marks."""


class LessonLabDown(LessonError, LabDown):
    """The lab is not there, said in one line with its remedy."""


@contextmanager
def lab_needed() -> Iterator[None]:
    """Turn a `LabDown` from inside into one line for the learner."""
    try:
        yield
    except LessonError:
        raise
    except LabDown as down:
        raise LessonLabDown(f"{down} In a terminal, run: {down.remedy}", down.remedy) from None


def guarded(client: R) -> R:
    """Make every public method of a client say in one line that the lab is down, that it refuses, or what is wrong.

    Wraps the methods on the instance, so that isinstance and signatures stay what they are.
    """
    for name in dir(type(client)):
        method = getattr(type(client), name)
        if not name.startswith("_") and callable(method):
            setattr(client, name, _one_line(getattr(client, name)))
    return client


def _one_line(method: Callable[P, R]) -> Callable[P, R]:
    @wraps(method)
    def one_line(*args: P.args, **kwargs: P.kwargs) -> R:
        with telling():
            return method(*args, **kwargs)

    return one_line


@contextmanager
def told(block: AbstractContextManager[R]) -> Iterator[R]:
    """The same for a `with` block of the lab's; what the learner's own code in it raises stays as it is."""
    with telling():
        entered = block.__enter__()
    try:
        yield entered
    except BaseException as error:
        block.__exit__(type(error), error, error.__traceback__)
        raise
    with telling():
        block.__exit__(None, None, None)


@contextmanager
def telling() -> Iterator[None]:
    """Make the block say in one line that the lab is down, that it refuses, or what is wrong."""
    from airlock.lab.airflow import AirflowRefused

    with lab_needed():
        try:
            yield
        except AirflowRefused as refused:
            raise LessonError(f"Airflow refused: {refused}") from None
        except ValueError as error:
            raise LessonError(f"Not done: {error}.") from None
