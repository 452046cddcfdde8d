"""Judge of task 6.6: the watch was seen red, its causes are mended, and it still sees what happens."""

from __future__ import annotations

import time
from typing import Any

import psycopg

from airlock.checks.catalogue import task
from airlock.checks.lesson4_rights import granted
from airlock.checks.report import Report, failed, passed
from airlock.checks.world import NotAttempted, World
from airlock.lab import LabDown, View
from airlock.lab.airflow import AirflowClient
from airlock.lab.alerts import alerts
from airlock.lab.troubles import FORBIDDEN, KINDS, break_a_handshake_off, plain_login, robot
from airlock.lab.vault import root
from airlock.lab.vault_team import mount
from airlock.lab.warehouse import Warehouse
from airlock.lab.watch import expiring

DAG = "keep_watch"
_WARN = 1 / 3  # of a certificate's life: what the DAG warns at
_OPEN, _ASKS = "plain-still-possible", "robot-left"
Findings = list[dict[str, Any]]


@task(
    "6.6",
    "From the alert to silence",
    4,
    hints=(
        "Take the findings one by one, and ask what made them possible. One is a date, one is a rule of the server, "
        "one is a robot with a login. The fourth has no cause that you can reach: it is there to be seen.",
        "The DAG `renew_certificate` is for the date. Of the first words of a rule, `host` and `hostssl`, one insists "
        "on TLS; a rule counts after a `server.reload()`. And a robot that needs nothing needs no login: giving it "
        "what it asked for would silence the watch, and nothing else.",
        '`server.rules("hostssl all all 127.0.0.1/32 scram-sha-256")`, `server.reload()`, and '
        '`lab.vault.admin.auth.approle.delete_role(f"{me.team}-robot")`.',
    ),
)
def quiet(world: World) -> Report:
    """Four kinds of findings were alerted; none of the causes is left; a new trouble is still found."""
    view = world.view
    seen = {finding["kind"] for alert in alerts(view) if alert.dag == DAG for finding in alert.findings}
    if not seen:
        raise NotAttempted("No alert of the watch has arrived yet: make the troubles, and let `keep_watch` run.")
    if missing := [kind for kind in KINDS if kind not in seen]:
        return failed(
            f"The watch was never red for one of the four troubles: {missing[0]}.",
            "What has not been seen red once has not been tried.",
            "Run the cell that makes the troubles, all of it.",
            "not-seen-red",
        )
    clear, asking = _clear_text(view), _robot(view)
    as_made = clear and asking and clear.misconception == _OPEN and asking.misconception == _ASKS
    if as_made and any(each.where == "warehouse" for each in expiring(view.lab, view.prefix, _WARN)):
        raise NotAttempted("The watch was red. Nothing has been mended yet.")
    return clear or asking or _watched(view)


def _clear_text(view: View) -> Report | None:
    if not Warehouse(view).status().running:
        return failed(
            "Your warehouse does not run.",
            "It is silent now. That is no repair.",
            "`server.start()`, and the rules in its `pg_hba.conf`.",
            "switched-off",
        )
    try:
        plain_login(view).close()
    except psycopg.OperationalError:
        return None
    return failed(
        "A client without TLS still gets in, with everything it says in clear.",
        "Nobody has to do it again for it to be a hole.",
        "Which lines are in `pg_hba.conf`, which one fits first, and has the server read them?",
        _OPEN,
    )


def _robot(view: View) -> Report | None:
    approle = root(view.lab).auth.approle
    names = (approle.list_roles() or {}).get("data", {}).get("keys", [])
    if robot(view) not in names:
        return None
    policies = approle.read_role(robot(view))["data"]["token_policies"]
    wanted = f"{mount(view)}/data/{FORBIDDEN}"
    rules = [str(root(view.lab).sys.read_policy(name)["data"]["rules"]) for name in policies]
    if rules and any("read" in granted(view, rule, [wanted])[wanted] for rule in rules):
        return failed(
            "The robot may now read what it was refused.",
            "The watch is silent, and the refusal was right: it was the only sign that a robot went astray.",
            "What does it need, and what is it for?",
            "silenced-by-permission",
        )
    return failed(
        "The robot still has its login, and will ask again.",
        "Refusals that everybody knows of are the ones that nobody reads any more.",
        f"Who still needs the login `{robot(view)}`? Roles are kept in `lab.vault.admin.auth.approle`.",
        _ASKS,
        share=0.5,
    )


def _watched(view: View) -> Report:
    began, airflow = time.time(), AirflowClient(view.lab)
    break_a_handshake_off(view)
    run = airflow.run_dag(DAG, {"team": view.prefix, "since": began})
    if run.state not in ("success", "failed"):
        raise LabDown(f"Airflow has not finished the run of {DAG} that the check has started.")
    found = [finding for alert in alerts(view, began) if alert.run_id == run.run_id for finding in alert.findings]
    kinds = {finding["kind"] for finding in found}
    if "unreachable" in kinds:
        return failed(
            "The watch cannot look any more: it does not get into your warehouse.",
            "A watch that is locked out sees nothing, and so does the attacker's victim.",
            "It logs in over verified TLS, as `monitor_…`: do your rules and your certificate allow that?",
            "watch-locked-out",
        )
    if "expiring" in kinds:
        return failed(
            f"The watch still finds a certificate that ends soon: {_first(found, 'expiring')}.",
            "It is the one trouble that gets worse by itself.",
            "Who renews it is a DAG.",
            "not-renewed",
            share=0.5,
        )
    if "tls-failure" not in kinds:
        return failed(
            "The check broke a handshake off. The watch did not see it, or nobody was told.",
            "Silence is worth nothing when it is always silent.",
            "Does the server still write its log, and does the watch still have its pager? `lab.watch.open()`.",
            "blinded",
        )
    if more := kinds - {"tls-failure"}:
        return failed(
            f"Besides the check's own trouble the watch finds another one: {_first(found, more.pop())}.",
            "A repair that makes noise is half of one.",
            "Run `keep_watch` with `since` set to now, and read what it finds.",
            "still-noisy",
            share=0.5,
        )
    return passed(
        "All four were alerted once. Clear text is refused, the robot is gone, the certificate is fresh. And when the "
        "check broke a handshake off, somebody was told.",
        "Red once, silent since, and red again when it should: this watch has been tried.",
    )


def _first(found: Findings, kind: str) -> str:
    return next(f"{each['where']}, {each['what']}" for each in found if each["kind"] == kind)
