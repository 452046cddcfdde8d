"""A new learner works through lesson 5: one word that decides at once, mistakes, and every path at the end."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from airlock.lab import View
from tests.browser.jupyter import Notebook
from tests.browser.walk import Walk, holds

pytestmark = [pytest.mark.lab, pytest.mark.browser, pytest.mark.timeout(900)]
MISTAKES = {
    "task-5-1": (
        'root = issue("r", ca=True)\n'
        "server = issue(names[0], root, hosts=names[:1], purpose=Use.SERVER_AUTH)\n"
        "client = issue(login, root, purpose=Use.CLIENT_AUTH)\n"
        'pem = {"root": root.pem, "root key": root.key_pem, "server": server.pem, "server key": server.key_pem, '
        '"client": client.pem, "client key": client.key_pem}',
        "the second name",
    ),
    "task-5-2": (
        'lab.warehouse.install(certificate=pem["server"], key=pem["server key"])\n'
        'lab.warehouse.configure(ssl="on")\n'
        'lab.warehouse.rules("host all all 127.0.0.1/32 scram-sha-256")\nlab.warehouse.reload()',
        "came in clear",
    ),
    "task-5-3": (
        'beaten = dict.fromkeys(("disable", "prefer", "require", "verify-ca"), "stolen-key")\nclimbed = 1',
        "just as well",
    ),
    "task-5-5": ('why = dict.fromkeys(board.questions, "refused")', "you name"),
    "task-5-6": (
        'billing = Connection(conn_id="b", conn_type="http", host="https://localhost", login=me.shop.user, '
        'port=me.view.lab.billing.tls_port, password=me.shop.password, extra=json.dumps({"verify": False}))',
        "he has the password",
    ),
    "task-5-7": (
        'mutual = connection(lab.warehouse.login, lab.warehouse.port, sslmode="require")',
        "client certificate",
    ),
    "task-5-8": (
        'lab.environment.set(me.conn_id("warehouse"), json.dumps(json.loads(mutual.as_json()) | '
        '{"extra": json.dumps(tls)}))',
        "sqlalchemy",
    ),
}


def test_from_the_first_cell_to_the_full_score(notebook: Notebook, address: str) -> None:
    walk = Walk(
        notebook,
        address,
        5,
        MISTAKES,
        {
            "top = ": holds("unable to get local issuer certificate"),
            "key_file = ": holds("group or world access"),
            "ready = ": holds("stolen-key"),
            "from airlock.lab.providers": holds("sslrootcert"),
            'if me.conn_id("warehouse")': holds("TLSv1.3"),
            "if pem is not": holds("stolen-key"),
        },
    )
    walk.open()
    for index in range(2):
        notebook.run(index)
    win = notebook.run(2)
    expect(win).to_contain_text(f"he has the password {View.current().shop.password}")
    expect(win).to_contain_text("certificate verify failed")
    notebook.photograph("win")

    walk.go_on(3)
    walk.ends_with_full_score()
