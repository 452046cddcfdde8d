"""Look one connection up in a real task and say which answer came back."""

from airflow.sdk import BaseHook, dag, get_current_context, task
from team import load_environment


@dag(schedule=None, catchup=False, tags=["lab"], doc_md=__doc__, is_paused_upon_creation=False)
def which_home() -> None:
    """One task. Trigger it with ``{"conn_id": "<team>_…", "team": "<team>"}``."""

    @task
    def look_up() -> str | None:
        conf = get_current_context()["dag_run"].conf or {}
        conn_id, team = conf.get("conn_id"), conf.get("team")
        if not conn_id or not team:
            raise ValueError('trigger this DAG with conf {"conn_id": "<team>_…", "team": "<team>"}')
        load_environment(team)
        connection = BaseHook.get_connection(conn_id)
        print(f"{conn_id}: host {connection.host}")
        return connection.host

    look_up()


which_home()
