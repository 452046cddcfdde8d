"""Look one connection up again and again, for as long as its team wants, and count what came of it."""

import time
from pathlib import Path
from typing import Any

from airflow.sdk import BaseHook, dag, get_current_context, task
from team import ENVIRONMENTS, load_environment

PAUSE = 0.2  # seconds between two look-ups
LONGEST = 180.0  # seconds, for a team that has forgotten its run


def still(wanted: Path) -> bool:
    """Whether the team wants another look-up. Says in its file that there has been one; never makes the file."""
    try:
        with wanted.open("r+") as file:
            file.write("looked")
    except FileNotFoundError:
        return False
    return True


@dag(schedule=None, catchup=False, tags=["lab"], doc_md=__doc__, is_paused_upon_creation=False)
def steady() -> None:
    """One task, until ``<team>.steady`` is gone. Trigger it with ``{"conn_id": "<team>_…", "team": "<team>"}``."""

    @task
    def look_up() -> dict[str, Any]:
        conf = get_current_context()["dag_run"].conf or {}
        conn_id, team = conf.get("conn_id"), conf.get("team")
        if not conn_id or not team:
            raise ValueError('trigger this DAG with conf {"conn_id": "<team>_…", "team": "<team>"}')
        load_environment(team)
        wanted = ENVIRONMENTS / f"{team}.steady"
        began, first, good, slowest, failed = time.time(), None, 0, 0.0, []
        while True:
            asked = time.time()
            try:
                connection = BaseHook.get_connection(conn_id)
                found = (connection.host, connection.login, connection.password)
                first = first or found
                if found != first:
                    raise ValueError("the answer is not the one of the first look-up")
                good += 1
            except Exception as error:
                print(f"look-up {good + len(failed) + 1}: {type(error).__name__}: {error}")
                failed.append({"at": asked, "why": f"{type(error).__name__}: {error}"})
            slowest = max(slowest, time.time() - asked)
            if not still(wanted) or time.time() - began > LONGEST:
                break
            time.sleep(PAUSE)
        print(f"{good} look-ups of {conn_id} were answered, {len(failed)} were not; the slowest took {slowest:.1f} s")
        return {
            **{"conn_id": conn_id, "began": began, "ended": time.time()},
            **{"good": good, "failed": failed, "slowest": slowest},
        }

    look_up()


steady()
