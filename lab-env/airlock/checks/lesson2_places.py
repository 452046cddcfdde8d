"""Judge of task 2.6: in which places a secret of the running Airflow can be read."""

from __future__ import annotations

from airlock.checks.catalogue import task
from airlock.checks.report import Report, failed, passed
from airlock.checks.world import Plain, World
from airlock.lab.canaries import PLACES, SHOWN, fields


@task(
    "2.6",
    "Find where a secret shows",
    4,
    hints=(
        "Search for each canary's `secret` as text, in four texts: the backup, the API's answer about its connection, "
        "the log of a `which_home` run with its connection, and what that run returned.",
        '`lab.airflow.request("GET", f"/api/v2/connections/{conn_id}").text` is the API\'s answer. '
        '`run = lab.airflow.run_dag("which_home", {"conn_id": …, "team": me.team})`, then '
        '`lab.airflow.task_log("which_home", run.run_id, "look_up")` and `lab.airflow.xcom(…)` with the same three.',
        "`{place for place, text in texts.items() if canary.secret in text}`, with the four texts in a dict by place. "
        "An XCom may be None: use `str(…)`.",
    ),
)
def places(world: World) -> Report:
    """`shown` names for each letter the places where its canary is in clear."""
    given = world.value("shown")
    held = fields(world.view)
    if not isinstance(given, dict) or set(given) != set(held):
        return failed(
            "`shown` has no entry for each of the four letters.",
            "A secret that nobody looked for is the one that leaks.",
            '`shown = {"a": {…}, "b": {…}, "c": {…}, "d": {…}}`',
            "letter-missing",
        )
    named = {letter: _names(value) for letter, value in given.items()}
    if unknown := sorted(set().union(*named.values()) - set(PLACES)):
        return failed(
            f"`shown` names {unknown[0]!r}.",
            "The check asks about four places.",
            f"Use {', '.join(PLACES)}; the empty set for none of them.",
            "unknown-place",
        )
    wrong = [letter for letter, name in held.items() if named[letter] != SHOWN[name]]
    if not wrong:
        return passed(
            "All four are right.",
            "Fernet protects two columns, the API hides names it knows, the log hides values it knows. "
            "None of them knows what a secret is.",
        )
    return _explain(wrong, named, held)


def _names(value: Plain) -> set[str]:
    if isinstance(value, str):
        return {value}
    return {str(each) for each in value} if isinstance(value, list) else {"nothing" if value is None else str(value)}


def _explain(wrong: list[str], named: dict[str, set[str]], held: dict[str, str]) -> Report:
    share = 0.5 if len(wrong) == 1 else 0.0
    missed = {letter: SHOWN[held[letter]] - named[letter] for letter in wrong}
    claimed = {letter: named[letter] - SHOWN[held[letter]] for letter in wrong}
    for place, (saw, why, look, misconception) in _CLAIMED.items():
        if letter := next((each for each in wrong if place in claimed[each]), None):
            return failed(f"Canary {letter}: {saw}", why, look, misconception, share)
    for place, (saw, why, look, misconception) in _MISSED.items():
        if letter := next((each for each in wrong if place in missed[each]), None):
            return failed(f"Canary {letter}: {saw}", why, look, misconception, share)
    raise AssertionError("a wrong set misses a place or claims one")


_CLAIMED = {
    "log": (
        "you name the log, and it is not readable there.",
        "A task's log has a masker. It knows the passwords of connections that the task has looked up, and puts `***` "
        "in their place.",
        "Search the log for the secret itself, not for the line in which you expect it.",
        "log-shows-all",
    ),
    "backup": (
        "you name the backup, and it is not readable there.",
        "Two columns are encrypted with the Fernet key, which is in no backup of the database (one hopes).",
        "Find its row in `backup()`. What does the column hold that the secret is in?",
        "row-is-in-clear",
    ),
    "api": (
        "you name the API, and it is not readable there.",
        "A password comes back as `***`, always.",
        "Search the text of the answer for the secret itself.",
        "api-shows-all",
    ),
    "xcom": (
        "you name the XCom, and it is not readable there.",
        "An XCom holds what a task returned: this one returns the host, nothing else.",
        "Search what `lab.airflow.xcom(…)` gives for the secret itself.",
        "xcom-has-the-connection",
    ),
}
_MISSED = {
    "xcom": (
        "one more place shows it than you name: look at what the task returned.",
        "The masker works on the log. What a task returns is stored as it is, and the API gives it to everybody who "
        "may see the DAG.",
        "`lab.airflow.xcom(…)` of a run with its connection.",
        "masker-covers-xcom",
    ),
    "backup": (
        "one more place shows it than you name: look at its row in the database.",
        "Only `password` and `extra` are encrypted. Host, login, schema and description are text.",
        "Search `backup()` for the secret.",
        "whole-row-encrypted",
    ),
    "api": (
        "one more place shows it than you name: look at what the API answers.",
        "The API hides the password, and those extras whose *name* sounds like a secret. Nothing else.",
        "Search the text of the API's answer for the secret.",
        "api-hides-all",
    ),
}
