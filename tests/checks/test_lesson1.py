"""Lesson 1's judges: the reader beside Airflow's own, and the judges in the real lab."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from airlock.checks import catalogue
from airlock.checks.lesson1_decode import samples
from airlock.checks.lesson1_forms import Fields, Unreadable, read
from airlock.checks.report import Outcome, Report
from airlock.lab import Login, Seed, View
from airlock.lab.airflow import AirflowClient
from airlock.lab.mystery import application_name, broken_uri, conn_id, copies, plant
from airlock.lesson.world import LocalWorld

_PART = st.text(alphabet="aZ9é%+@:/#? &=.-_~4025", max_size=8)
_ENCODED = _PART.map(lambda text: quote(text, safe=""))
_EITHER = st.one_of(_PART, _ENCODED)
_URIS = st.builds(
    lambda scheme, login, password, host, port, path, query: (
        f"{scheme}://{login}:{password}@{host}{port}/{path}{query}"
    ),
    st.sampled_from(["postgres", "postgresql", "google-cloud-platform", "http", "x"]),
    _EITHER,
    _EITHER,
    st.one_of(_EITHER, st.just("localhost"), st.just("https://example.org")),
    st.sampled_from(["", ":5432", ":0", ":99999", ":x"]),
    _EITHER,
    st.one_of(st.just(""), _EITHER.map(lambda text: f"?{text}"), st.just("?sslmode=require&a=%2Fb+c&n=5&empty=")),
)


def _as_airflow_reads(text: str) -> Fields | None:
    from airflow.sdk import Connection

    try:
        connection = (
            Connection.from_json(text, conn_id="x") if text.startswith("{") else Connection.from_uri(text, conn_id="x")
        )
        names = ("conn_type", "host", "port", "login", "password", "schema")
        return Fields(
            **{name: getattr(connection, name) or None for name in names if name != "port"},
            port=connection.port,
            extra=json.loads(connection.extra) if connection.extra else {},
        )
    except Exception:
        return None


@settings(max_examples=1500, deadline=None)
@given(_URIS)
@example("postgres:////0://@/")
def test_a_uri_is_read_as_airflow_reads_it(uri: str) -> None:
    theirs = _as_airflow_reads(uri.strip())  # a home's value is stripped before it is read
    try:
        ours: Fields | None = read(uri)
    except Unreadable:
        ours = None
    if theirs is None or ours is None or not isinstance(ours.extra, dict):
        assert theirs is ours is None
    else:
        assert (ours, dict(ours.extra)) == (theirs, dict(theirs.extra))


@settings(max_examples=300, deadline=None)
@given(st.fixed_dictionaries({}, optional={"host": _PART, "login": _PART, "password": _PART, "schema": _PART}))
def test_json_is_read_as_airflow_reads_it(fields: dict[str, str]) -> None:
    text = json.dumps({"conn_type": "postgresql", "port": "5432", "extra": {"sslmode": "require"}} | fields)
    assert read(text) == _as_airflow_reads(text)


def test_the_hidden_uris_differ_from_learner_to_learner() -> None:
    one, other = ({sample.uri for sample in samples(Seed(digit * 32))} for digit in "ab")
    assert not one & other


def test_the_reader_stops_where_airflow_stops() -> None:
    for text in ("{", "postgres://a:b/c@h/d", "a://b://c://d", '{"port": "x"}', '{"extra": "no json"}'):
        with pytest.raises(Unreadable):
            read(text)


def judged(task: str, view: View, **variables: Any) -> Report:
    report = catalogue.find(task).run(LocalWorld(variables, view))
    said = f"{report.saw} {report.why} {report.look}"
    for login in (view.shop, view.courier):
        assert login.password not in said, "a report never gives a password away"
    return report


def connection(login: Login, /, **changes: Any) -> Any:
    from airflow.sdk import Connection

    fields = {
        "conn_id": "shop",
        "conn_type": "postgres",
        "host": login.host,
        "port": login.port,
        "schema": login.database,
        "login": login.user,
        "password": login.password,
    }
    return Connection(**(fields | changes))


def uri(login: Login, password: str | None = None) -> str:
    password = quote(login.password, safe="") if password is None else password
    return f"postgres://{login.user}:{password}@{login.host}:{login.port}/{login.database}"


class TestDescribe:
    def test_any_true_description_passes(self, view: View) -> None:
        desk = json.dumps({"application_name": view.seed.word("desk")})
        strict = {"application_name": view.seed.word("desk"), "sslmode": "verify-full", "sslrootcert": view.lab.ca_file}
        for changes in ({"extra": desk}, {"extra": desk, "host": "127.0.0.1"}, {"extra": json.dumps(strict)}):
            assert judged("1.1", view, shop=connection(view.shop, **changes)).outcome is Outcome.PASSED

    def test_through_a_door_of_the_wire_is_a_login_too(self, view: View) -> None:
        extra = json.dumps({"application_name": view.seed.word("desk")})
        shop = connection(view.shop, extra=extra, port=view.lab.wire.doors["relay"])
        assert judged("1.1", view, shop=shop).outcome is Outcome.PASSED

    @pytest.mark.parametrize(
        ("changes", "misconception"),
        [
            ({"extra": {"application_name": "x"}}, "extra-not-json"),
            ({"extra": "application_name=x"}, "extra-not-json"),
            ({"port": "x"}, "wrong-port"),
            ({"port": 1}, "wrong-port"),
            ({"port": None}, "no-port"),
            ({"host": None}, "no-host"),
            ({"host": "db.example"}, "wrong-host"),
            ({"schema": None}, "schema-is-the-database"),
            ({"schema": "shop_template"}, "schema-is-the-database"),
            ({"login": None}, "no-login"),
            ({"login": "postgres"}, "other-login"),
            ({"password": "no"}, "wrong-password"),
            ({"password": "***"}, "masked-password"),
            ({"conn_type": "mysql"}, "wrong-type"),
            ({"extra": '{"sslkeylogfile": "/tmp/x", "sslmode": "verify-full"}'}, "no-session"),
            ({"extra": '{"ssl_ca_cert": "/x"}'}, "unknown-option"),
        ],
    )
    def test_each_mistake_has_its_own_message(self, view: View, changes: dict[str, Any], misconception: str) -> None:
        report = judged("1.1", view, shop=connection(view.shop, **changes))
        assert (report.outcome, report.misconception) == (Outcome.FAILED, misconception)
        assert report.saw
        assert report.why
        assert report.look

    def test_a_login_without_a_caller_is_half_the_task(self, view: View) -> None:
        assert judged("1.1", view, shop=connection(view.shop)).earned == 1.0

    def test_an_option_that_writes_files_is_not_followed(self, view: View, tmp_path: Any) -> None:
        extra = {"application_name": view.seed.word("desk"), "sslkeylogfile": str(tmp_path / "keys")}
        report = judged("1.1", view, shop=connection(view.shop, extra=json.dumps(extra)))
        assert report.outcome is Outcome.PASSED
        assert not (tmp_path / "keys").exists()


class TestUris:
    def test_the_courier_gets_in(self, view: View) -> None:
        assert judged("1.2", view, courier_uri=uri(view.courier)).outcome is Outcome.PASSED
        assert judged("1.2", view, courier_uri=connection(view.courier).get_uri()).outcome is Outcome.PASSED

    def test_mistakes(self, view: View) -> None:
        password = view.courier.password
        once = quote(password, safe="")
        for text, misconception in (
            (uri(view.courier, password), "password-not-encoded"),
            (uri(view.courier, quote(password)), "slash-not-encoded"),
            (uri(view.courier, once.replace("%20", "+")), "plus-for-space"),
            (uri(view.courier, quote(once, safe="")), "encoded-twice"),
            (quote(uri(view.courier), safe=""), "whole-uri-encoded"),
            (uri(view.shop), "other-login"),
            ("{}", "json-not-uri"),
            (connection(view.courier), "not-a-text"),
        ):
            assert judged("1.2", view, courier_uri=text).misconception == misconception, text

    def test_the_broken_uri_is_read_in_silence_and_does_not_work(self, view: View) -> None:
        assert read(broken_uri(view)).host == view.courier.host
        assert judged("1.4", view, fixed_uri=broken_uri(view)).misconception == "extra-cut-off"

    def test_a_repair_has_to_keep_the_name(self, view: View) -> None:
        name = quote(application_name(view), safe="")
        assert judged("1.4", view, fixed_uri=f"{uri(view.courier)}?application_name={name}").earned == 3.0
        assert judged("1.4", view, fixed_uri=uri(view.courier)).misconception == "extra-dropped"
        twice = f"{uri(view.courier)}?application_name={quote(name, safe='')}"
        assert judged("1.4", view, fixed_uri=twice).misconception == "encoded-twice"


def _split(text: str, decoded: Callable[[str], str] = unquote) -> dict[str, Any]:
    parts = urlsplit(text)
    return {
        "conn_type": parts.scheme,
        "login": decoded(parts.username or ""),
        "password": decoded(parts.password or ""),
        "host": parts.hostname,
        "port": parts.port,
        "schema": decoded(parts.path[1:]),
        "extra": dict(parse_qsl(parts.query)),
    }


class TestDecode:
    @pytest.fixture
    def judge(self, view: View) -> Callable[[Any], Report]:
        return lambda decode: judged("1.3", view, decode=decode)

    def test_a_reader_of_uris_passes(self, judge: Callable[[Any], Report]) -> None:
        assert judge(_split).outcome is Outcome.PASSED

    def test_one_without_decoding_gets_half(self, judge: Callable[[Any], Report]) -> None:
        report = judge(lambda text: _split(text, str))
        assert (report.misconception, report.earned) == ("not-decoded", 2.0)

    def test_whatever_it_returns_there_is_a_report(self, judge: Callable[[Any], Report]) -> None:
        def explode(text: str) -> None:
            raise KeyError(text)

        for answer in (None, 3, "x", [1], object(), {"port": {"a": []}}, {"extra": 5}, {"login": ["x"]}):
            assert judge(lambda _, answer=answer: answer).outcome is Outcome.FAILED
        assert judge(explode).misconception == "assumes-every-part"
        assert judge(lambda _: ...).outcome is Outcome.NOT_ATTEMPTED


class TestInAirflow:
    @pytest.fixture
    def airflow(self, view: View) -> AirflowClient:
        return AirflowClient(view.lab)

    @pytest.fixture
    def row(self, view: View) -> dict[str, Any]:
        login = view.shop
        return {
            "connection_id": f"{view.prefix}_shop",
            "conn_type": "postgres",
            "host": login.host,
            "port": login.port,
            "schema": login.database,
            "login": login.user,
            "password": login.password,
        }

    def test_nothing_sent_is_not_attempted(self, view: View) -> None:
        assert judged("1.5", view).outcome is Outcome.NOT_ATTEMPTED
        assert judged("1.6", view).outcome is Outcome.NOT_ATTEMPTED

    def test_registered_and_run(self, view: View, airflow: AirflowClient, row: dict[str, Any]) -> None:
        assert airflow.request("POST", "/api/v2/connections", row).status_code == 201
        assert judged("1.5", view).earned == 3.0
        airflow.run_dag("orders_report", {"conn_id": row["connection_id"], "team": view.prefix})
        assert judged("1.6", view).earned == 3.0

    @pytest.fixture
    def without_team(self, airflow: AirflowClient, row: dict[str, Any]) -> Iterator[None]:
        airflow.request("POST", "/api/v2/connections", row | {"connection_id": "shop"})
        yield
        airflow.request("DELETE", "/api/v2/connections/shop")

    @pytest.mark.usefixtures("without_team")
    def test_an_id_without_the_team_is_told(self, view: View) -> None:
        assert judged("1.5", view).misconception == "no-team-in-the-id"

    def test_a_state_without_work_earns_nothing(self, view: View, airflow: AirflowClient, row: dict[str, Any]) -> None:
        courier = {"login": view.courier.user, "password": view.courier.password}
        airflow.request("POST", "/api/v2/connections", row | courier)
        assert judged("1.5", view).misconception == "other-login"
        run = airflow.run_dag("orders_report", {"conn_id": row["connection_id"], "team": view.prefix})
        assert judged("1.6", view).misconception == "other-login"
        airflow.request("PATCH", f"/api/v2/dags/orders_report/dagRuns/{run.run_id}", {"state": "success"})
        assert judged("1.6", view).misconception == "state-without-work"

    def test_the_winners_are_those_a_task_sees(self, view: View, airflow: AirflowClient) -> None:
        plant(view)
        assert plant(view) == {letter: conn_id(view, letter) for letter in "abc"}
        won = {}
        for letter, homes in copies(view).items():
            run = airflow.run_dag("which_home", {"conn_id": conn_id(view, letter), "team": view.prefix})
            host = airflow.xcom("which_home", run.run_id, "look_up")
            won[letter] = (next(home for home, name in homes.items() if name == host), host)
        assert judged("1.7", view, won=won).earned == 3.0

    @pytest.mark.parametrize("won", [{}, {"a": 1}, {"a": ["vault"]}, [1], "vault", {"a": ("vault", "no-such-host")}])
    def test_odd_answers_get_a_report(self, view: View, won: Any) -> None:
        report = judged("1.7", view, won=won)
        assert (report.outcome, report.earned) == (Outcome.FAILED, 0.0)
