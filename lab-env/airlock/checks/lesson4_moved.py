"""Judge of task 4.4: a connection has moved from the environment to the vault, and nothing of it is left behind."""

from __future__ import annotations

import json
from typing import Any

import hvac.exceptions

from airlock.checks.catalogue import task
from airlock.checks.lesson4_homes import found, left_behind
from airlock.checks.lesson4_policy import Paths, too_wide
from airlock.checks.report import Report, failed, passed
from airlock.checks.world import NotAttempted, World
from airlock.lab import View, backend
from airlock.lab.airflow import AirflowClient
from airlock.lab.scattered import conn_id, copies
from airlock.lab.vault import client, root
from airlock.lab.vault_team import mount


@task(
    "4.4",
    "Move a connection to the vault",
    4,
    hints=(
        "Four steps, in this order: store it in your mount, let your tasks ask there, see that it works, take the "
        "other "
        "copies away. There are three of them, and only one is in use.",
        "`lab.vault.admin.secrets.kv.v2.create_or_update_secret(path, secret, mount_point=…)` stores a dict; the "
        "backend "
        "reads the path `connections/<id>`, and takes `conn_uri`, or the fields of the JSON form. "
        '`lab.backend.use("vault", **…)` tells your tasks. Copies: `lab.environment`, the API, and `lab.vault`.',
        '`lab.backend.use("vault", **robot(policy))`. Then `lab.environment.unset(moving)`, '
        '`lab.airflow.request("DELETE", f"/api/v2/connections/{moving}")` and `lab.vault.delete_connection(moving)`, '
        "which takes all versions.",
    ),
)
def moved(world: World) -> Report:
    """Tasks get the connection from the team's mount, with a small token, and no other copy is left."""
    view = world.view
    settings = backend.settings(view)
    left = copies(view, "orders")
    if "environment" in left and not settings and not _stored(view):
        raise NotAttempted("The connection is still in the environment of your tasks, and nowhere on your mount.")
    return _backend(view, settings, left) or left_behind(left) or _task(view)


def _asked(settings: dict[str, str], left: dict[str, str]) -> Report | None:
    """A report when the team's tasks do not ask a vault."""
    if settings.get("AIRFLOW__SECRETS__BACKEND") == backend.BACKENDS["vault"]:
        return None
    if "environment" in left:
        return failed(
            "Your tasks do not ask your mount yet: they still use the copy in their environment.",
            "A secret in a vault that nobody asks is one copy more, not one less.",
            '`lab.backend.use("vault", …)` tells your tasks where to ask first.',
            "backend-not-used",
        )
    return failed(
        "The copy in the environment is gone, and your tasks do not ask your mount.",
        "In between, tasks run without the connection. First the new home, then the old one's end.",
        '`lab.backend.use("vault", …)` tells your tasks where to ask first.',
        "removed-first",
    )


def _stored(view: View) -> bool:
    try:
        root(view.lab).secrets.kv.v2.read_secret_metadata(
            f"connections/{conn_id(view, 'orders')}", mount_point=mount(view)
        )
    except hvac.exceptions.InvalidPath:
        return False
    return True


def _backend(view: View, settings: dict[str, str], left: dict[str, str]) -> Report | None:
    if report := _asked(settings, left):
        return report
    arguments: dict[str, Any] = json.loads(settings["AIRFLOW__SECRETS__BACKEND_KWARGS"])
    answer = found("vault", arguments, view, "orders")
    if isinstance(answer, Report):
        return answer
    if arguments.get("mount_point") != mount(view):
        return failed(
            f"Tasks find the connection on the mount `{arguments.get('mount_point')}`.",
            "That mount is open to others. The point of the move is that nobody else has a key to it.",
            f"Your own mount is `{mount(view)}` (`lab.vault.mount`).",
            "other-mount",
        )
    return _rights(view, answer, arguments)


def _rights(view: View, answer: Any, arguments: dict[str, Any]) -> Report | None:
    """What the token may do that the backend logged in with."""
    if arguments.get("auth_type") != "approle":
        return failed(
            "It works, with a token that somebody made for a person and that now stands in a configuration file.",
            "It runs out in the middle of a night, or never. A robot logs in with a role of its own, each time anew.",
            '`auth_type="approle"`: `robot(policy)` makes the role and gives all the arguments.',
            "token-in-the-file",
        )
    token = answer.vault_client.client.token
    paths = Paths.of(mount(view))
    granted = client(view.lab, root(view.lab).token).sys.get_capabilities(paths=paths.every(), token=token)["data"]
    rights = {path: frozenset(granted[path]) - {"deny"} for path in paths.every()}
    return too_wide(rights, paths, mount(view))


def _task(view: View) -> Report:
    run = AirflowClient(view.lab).run_dag("orders_report", {"conn_id": conn_id(view, "orders"), "team": view.prefix})
    if run.state != "success":
        return failed(
            f"Everything is in its place, and a run of `orders_report` came to: {run.state}.",
            "The move is done when the tasks do not notice it.",
            "Look at the run's log in Airflow, then check again.",
            "run-failed",
        )
    return passed(
        f"A task of the running Airflow logged in to the shop with what your mount holds ({run.seconds:.0f} s). No "
        "other "
        "copy is left: not in the environment, not in the metadata database, not on the shared mount.",
        "One home, one audit log, one place to change it in.",
    )
