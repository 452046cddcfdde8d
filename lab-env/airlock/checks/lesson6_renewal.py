"""Judge of task 6.4: certificates are renewed by a DAG while clients call, and no call fails."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509

from airlock.checks.catalogue import task
from airlock.checks.report import Report, failed, passed
from airlock.checks.world import NotAttempted, World
from airlock.lab import LabDown, View
from airlock.lab.airflow import AirflowClient
from airlock.lab.callers import callers
from airlock.lab.greeting import certificate_of
from airlock.lab.pki_engine import PkiEngine
from airlock.lab.warehouse import Warehouse
from airlock.lab.warehouse.server import since

DAG = "renew_certificate"
_TIMES = 3
_HOUR = 3600 + 120  # seconds; an authority dates back a little, for clocks that are late
_CALLER = re.compile(r"connection authorized: .*application_name=caller-\d+ SSL enabled")
_RESTART = re.compile(r"received (?:fast|smart|immediate) shutdown request|database system was shut down")
_REFUSED = re.compile(r"could not accept SSL connection|FATAL:")


@dataclass(frozen=True)
class Renewal:
    """One run of the DAG that succeeded, and what the server's log has of that time."""

    begin: float
    end: float
    calls: int
    refused: int


@task(
    "6.4",
    "Renew three times under load",
    4,
    hints=(
        "The DAG does all the steps. Your part is that somebody is calling while it runs, three times in a row, and "
        "that nothing restarts the server in between.",
        '`lab.airflow.run_dag("renew_certificate", {"team": me.team})` runs it and waits for it. Around the three runs '
        "goes one `with lab.callers() as seen:`.",
        "In the block: `for _ in range(3):` and the run. If calls fail with *certificate verify failed*, the "
        "certificate in use expired while you read: run the DAG once, then the block. "
        '`lab.pki.open(ttl="1h")` sets how long they live.',
    ),
)
def renewed(world: World) -> Report:
    """Three renewals in a row under load with nobody refused, a short-lived certificate, and one more renewal."""
    view = world.view
    runs = _runs(view)
    if not any(run.calls for run in runs):
        raise NotAttempted("The DAG has not renewed the certificate while clients called.")
    return _history(view, runs) or _served(view) or _again(view)


def _runs(view: View) -> list[Renewal]:
    log = Warehouse(view).log()
    return sorted((_renewal(log, *period) for period in _periods(view)), key=lambda run: run.begin)


def _periods(view: View) -> Iterator[tuple[float, float]]:
    for run in AirflowClient(view.lab).team_runs(view.prefix, DAG):
        if run["state"] == "success":
            begin, end = (datetime.fromisoformat(run[name]).timestamp() for name in ("start_date", "end_date"))
            yield begin, end


def _renewal(log: list[str], begin: float, end: float) -> Renewal:
    lines = _between(log, begin, end)
    calls, refused = (sum(1 for line in lines if words.search(line)) for words in (_CALLER, _REFUSED))
    return Renewal(begin, end, calls, refused)


def _between(log: list[str], begin: float, end: float) -> list[str]:
    lines = list(since(log, begin))
    return lines[: len(lines) - len(list(since(log, end)))]


def _history(view: View, runs: list[Renewal]) -> Report | None:
    windows = [runs[start : start + _TIMES] for start in range(len(runs) - _TIMES + 1)]
    loaded = [window for window in windows if all(run.calls for run in window)]
    if not loaded:
        most = sum(1 for run in runs if run.calls)
        return failed(
            f"Clients called during {most} of the renewals; three in a row are asked for.",
            "Once is luck. What runs every hour has to go well every time.",
            "All three runs belong inside one `with lab.callers() as seen:`.",
            "not-under-load",
        )
    log = Warehouse(view).log()
    calm = [window for window in loaded if not _restarted(log, window)]
    if not calm:
        return failed(
            "Between the three renewals the server was restarted.",
            "A restart also reads the new certificate. It throws every client out, in the middle of what they do.",
            "PostgreSQL reads its certificate anew at a *reload*, and the DAG does that by itself.",
            "restarted",
        )
    if all(any(run.refused for run in window) for window in calm):
        return failed(
            "While the certificate was renewed, the server's log has clients that did not get in.",
            "Each of them is a task that failed.",
            "What does `seen.failed` say? Run the DAG once, so that the certificate in use is good, and then again.",
            "calls-failed",
        )
    return None


def _restarted(log: list[str], window: list[Renewal]) -> bool:
    return any(_RESTART.search(line) for line in _between(log, window[0].begin, window[-1].end))


def _served(view: View) -> Report | None:
    server, trust = Warehouse(view), PkiEngine(view).ca_file
    if not Path(trust).exists():
        raise NotAttempted("There is no authority yet: `lab.pki.open()` makes it.")
    try:
        shown = certificate_of(server.host, server.port, trust, "postgres")
    except ssl.SSLCertVerificationError as error:
        return _not_trusted(error)
    except OSError as error:
        return failed(
            f"Your warehouse does not shake hands now: {error}.",
            "Three renewals went well. What counts is what a client finds today.",
            "`server.status()` says how it is.",
            "no-handshake",
        )
    if (life := _life(shown)) > _HOUR:
        return failed(
            f"Three renewals went well. What is served now lives for {life / 3600:.0f} hours.",
            "A stolen key is good for as long as its certificate. And what is renewed rarely is renewed by nobody.",
            '`lab.pki.open(ttl="1h")` changes the rule at the authority; then renew.',
            "lives-long",
            share=0.5,
        )
    return None


def _not_trusted(error: ssl.SSLCertVerificationError) -> Report:
    if "expired" in str(error):
        return failed(
            "Three renewals went well. The certificate that is served now has expired.",
            "That is what happens when the machine stops renewing, and the reason for a watch.",
            "Run the DAG once more.",
            "expired-meanwhile",
            share=0.5,
        )
    return failed(
        f"What is served now is not from your authority, or not for this host: {error.verify_message}.",
        "Clients that verify stay outside.",
        "Let the DAG install it; it looks before it does.",
        "other-authority",
        share=0.5,
    )


def _life(shown: x509.Certificate) -> float:
    return (shown.not_valid_after_utc - shown.not_valid_before_utc).total_seconds()


def _again(view: View) -> Report:
    airflow = AirflowClient(view.lab)
    with callers(view) as seen:
        run = airflow.run_dag(DAG, {"team": view.prefix})
    if run.state not in ("success", "failed"):
        raise LabDown(f"Airflow has not finished the run of {DAG} that the check has started.")
    if run.state == "failed":
        return failed(
            "Three renewals went well. A fourth, of the check's own, failed.",
            "The DAG's log says which step, and the old certificate is still there.",
            f'`lab.airflow.task_log("{DAG}", "{run.run_id}", "renew")`',
            "renewal-broken",
            share=0.5,
        )
    if seen.failed:
        return failed(
            f"Three renewals went well. At a fourth {len(seen.failed)} calls of {seen.good + len(seen.failed)} failed: "
            f"{seen.failed[0]['why'][-120:]}",
            "Each of them is a task that failed.",
            "Can the application's login get in over verified TLS, with your rules as they are now?",
            "calls-failed",
            share=0.5,
        )
    return passed(
        "Three renewals in a row while clients called, with nobody refused. The check has renewed a fourth time: "
        f"{seen.good} verified sessions, none failed, {len(seen.serials)} certificates seen, the slowest call took "
        f"{seen.slowest:.2f} s.",
        "A date that nobody has to remember.",
    )
