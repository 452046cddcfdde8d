"""A deployment's working day: every connection of a team does its job once, in the running Airflow."""

from typing import Any

from airflow.sdk import BaseHook, dag, get_current_context, task
from team import load_environment

QUERY = "select id, customer, quantity from orders order by id desc limit 20"


def work(conn_id: str) -> int:
    """Do the job of one connection; returns how many orders or invoices it brought."""
    connection = BaseHook.get_connection(conn_id)
    print(f"{conn_id}: {connection.conn_type} at {connection.host}")
    if connection.conn_type == "postgres":
        from airflow.providers.postgres.hooks.postgres import PostgresHook

        return len(PostgresHook(postgres_conn_id=conn_id).get_records(QUERY))
    from airflow.providers.http.hooks.http import HttpHook

    hook = HttpHook(method="GET", http_conn_id=conn_id)
    if not connection.login:
        return len(hook.run("/health").json())
    return len(hook.run("/invoices?limit=20").json()["invoices"])


@dag(schedule=None, catchup=False, tags=["lab"], doc_md=__doc__, is_paused_upon_creation=False)
def working_day() -> None:
    """One task. Trigger it with ``{"conn_ids": ["<team>_…", …], "team": "<team>"}``; it never fails, it tells."""

    @task
    def work_through() -> dict[str, Any]:
        conf = get_current_context()["dag_run"].conf or {}
        conn_ids, team = conf.get("conn_ids"), conf.get("team")
        if not conn_ids or not team:
            raise ValueError('trigger this DAG with conf {"conn_ids": ["<team>_…"], "team": "<team>"}')
        load_environment(team)
        done: dict[str, Any] = {}
        for conn_id in conn_ids:
            try:
                done[conn_id] = {"brought": work(conn_id)}
            except Exception as error:
                done[conn_id] = {"failed": f"{type(error).__name__}: {str(error).strip()[:300]}"}
                print(f"{conn_id}: {done[conn_id]['failed']}")
        return done

    work_through()


working_day()
