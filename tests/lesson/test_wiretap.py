"""`watch` and the facades on the real wire."""

from __future__ import annotations

import pytest

from airlock.lab import View
from airlock.lesson import wiretap
from airlock.lesson.errors import LessonError
from airlock.lesson.facade import LabFacade
from airlock.lesson.me import Me


def test_the_wire_shows_the_query_in_the_clear_and_not_over_tls(
    view: View, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AIRLOCK_SEED", view.seed.hex)
    query = "select customer from orders order by id limit 2"
    wiretap.watch(query)
    clear, sealed = capsys.readouterr().out.split("TLS on")
    for name in ("the login", "the SQL", "a row"):
        assert f"{name}: readable" in clear
        assert f"{name}: not found" in sealed
    assert "the password: not found" in clear
    assert query in clear.split("TLS off")[1]
    assert query not in sealed
    assert "DataRow, 2 times" in clear
    assert "EncryptedRecord" in sealed
    assert len(sealed.splitlines()) < 45


def test_a_page_of_feedback_holds_the_text_and_nothing_of_a_stranger() -> None:
    assert "&lt;script&gt; costs $5" in wiretap.as_page("<script> costs $5")
    assert "mathjax_ignore" in wiretap.as_page("")


def test_a_query_the_server_refuses_is_one_line(view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRLOCK_SEED", view.seed.hex)
    with pytest.raises(LessonError, match=r"PostgreSQL refused the query: .*nowhere"):
        wiretap.watch("select * from nowhere")


def test_the_facades_speak_for_this_learner(
    view: View, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AIRLOCK_SEED", view.seed.hex)
    me, lab = Me(), LabFacade()
    assert me.team == view.prefix
    assert me.conn_id("shop") == f"{view.prefix}_shop"
    assert me.shop.password not in repr(me)
    lab.environment.set(me.conn_id("shop"), "postgres://x")
    assert lab.environment.connections() == {me.conn_id("shop").upper(): "postgres://x"}
    with pytest.raises(LessonError, match="one line"):
        lab.environment.set(me.conn_id("shop"), "a\nb")
    lab.vault.put_connection(me.conn_id("shop"), {"conn_uri": "postgres://y"})
    assert lab.postgres.query("select current_user") == [(me.shop.user,)]
    assert lab.airflow.request("GET", "/api/v2/version").status_code == 200
    with pytest.raises(LessonError, match="Airflow refused: HTTP 404"):
        lab.airflow.run_dag("no_such_dag")
    lab.reset()
    assert lab.environment.connections() == {}
    assert lab.vault.get_connection(me.conn_id("shop")) is None
    lab.status()
    assert "PostgreSQL" in capsys.readouterr().out
