"""A new learner works through lesson 6: a renewal under load at once, mistakes, and everything else in turn."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.jupyter import Notebook
from tests.browser.walk import Walk, holds

pytestmark = [pytest.mark.lab, pytest.mark.browser, pytest.mark.timeout(1800)]
RENEW = 'lab.airflow.run_dag("renew_certificate", {"team": me.team})'
MISTAKES = {
    "task-6-1": (
        'row = {"conn_type": "http", "schema": "https", "host": "localhost", "port": me.view.lab.billing.port}\n'
        'row |= {"login": me.shop.user, "password": me.shop.password, "extra": json.dumps({"verify": lab.ca_file})}\n'
        "for each in shortcuts:\n"
        '    lab.airflow.request("PATCH", f"/api/v2/connections/{each}", {"connection_id": each} | row)',
        "port that does not speak it",
    ),
    "task-6-2": (
        'server.configure(ssl_min_protocol_version="TLSv1.3", ssl_ciphers="ECDHE+AESGCM")\nserver.reload()',
        "the partner stays outside",
    ),
    "task-6-3": ('why = dict.fromkeys("abcdef", "expired")', "breakdown"),
    "task-6-4": (RENEW, "three in a row"),
    "task-6-5": (
        "def contain(leak):\n"
        '    lab.vault.admin.write_data("sys/leases/revoke", data={"lease_id": leak["lease"], "sync": True})\n'
        "    return 0",
        "still there",
    ),
    "task-6-6": (RENEW + '\nserver.rules("hostssl all all 127.0.0.1/32 scram-sha-256")', "without TLS still gets in"),
}


def test_from_the_first_cell_to_the_full_score(notebook: Notebook, address: str) -> None:
    walk = Walk(
        notebook,
        address,
        6,
        MISTAKES,
        {
            "# A certificate for some seconds": holds("certificate verify failed"),
            "doors = ": holds("has the password"),
            "found = lab.scan()": holds("deprecated"),
            "from airlock.lab.breakdowns": holds("method=trust"),
            "open_session = ": holds("permission denied for schema public"),
            "mine = ": holds("verify-full: True TLSv1.3"),
            "from airlock.lab.troubles": holds("refused-read"),
            "from airlock.pki import": holds("with this certificate as its authority: gets in"),
            "myth(": holds("True or"),
        },
    )
    walk.open()
    for index in range(3):
        notebook.run(index)
    expect(notebook.run(3)).to_contain_text("0 failed")
    notebook.photograph("win")
    walk.go_on(4)
    walk.ends_with_full_score()
