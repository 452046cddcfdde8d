"""What somebody reads on the link between a worker and Airflow's API server."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from airlock.lab import View, execution_api
from airlock.lab.airflow import AirflowClient

pytestmark = pytest.mark.lab


def test_a_password_is_read_off_airflow_s_default_link_and_not_off_the_lab_s(view: View) -> None:
    conn_id = f"{view.prefix}_heard"
    row = {"connection_id": conn_id, "conn_type": "generic", "host": "h", "password": "heard-on-the-wire"}
    assert AirflowClient(view.lab).request("POST", "/api/v2/connections", row).status_code == 201
    # Both take seconds to begin: at the same time.
    with ThreadPoolExecutor(1) as meanwhile:
        sealed = meanwhile.submit(execution_api.look_up, view, conn_id)
        with execution_api.stock(view) as url:
            heard = execution_api.look_up(view, conn_id, url).text
            assert "heard-on-the-wire" in heard
            # The token that was read opens the same door again.
            (token,) = re.findall(r"Authorization: Bearer (\S+)", heard)
            stolen = {"Authorization": f"Bearer {token}"}
            answer = httpx.get(f"{url}/execution/connections/{conn_id}", headers=stolen, trust_env=False)
            assert answer.json()["password"] == "heard-on-the-wire"
    assert sum(len(chunk.data) for chunk in sealed.result().chunks) > 1000
    assert sealed.result().text == ""
