"""What the running Airflow stores, with which keys, and what happens to running tasks when the keys change."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from airlock.lab import Seed, View, fernet, metadata
from airlock.lab.airflow import AirflowClient
from airlock.lab.provision import close_view, open_view
from airlock.lab.steady import runs, steady

pytestmark = pytest.mark.lab

SECRET = {"password": "at-rest-password", "extra": '{"token": "at-rest-token"}'}


def register(view: View, name: str) -> str:
    conn_id = f"{view.prefix}_{name}"
    row = {"connection_id": conn_id, "conn_type": "generic", "host": "h.internal", "login": "l", **SECRET}
    assert AirflowClient(view.lab).request("POST", "/api/v2/connections", row).status_code == 201
    return conn_id


def airflow(view: View, *words: str, **environment: str) -> str:
    """Airflow's own command, as somebody on the machine would run it."""
    command = [str(Path(sys.executable).with_name("airflow")), *words]
    operator = {**os.environ, "AIRFLOW_HOME": view.lab.airflow.home, "PYTHONWARNINGS": "ignore", **environment}
    done = subprocess.run(command, env=operator, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_a_row_shows_two_columns_encrypted_and_the_others_in_clear(view: View) -> None:
    row = metadata.row(view.lab, register(view, "a"))
    assert row is not None
    assert (row["host"], row["login"], row["is_encrypted"], row["is_extra_encrypted"]) == (
        "h.internal",
        "l",
        True,
        True,
    )
    assert row["password"].startswith("gAAAA")
    assert row["extra"].startswith("gAAAA")
    assert metadata.rows(view) == [row]
    assert metadata.row(view.lab, "nobody") is None


def test_a_row_in_clear_is_the_row_of_an_airflow_without_a_key(view: View) -> None:
    by_hand, by_airflow = f"{view.prefix}_hand", f"{view.prefix}_cli"
    metadata.store_in_clear(view, by_hand, conn_type="generic", host="h", **SECRET)
    said = airflow(
        view,
        *("connections", "add", by_airflow, "--conn-type", "generic", "--conn-host", "h"),
        *("--conn-password", SECRET["password"], "--conn-extra", SECRET["extra"]),
        AIRFLOW__CORE__FERNET_KEY="",
    )
    ours, theirs = metadata.row(view.lab, by_hand), metadata.row(view.lab, by_airflow)
    assert ours is not None
    assert theirs is not None, said
    assert theirs["password"] == SECRET["password"]
    own = ("id", "conn_id")
    assert {k: v for k, v in ours.items() if k not in own} == {k: v for k, v in theirs.items() if k not in own}


def test_a_row_in_clear_is_mended_by_saving_it_again(view: View) -> None:
    conn_id, client = f"{view.prefix}_clear", AirflowClient(view.lab)
    metadata.store_in_clear(view, conn_id, conn_type="generic", host="h", **SECRET)
    body = {"connection_id": conn_id, "conn_type": "generic", "host": "h", **SECRET}
    assert client.request("PATCH", f"/api/v2/connections/{conn_id}", body).status_code == 200
    row, opened = metadata.row(view.lab, conn_id), client.stored_connection(conn_id)
    assert row is not None
    assert opened is not None
    assert (row["is_encrypted"], row["is_extra_encrypted"]) == (True, True)
    assert opened["password"] == SECRET["password"]
    with pytest.raises(ValueError, match="begin with"):
        metadata.store_in_clear(view, "somebody_else", password="x")


def test_the_keys_are_rotated_under_a_running_task_which_does_not_notice(view: View) -> None:
    lab, neighbour = view.lab, View(view.lab, Seed.random())
    open_view(neighbour)
    try:
        conn_id, theirs = register(view, "rotated"), register(neighbour, "bystander")
        before, new = fernet.keys(lab), Fernet.generate_key().decode()
        with steady(view, conn_id) as seen:
            # A key that rows still need is kept, and the new one encrypts from now on.
            assert fernet.configure(lab, [new]) == [new, *fernet.needed(lab, before, besides=[new])]
            assert len(fernet.keys(lab)) > 1
            fresh = metadata.row(lab, register(view, "fresh"))
            assert fresh is not None
            assert fernet.opens(new, fresh["password"])
            fernet.rotate(lab)
            assert fernet.configure(lab, [new]) == [new]
        assert seen.failed == []
        assert seen.good > 10
        assert seen.slowest < 5
        assert [run.run_id for run in runs(view)] == [seen.run_id]
        for each in (conn_id, theirs):
            row, opened = metadata.row(lab, each), AirflowClient(lab).stored_connection(each)
            assert row is not None
            assert opened is not None
            assert opened["password"] == SECRET["password"]
            assert not any(fernet.opens(key, row["password"]) for key in before)
    finally:
        close_view(neighbour)


def test_keys_are_checked_before_airflow_gets_them(view: View) -> None:
    before = fernet.keys(view.lab)
    for wrong in ([], ["hunter2"], [before[0], ""]):
        with pytest.raises(ValueError, match=r"key"):
            fernet.configure(view.lab, wrong)
    assert fernet.keys(view.lab) == before


def test_with_a_wrong_key_airflow_says_that_there_is_no_connection(view: View) -> None:
    conn_id = register(view, "locked")
    said = airflow(view, "connections", "get", conn_id, AIRFLOW__CORE__FERNET_KEY=Fernet.generate_key().decode())
    assert "Connection not found" in said
