"""Renew the certificate of a team's warehouse: ask OpenBao, rehearse, switch, reload, verify — or roll back."""

from pathlib import Path
from typing import Any

from airflow.providers.http.notifications.http import HttpNotifier
from airflow.sdk import dag, get_current_context, task
from team import load_environment

ALERT = HttpNotifier(
    http_conn_id="{{ dag_run.conf['team'] }}_pager",
    endpoint="/alerts",
    json={"dag": "{{ dag.dag_id }}", "run_id": "{{ run_id }}", "text": "{{ exception }}"},
)


@dag(schedule=None, catchup=False, tags=["lab"], doc_md=__doc__, is_paused_upon_creation=False)
def renew_certificate() -> None:
    """One task, so that the new key lies in no XCom. Trigger it with ``{"team": "<team>"}``.

    Conf may also have ``name``, ``role`` and ``ttl`` of the certificate; ``trust``, the name of a file in the
    warehouse's folder with the authorities that its clients trust, instead of the PKI's root; and ``rehearse``, false
    to leave the rehearsal out. In production it has a schedule: every third of the certificate's life.
    """

    @task(on_failure_callback=ALERT)
    def renew() -> dict[str, Any]:
        from airflow.providers.hashicorp.hooks.vault import VaultHook

        from airlock.lab import Lab, pki_engine, renewal
        from airlock.lab.warehouse.place import Place

        conf = get_current_context()["dag_run"].conf or {}
        team = conf.get("team")
        if not team:
            raise ValueError('trigger this DAG with conf {"team": "<team>"}')
        load_environment(team)
        lab = Lab.current()
        place, trust = Place(lab, team), pki_engine.ca_file(lab, team)
        if conf.get("trust"):
            trust = place.folder / Path(conf["trust"]).name

        client = VaultHook(f"{team}_pki").get_conn()
        issued = pki_engine.sign(
            client,
            pki_engine.mount(team),
            conf.get("name", pki_engine.HOST),
            conf.get("role", pki_engine.ROLE),
            conf.get("ttl"),
        )
        print(f"issued: {issued.serial:x}, valid for {issued.ends - issued.begins:.0f} s")
        was = renewal.renew(place, issued, trust, print, rehearsed=conf.get("rehearse", True))
        return {"serial": f"{issued.serial:x}", "was": f"{was:x}", "ends": issued.ends}

    renew()


renew_certificate()
