"""Look for what should wake somebody up, and fail if there is any: Airflow's own notifier sends the alert."""

import time

from airflow.exceptions import AirflowFailException
from airflow.providers.http.notifications.http import HttpNotifier
from airflow.sdk import dag, get_current_context, task
from team import load_environment

ALERT = HttpNotifier(
    http_conn_id="{{ dag_run.conf['team'] }}_pager",
    endpoint="/alerts",
    json={
        "dag": "{{ dag.dag_id }}",
        "run_id": "{{ run_id }}",
        "text": "{{ exception }}",
        "findings": "{{ ti.xcom_pull(task_ids='look', key='findings') | tojson }}",
    },
)


@dag(schedule=None, catchup=False, tags=["lab"], doc_md=__doc__, is_paused_upon_creation=False)
def keep_watch() -> None:
    """One task. Trigger it with ``{"team": "<team>"}``; in production it has a schedule, say every five minutes.

    Conf may also have ``since``, seconds since 1970, from when on the logs count (an hour ago when left out), and
    ``warn``, the share of a certificate's life that has to be left (a third).
    """

    @task(on_failure_callback=ALERT)
    def look() -> None:
        from airflow.providers.postgres.hooks.postgres import PostgresHook

        from airlock.lab import Lab, watch

        context = get_current_context()
        conf = context["dag_run"].conf or {}
        team = conf.get("team")
        if not team:
            raise ValueError('trigger this DAG with conf {"team": "<team>"}')
        load_environment(team)
        begin, warn = float(conf.get("since", time.time() - 3600)), float(conf.get("warn", 1 / 3))

        sessions, blind = [], []
        try:
            sessions = PostgresHook(f"{team}_monitor").get_records(watch.SESSIONS)
        except Exception as error:
            blind = [watch.Finding("unreachable", "warehouse", f"the watch itself cannot log in: {error}")]
        found = blind + watch.findings(Lab.current(), team, sessions, begin, warn)
        for finding in found:
            print(finding)
        if found:
            context["ti"].xcom_push(key="findings", value=watch.as_json(found))
            raise AirflowFailException("\n".join(map(str, found)))
        print("nothing found")

    look()


keep_watch()
