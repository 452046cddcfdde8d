"""The world of a check in learner mode: this kernel's variables, this machine's lab."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from airlock.checks.plain import Plain, StillPlaceholder, from_plain, to_plain
from airlock.checks.world import CallFailed, NotAttempted
from airlock.lab import Lab, View

CALL_SECONDS = 15.0
"""What a function of the notebook may take. Less than a judge in another process waits."""


class _StillRunning(BaseException):
    """The time is over; not an Exception, so that a learner's ``except Exception`` does not swallow it."""


class LocalWorld:
    """`airlock.checks.world.World` over a namespace in this process.

    Args:
        user_ns: the notebook's variables (IPython's ``user_ns``).
        view: the learner's view, or a function that finds it when a check first asks for it. A function may
            raise `airlock.lab.LabDown`; checks that never look at the lab then still work without one.
    """

    def __init__(self, user_ns: Mapping[str, Any], view: View | Callable[[], View]) -> None:
        self._names = user_ns
        self._view = view

    @property
    def lab(self) -> Lab:
        """The running lab. Raises `airlock.lab.LabDown`."""
        return self.view.lab

    @property
    def view(self) -> View:
        """This learner's view. Raises `airlock.lab.LabDown`."""
        if not isinstance(self._view, View):
            self._view = self._view()
        return self._view

    def value(self, name: str) -> Plain:
        """The variable ``name`` as plain data. Raises `NotAttempted` or `airlock.checks.plain.NotPlain`."""
        try:
            return to_plain(self._get(name))
        except StillPlaceholder:
            raise NotAttempted(f"`{name}` still holds its placeholder, `...`, somewhere.") from None

    def call(self, name: str, *args: Plain) -> Plain:
        """Call the function ``name``. Raises `NotAttempted` or `CallFailed`."""
        function = self._get(name)
        if not callable(function):
            raise NotAttempted(f"`{name}` is not a function.")
        try:
            with _at_most(CALL_SECONDS):
                result = function(*[from_plain(each) for each in args])
        except _StillRunning:
            raise CallFailed(f"TimeoutError: still running after {CALL_SECONDS:g} s") from None
        except (Exception, SystemExit) as error:
            asked = " (has the cell that makes it been run?)" if type(error) is NameError else ""
            raise CallFailed(f"{type(error).__name__}: {error}".removesuffix(": ") + asked) from error
        if result is ...:
            raise NotAttempted(f"`{name}` returns the placeholder `...`.")
        return to_plain(result)

    def _get(self, name: str) -> Any:
        if name not in self._names:
            raise NotAttempted(f"There is no `{name}` yet: the cell that makes it has not run.")
        found = self._names[name]
        if found is None or found is ...:
            raise NotAttempted(f"`{name}` has no value yet: it still holds its placeholder.")
        return found


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Interrupt what runs in the block, also where it waits. Only a main thread can be interrupted (``signal``)."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(*_: object) -> None:
        raise _StillRunning

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
