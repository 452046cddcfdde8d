"""The world of a check in trusted mode: the judge runs here, the learner's notebook in a kernel of its own."""

from __future__ import annotations

import json
import re
from typing import Any

from airlock.checks.plain import NotPlain, Plain
from airlock.checks.world import CallFailed, NotAttempted
from airlock.course.kernel import Kernel, KernelGone, NoAnswer
from airlock.lab import Lab, View

_PROBE = "__import__('airlock.course.probe', fromlist=['probe'])"
_CONNECTION = {"__type__", "conn_id", "conn_type", "host", "port", "login", "password", "schema", "extra"}
_GONE = "Your notebook's kernel is gone: {}. What it had computed cannot be read."


class KernelWorld:
    """`airlock.checks.world.World` over a kernel that is not trusted.

    Everything that comes back is checked to be plain data of bounded size; the lab is looked at from this process.
    """

    def __init__(self, kernel: Kernel, view: View, seconds: float = 20.0) -> None:
        self._kernel = kernel
        self._view = view
        self._seconds = seconds

    @property
    def lab(self) -> Lab:
        """The running lab."""
        return self._view.lab

    @property
    def view(self) -> View:
        """The learner's view."""
        return self._view

    def value(self, name: str) -> Plain:
        """A variable of the notebook. Raises `NotAttempted` or `airlock.checks.plain.NotPlain`."""
        try:
            return self._ask(f"{_PROBE}.value({name!r})")
        except NoAnswer as why:
            raise NotPlain(f"`{name}` cannot be read: {why}.") from None

    def call(self, name: str, *args: Plain) -> Plain:
        """Call a function of the notebook. Raises `NotAttempted`, `CallFailed` or `NotPlain`."""
        try:
            return self._ask(f"{_PROBE}.call({name!r}, {json.dumps(args)!r})")
        except NoAnswer as why:
            raise CallFailed(str(why)) from None

    def _ask(self, expression: str) -> Plain:
        try:
            text = self._kernel.ask(expression, self._seconds)
        except KernelGone as how:
            raise NotAttempted(_GONE.format(how)) from None
        match _parsed(text):
            case {"ok": answer}:
                return _shaped(answer)
            case {"not attempted": str(why)}:
                raise NotAttempted(why[:500])
            case {"not plain": str(why)}:
                raise NotPlain(why[:500])
            case {"call failed": str(why)}:
                raise CallFailed(why[:500])
            case _:
                raise NotPlain("The notebook's kernel answers with something that is not plain data.")


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON")


def _shaped(answer: Any) -> Plain:
    """``answer``, when every marked dict in it has the fields that a judge may count on."""
    match answer:
        case {"__type__": "Connection"}:
            # `airflow.sdk` keeps a port that is text and an extra that is a dict; what that means is for the judge.
            kinds: dict[str, Any] = {"port": int | str | None, "extra": str | dict | None}
            whole = set(answer) == _CONNECTION
            if not whole or not all(isinstance(item, kinds.get(name, str | None)) for name, item in answer.items()):
                raise NotPlain("It is not a whole Connection.")
        case {"__type__": "bytes", "hex": str(digits)} if re.fullmatch(r"([0-9a-f]{2})*", digits):
            pass
        case {"__type__": _}:
            raise NotPlain("It is marked as a type that does not exist.")
        case dict():
            for item in answer.values():
                _shaped(item)
        case list():
            for item in answer:
                _shaped(item)
    checked: Plain = answer
    return checked
