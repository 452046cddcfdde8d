"""Lesson 2: its recordings, its canaries and its judges, in the real lab."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from airlock.checks import catalogue
from airlock.checks.lesson1_forms import Fields
from airlock.checks.lesson2_leaks import given_away
from airlock.checks.lesson2_links import ACTIVE, PASSIVE, attempt
from airlock.checks.report import Outcome, Report
from airlock.lab import Lab, Login, Seed, View
from airlock.lab.airflow import AirflowClient
from airlock.lab.canaries import SHOWN, backup, canaries, fields, plant
from airlock.lab.overheard import CLERK, COLLEAGUES, DIRECTOR, PLANNER, letters, login, overheard, voucher
from airlock.lab.postgres import connect, connect_admin
from airlock.lab.provision import close_view, open_view, reset_view
from airlock.lesson.world import LocalWorld
from airlock.wire.loot import loot


def judged(task: str, view: View, **variables: Any) -> Report:
    report = catalogue.find(task).run(LocalWorld(variables, view))
    said = f"{report.saw} {report.why} {report.look}"
    for secret in (view.shop.password, login(view, CLERK).password, voucher(view.seed)):
        assert secret not in said, "a report never gives the answer away"
    return report


def described(login: Login, **extra: str) -> Fields:
    return Fields("postgres", login.host, login.port, login.user, login.password, login.database, extra)


class TestOverheard:
    def test_each_session_gives_away_what_its_way_to_log_in_says(self, view: View) -> None:
        tapes, whose = overheard(view), letters(view)
        by_role = {whose[letter].role: given_away(loot([tape])) for letter, tape in tapes.items()}
        assert by_role == {
            "clerk": {"password", "sql", "rows"},
            "bookkeeper": {"hash", "sql", "rows"},
            "planner": {"sql", "rows"},
            "director": set(),
        }

    def test_a_second_time_gives_the_same(self, view: View) -> None:
        first, second = (
            {letter: replace(loot([tape]), hash="", scram=(), bytes_read=0) for letter, tape in overheard(view).items()}
            for _ in range(2)
        )
        assert first == second

    def test_views_have_other_secrets_and_another_order(self, lab: Lab) -> None:
        views = [View(lab, Seed(f"{number:032x}")) for number in range(12)]
        assert len({tuple(each.role for each in letters(view).values()) for view in views}) > 4
        for found in (
            {login(view, CLERK).password for view in views},
            {voucher(view.seed) for view in views},
        ):
            assert len(found) == len(views)

    def test_only_its_readers_see_the_vouchers(self, view: View) -> None:
        overheard(view)
        query = "select has_table_privilege(%s, 'vouchers', 'select')"
        with connect_admin(view.lab, view.database) as session:
            may = {
                user: session.execute(query, [user]).fetchone() == (True,)
                for user in (view.shop.user, view.courier.user, *(login(view, each).user for each in COLLEAGUES))
            }
        assert {user for user, yes in may.items() if yes} == {login(view, each).user for each in (PLANNER, DIRECTOR)}

    def test_a_view_takes_its_logins_with_it(self, lab: Lab) -> None:
        mine, other = View(lab, Seed.random()), View(lab, Seed.random())
        for each in (mine, other):
            open_view(each)
        try:
            overheard(mine)
            overheard(other)
            close_view(mine)
            with connect_admin(lab, "postgres") as session:
                left = [name for (name,) in session.execute("select rolname from pg_roles").fetchall()]
            assert not [name for name in left if name.endswith(mine.prefix)]
            assert login(other, CLERK).user in left
            connect(login(other, CLERK), ca_file=lab.ca_file).close()
        finally:
            close_view(mine)
            close_view(other)

    def test_the_check_holds_after_a_reset(self, view: View) -> None:
        overheard(view)
        reset_view(view)
        clerk = login(view, CLERK)
        assert judged("2.1", view, stolen=(clerk.user, clerk.password)).outcome is Outcome.PASSED


class TestCanaries:
    def test_they_show_where_the_table_says(self, view: View) -> None:
        planted, airflow = plant(view), AirflowClient(view.lab)
        assert planted == plant(view) == canaries(view)
        dump, found = backup(view), {}
        for letter, canary in planted.items():
            run = airflow.run_dag("which_home", {"conn_id": canary.conn_id, "team": view.prefix})
            assert run.state == "success"
            texts = {
                "backup": dump,
                "api": airflow.request("GET", f"/api/v2/connections/{canary.conn_id}").text,
                "log": airflow.task_log("which_home", run.run_id, "look_up"),
                "xcom": str(airflow.xcom("which_home", run.run_id, "look_up")),
            }
            assert canary.conn_id in texts["log"], "a log without the line would prove nothing"
            found[fields(view)[letter]] = {place for place, text in texts.items() if canary.secret in text}
        assert found == SHOWN

    def test_a_backup_is_of_one_team(self, view: View, lab: Lab) -> None:
        other = View(lab, Seed.random())
        plant(view)
        assert len(backup(view).splitlines()) == 5
        assert len(backup(other).splitlines()) == 1


class TestLinks:
    @pytest.mark.parametrize(
        ("extra", "passive", "active"),
        [
            ({"sslmode": "disable"}, ("the SQL", "a row"), ("the password", "the SQL", "a row")),
            ({"sslmode": "prefer"}, (), ("the password", "the SQL", "a row")),
            ({"sslmode": "disable", "require_auth": "scram-sha-256"}, ("the SQL", "a row"), ()),
            ({"sslmode": "require"}, (), ()),
        ],
    )
    def test_what_a_setting_gives_away(
        self, view: View, extra: dict[str, str], passive: tuple[str, ...], active: tuple[str, ...]
    ) -> None:
        link = described(view.shop, **extra)
        quiet = attempt(view, link, PASSIVE)
        assert (quiet.works, quiet.got, attempt(view, link, ACTIVE).got) == (True, passive, active)

    def test_a_connection_cannot_choose_another_door(self, view: View) -> None:
        link = described(view.shop, sslmode="disable", hostaddr="127.0.0.1", port=str(view.shop.port))
        assert attempt(view, link, PASSIVE).got

    def test_the_default_earns_half(self, view: View) -> None:
        from airflow.sdk import Connection

        uri = f"postgres://{view.shop.user}:{view.shop.password}@localhost:{view.shop.port}/{view.database}"
        report = judged("2.5", view, sealed=Connection(conn_id="x", uri=uri))
        assert (report.misconception, report.earned) == ("gives-in", 1.5)
        bad = Connection(conn_id="x", uri=uri)
        bad.extra = "no json"
        assert judged("2.5", view, sealed=bad).misconception == "extra-not-json"
        assert judged("2.5", view, sealed="postgres://").misconception == "not-a-connection"


class TestAnswers:
    def test_nothing_is_not_attempted(self, view: View) -> None:
        for task, name in (
            ("2.1", "stolen"),
            ("2.2", "statement"),
            ("2.3", "code"),
            ("2.4", "leaks"),
            ("2.5", "sealed"),
            ("2.6", "shown"),
        ):
            assert judged(task, view).outcome is Outcome.NOT_ATTEMPTED
            assert judged(task, view, **{name: ...}).outcome is Outcome.NOT_ATTEMPTED

    @pytest.mark.parametrize(
        ("task", "name", "value"),
        [
            ("2.1", "stolen", (1, 2)),
            ("2.1", "stolen", ("", "")),
            ("2.1", "stolen", {"user": "x"}),
            ("2.2", "statement", 5),
            ("2.2", "statement", b"\xff"),
            ("2.3", "code", [1]),
            ("2.3", "code", ""),
            ("2.4", "leaks", {"a": "sql"}),
            ("2.4", "leaks", dict.fromkeys("abcd")),
            ("2.4", "leaks", dict.fromkeys("abcd", 7)),
            ("2.6", "shown", "abcd"),
            ("2.6", "shown", {letter: [["api"]] for letter in "abcd"}),
        ],
    )
    def test_odd_answers_fail_with_a_word(self, view: View, task: str, name: str, value: Any) -> None:
        report = judged(task, view, **{name: value})
        assert (report.outcome, report.earned) == (Outcome.FAILED, 0)
        assert report.saw
        assert report.why
        assert report.look

    def test_a_neighbours_answers_are_wrong(self, view: View, lab: Lab) -> None:
        other = View(lab, Seed.random())
        clerk = login(other, CLERK)
        assert judged("2.1", view, stolen=(clerk.user, clerk.password)).misconception == "unknown-user"
        assert judged("2.2", view, statement=PLANNER.statement(other.seed)).outcome is Outcome.FAILED
        assert judged("2.3", view, code=voucher(other.seed)).outcome is Outcome.FAILED

    def test_a_colleagues_statement_is_told_apart(self, view: View) -> None:
        said = {judged("2.2", view, statement=each.statement(view.seed)).misconception for each in COLLEAGUES}
        assert said == {None, "other-session"}

    def test_a_description_that_is_json_is_still_text(self, view: View) -> None:
        assert judged("2.3", view, code=json.dumps({"code": "x"})).misconception == "not-recorded"
