"""Count a shop's orders and write the result down, through the Airflow connection named in the run's conf."""

from airflow.sdk import dag, get_current_context, task
from team import load_environment


@dag(schedule=None, catchup=False, tags=["lab"], doc_md=__doc__, is_paused_upon_creation=False)
def orders_report() -> None:
    """One task. Trigger it with ``{"conn_id": "<team>_shop", "team": "<team>"}``."""

    @task
    def report() -> None:
        from airflow.providers.postgres.hooks.postgres import PostgresHook

        context = get_current_context()
        conf = context["dag_run"].conf or {}
        conn_id, team = conf.get("conn_id"), conf.get("team")
        if not conn_id or not team:
            raise ValueError('trigger this DAG with conf {"conn_id": "<team>_shop", "team": "<team>"}')
        load_environment(team)

        hook = PostgresHook(postgres_conn_id=conn_id)
        orders, revenue = hook.get_first(
            "select count(*), sum(quantity * price) from orders join products on products.id = product_id"
        )
        hook.run(
            "insert into reports (run_id, conn_id, orders, revenue) values (%s, %s, %s, %s)",
            parameters=(context["dag_run"].run_id, conn_id, orders, revenue),
        )
        print(f"{orders} orders, {revenue} in revenue, read through the connection {conn_id}")

    report()


orders_report()
