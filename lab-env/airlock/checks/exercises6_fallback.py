"""Judge of lesson 6's exercise about a client that tries something weaker when it is refused."""

from __future__ import annotations

from pathlib import Path

import httpx

from airlock.checks.exercises import exercise
from airlock.checks.report import Report, failed, passed
from airlock.checks.script import Ran, run
from airlock.lab import LabDown, View
from airlock.lab.clients import http_client
from airlock.wire.captures import Connection, record
from airlock.wire.loot import loot

_IMPOSTORS = ("http-self-signed", "http-wrong-host", "http-expired", "http-not-yet-valid")


@exercise("lesson-6/quiet-fallback")
def quiet_fallback(folder: Path, view: View) -> Report:
    """The script works with billing, and gives nothing to anybody else, and says so."""
    expected = _invoices(view)
    ran, connections = _run(folder, view, "http-eavesdropper")
    if loot(connections).is_session:
        return _clear("somebody who only listens has the password")
    if report := _wrong_output(ran, expected, view):
        return report
    for door in _IMPOSTORS:
        ran, connections = _run(folder, view, door)
        if report := _given_away(connections, door) or _silent(ran, view):
            return report
    return passed(
        f"With billing the script printed {len(expected)} ids. {len(_IMPOSTORS)} people in between got nothing, and "
        "each time the script ended with an error.",
        "A failure that somebody sees is worth more than a report that is always there.",
    )


def _run(folder: Path, view: View, door: str) -> tuple[Ran, list[Connection]]:
    with record(view.lab.wire, door, patience=1.5) as recording:
        given = {
            "BILLING": f"https://{view.lab.billing.host}:{recording.port}",
            **{"CA_FILE": view.lab.ca_file, "LOGIN": view.shop.user, "PASSWORD": view.shop.password},
        }
        ran = run(folder / "invoices.py", given=given)
    return ran, recording.connections


def _invoices(view: View) -> list[str]:
    try:
        with http_client(view.lab.ca_file) as client:
            login = (view.shop.user, view.shop.password)
            answer = client.get(f"{view.lab.billing.https}/invoices?limit=3", auth=login).raise_for_status()
    except httpx.HTTPError as error:
        raise LabDown(f"Billing does not answer on {view.lab.billing.https}: {error}") from None
    return [str(invoice["id"]) for invoice in answer.json()["invoices"]]


def _wrong_output(ran: Ran, expected: list[str], view: View) -> Report | None:
    if ran.trouble:
        return failed(
            f"With billing itself on the other end the script {ran.trouble.replace(view.shop.password, '…')}",
            "A client that trusts nobody is safe, and useless.",
            "Trust is the file in `CA_FILE`, for every request.",
            "no-trust" if "CERTIFICATE_VERIFY" in ran.errors else "script-fails",
        )
    if ran.output.split() != expected:
        return failed(
            "With billing itself on the other end the script does not print the ids of the three newest invoices.",
            "The report is what the script is for.",
            "One id a line, as it was.",
            "no-report",
        )
    return None


def _given_away(connections: list[Connection], door: str) -> Report | None:
    gained = [each for each in connections if loot([each]).is_session]
    if not gained:
        return None
    if any("client" not in each.tls for each in gained):
        return _clear("the attacker refused TLS with a forged certificate, and was called again without")
    kind = door.removeprefix("http-").replace("-", " ")
    return failed(
        f"Somebody showed a certificate that is {kind}. The script gave him login and password.",
        "Its first attempt was refused rightly. The second one took what was left.",
        "Where is verification turned off, and for whom?",
        "falls-back-unverified",
    )


def _clear(what: str) -> Report:
    return failed(
        f"In clear: {what}.",
        "Whoever can break TLS off gets plain HTTP for it. Breaking it off takes one packet.",
        "Which attempt begins with `http:`?",
        "falls-back-to-http",
    )


def _silent(ran: Ran, view: View) -> Report | None:
    if view.shop.password in ran.output + ran.errors:
        return failed(
            "The script prints the password when it fails.",
            "Logs are read by many, and kept for long.",
            "Print the error, not what was sent.",
            "password-in-the-log",
        )
    if not ran.trouble:
        return failed(
            "With somebody in between the script gives nothing away. It also ends as if all were well.",
            "The task is green, the report is empty, and nobody looks at the link.",
            "An exception that nobody catches ends a script with an error. So does `sys.exit(…)` with a text.",
            "fails-in-silence",
        )
    if ran.output.strip():
        return failed(
            "With somebody in between the script prints a report.",
            "Whoever reads it takes it for billing's.",
            "Print when the answer is there, not before.",
            "report-of-nobody",
        )
    return None
