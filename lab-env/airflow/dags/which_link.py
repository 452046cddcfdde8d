"""Ask a warehouse, through the Airflow connection named in the conf, what it knows of this very session's link."""

from typing import Any

from airflow.sdk import dag, get_current_context, task
from team import load_environment


@dag(schedule=None, catchup=False, tags=["lab"], doc_md=__doc__, is_paused_upon_creation=False)
def which_link() -> None:
    """One task. Trigger it with ``{"conn_id": "<team>_…", "team": "<team>"}``."""

    @task
    def ask() -> dict[str, Any]:
        from airflow.providers.postgres.hooks.postgres import PostgresHook

        conf = get_current_context()["dag_run"].conf or {}
        conn_id, team = conf.get("conn_id"), conf.get("team")
        if not conn_id or not team:
            raise ValueError('trigger this DAG with conf {"conn_id": "<team>_…", "team": "<team>"}')
        load_environment(team)
        (link,) = PostgresHook(postgres_conn_id=conn_id).get_first("select row_to_json(own_session) from own_session")
        print(f"{conn_id}: {link['version']}, {link['cipher']}" if link["ssl"] else f"{conn_id}: no TLS")
        return link

    ask()


which_link()
