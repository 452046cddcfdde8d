"""What a trusted judge asks of a notebook's kernel. Runs inside that kernel.

The kernel is not trusted: whatever it answers is only the learner's own value, in place of the variable. So
patching this module wins nothing that typing another value would not.
"""

from __future__ import annotations

import json
from typing import Any

from IPython import get_ipython

from airlock.checks.plain import NotPlain
from airlock.checks.world import CallFailed, NotAttempted
from airlock.lab import LabDown
from airlock.lesson.world import LocalWorld

_kept: list[tuple[dict[str, Any], dict[str, str]]] = []


def value(name: str) -> str:
    """A variable, as JSON: ``{"ok": …}``, or why not."""
    return _answer(lambda world: world.value(name))


def call(name: str, arguments: str) -> str:
    """The result of a function, as JSON. ``arguments`` is a JSON list."""
    return _answer(lambda world: world.call(name, *json.loads(arguments)))


def keep() -> str:
    """Remember the notebook's variables and environment, for `put_back`."""
    import os

    _kept[:] = [(dict(_variables()), dict(os.environ))]
    return "kept"


def put_back() -> str:
    """Undo what cells did to the names of variables and to the environment since `keep`."""
    import os

    variables, environment = _kept[0]
    current = _variables()
    for name in set(current) - set(variables):
        del current[name]
    current.update(variables)
    os.environ.clear()
    os.environ.update(environment)
    return "put back"


def _variables() -> dict[str, Any]:
    variables: dict[str, Any] = get_ipython().user_ns
    return variables


def _answer(ask: Any) -> str:
    world = LocalWorld(_variables(), _no_view)
    try:
        answer = {"ok": ask(world)}
    except NotAttempted as why:
        answer = {"not attempted": str(why)}
    except NotPlain as why:
        answer = {"not plain": str(why)}
    except CallFailed as why:
        answer = {"call failed": str(why)}
    return json.dumps(answer)


def _no_view() -> Any:
    raise LabDown("a judge looks at the lab from its own process")
