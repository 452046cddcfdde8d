"""Judges of lesson 1's exercises."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path

from airlock.checks.exercises import exercise
from airlock.checks.lesson1_diagnosis import explain, wrong_type
from airlock.checks.lesson1_forms import Fields, Unreadable, read
from airlock.checks.lesson1_login import Refused, is_shop, log_in
from airlock.checks.report import Report, failed, passed
from airlock.checks.script import run
from airlock.lab import View, environment
from airlock.lab.airflow import AirflowClient
from airlock.lab.vault import VaultClient

_COURIER = "AIRFLOW_CONN_COURIER"


class _Stopped(Exception):
    """The judgement is made early: the report is the argument."""

    def __init__(self, report: Report) -> None:
        self.report = report


@exercise("lesson-1/escaped-password")
def escaped_password(folder: Path, view: View) -> Report:
    """The script's line logs in as the courier, and other passwords survive it too."""
    login = view.courier
    try:
        fields = _rendered(folder, view, login.password)
        if report := wrong_type(fields):
            return report
        session = log_in(view, fields)
        if not is_shop(session, login):
            return explain(fields, login, f"the server let {session.user} into {session.database}")
        survived = [_rendered(folder, view, other).password == other for other in _others()]
    except _Stopped as stopped:
        return stopped.report
    except Refused as refused:
        return explain(fields, login, str(refused))
    if not all(survived):
        return failed(
            "Your courier can log in. A login with another awkward password cannot: it arrives changed.",
            "The next rotation is next month, and the platform does not ask which characters you like.",
            "Encode whatever comes, with a function that leaves no character alone. A list of characters to replace "
            "is never complete, and `%` itself is on it.",
            "only-this-password",
        )
    return passed(
        f"{session.user} logged in with the line that the script wrote, and two other passwords arrived unchanged.",
        "A deployment that survives its next rotation.",
    )


def _others() -> list[str]:
    return [f"{secrets.token_hex(3)}+&=%41;{secrets.token_hex(2)}@~//:??## x", secrets.token_urlsafe(9)]


def _rendered(folder: Path, view: View, password: str) -> Fields:
    login = view.courier
    given = {
        "COURIER_HOST": login.host,
        "COURIER_PORT": str(login.port),
        "COURIER_DATABASE": login.database,
        "COURIER_USER": login.user,
        "COURIER_PASSWORD": password,
    }
    done = run(folder / "render.py", given=given)
    if done.trouble:
        raise _stopped(f"`render.py` {done.trouble}", "script-fails")
    value = variables(done.output).get(_COURIER)
    if not value:
        raise _stopped(f"`render.py` prints no line that begins with `{_COURIER}=`.", "no-line")
    try:
        return read(value)
    except Unreadable as error:
        broken = value.startswith("{")
        raise _Stopped(
            failed(
                f"Airflow cannot read the line: {str(error).split(' as ')[0]}.",
                "A task does not even learn that: a home that cannot be read is passed over, and the log says "
                '"conn_id isn\'t defined".',
                "An environment file has one line for a variable: write the JSON without line breaks."
                if broken
                else "Some character of the password is still taken for a sign of the URI. Which ones does your "
                "encoding leave alone?",
                "line-broken" if broken else "slash-not-encoded",
            )
        ) from None


def _stopped(saw: str, misconception: str) -> _Stopped:
    return _Stopped(
        failed(
            saw,
            "The deployment ends here, and the tasks keep the environment of yesterday, or none.",
            f"Run it in a terminal with the five COURIER_ variables set; it should print `{_COURIER}=…`.",
            misconception,
        )
    )


@exercise("lesson-1/shadowed-fix")
def shadowed_fix(folder: Path, view: View) -> Report:
    """A task with this environment gets the ledger from the metadata database, and the archive as before."""
    tasks = variables((folder / "base.env").read_text()) | variables((folder / "override.env").read_text())
    host = f"ledger-{secrets.token_hex(3)}.internal"
    found = _looked_up(view, tasks, host)
    if found != host:
        return _still_shadowed(found, tasks)
    lost = [name for name, value in _KEPT.items() if tasks.get(name) != value]
    if lost:
        return failed(
            f"A task gets the ledger from the metadata database. `{lost[0]}` is gone or changed.",
            "It has no other home. The next run that needs it fails, and this time it is your change.",
            "Take out what shadows the ledger, and nothing else. `./airlock practice reset` brings the files back.",
            "too-much-removed",
        )
    return passed(
        "A task with this environment got the host that was stored in the metadata database a moment ago.",
        "One connection, one home. The next move needs one correction.",
    )


_KEPT = {
    "AIRFLOW_CONN_ARCHIVE": "generic://archive.internal",
    "AIRFLOW_VAR_CURRENCY": "EUR",
    "AIRFLOW_VAR_REGION": "eu-north",
}


def ledger(view: View) -> str:
    """The id of the exercise's ledger. The capstone may have a `ledger`, and tasks would find that one first."""
    return f"{view.prefix}_moved_ledger"


def _looked_up(view: View, tasks: Mapping[str, str], host: str) -> str | None:
    """The ledger's host in a real task: ``tasks`` is its environment, ``host`` what the metadata database says."""
    airflow, conn_id = AirflowClient(view.lab), ledger(view)
    path = f"/api/v2/connections/{conn_id}"
    VaultClient(view.lab).delete_connection(conn_id)
    environment.unset_connection(view, conn_id)
    airflow.request("DELETE", path)
    try:
        row = {"connection_id": conn_id, "conn_type": "generic", "host": host}
        airflow.request("POST", "/api/v2/connections", row)
        if (value := tasks.get("AIRFLOW_CONN_LEDGER")) is not None:
            environment.set_connection(view, conn_id, value)
        run = airflow.run_dag("which_home", {"conn_id": conn_id, "team": view.prefix})
        answer = airflow.xcom("which_home", run.run_id, "look_up")
        return None if answer is None else str(answer)
    finally:
        environment.unset_connection(view, conn_id)
        airflow.request("DELETE", path)


def _still_shadowed(found: str | None, tasks: Mapping[str, str]) -> Report:
    where = "A task that looks the ledger up gets"
    if found in ("ledger-interim.internal", "ledger-old.internal"):
        return failed(
            f"{where} the host `{found}`.",
            "That copy is in the environment, which a task asks before the metadata database. The page cannot show it.",
            "Which of the two files holds it? Where both name a variable, the later one wins; taking that line out "
            "brings the earlier one back.",
            "stale-copy" if found == "ledger-interim.internal" else "one-copy-left",
        )
    if "AIRFLOW_CONN_LEDGER" in tasks:
        return failed(
            f"{where} `{found}`, from the environment. The metadata database was changed a moment ago and says "
            "something else.",
            "A corrected copy is right until the next move. Then it shadows the truth again.",
            "Do not correct the copy: take it away.",
            "second-copy",
        )
    return failed(
        f"{where} {f'`{found}`' if found else 'no answer'}.",
        "The metadata database has the ledger, so something else came first or went wrong.",
        "`./airlock status` tells whether the lab is well; then try again.",
        "no-answer",
    )


def variables(text: str) -> dict[str, str]:
    """The ``NAME=value`` lines of an environment file; comments are left out, the last line of a name wins."""
    lines = (line.strip() for line in text.splitlines())
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value for name, _, value in pairs}
