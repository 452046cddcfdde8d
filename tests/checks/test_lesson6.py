"""Lesson 6: its judges, what they look at, and what they say, in the real lab."""

from __future__ import annotations

import base64
import json
from collections import Counter
from typing import Any

import pytest

from airlock.checks import catalogue
from airlock.checks.lesson6_leak import _judged as after_a_leak
from airlock.checks.lesson6_leak import _Left as Left
from airlock.checks.lesson6_renewal import Renewal
from airlock.checks.lesson6_renewal import _history as history
from airlock.checks.report import Outcome, Report
from airlock.lab import Lab, Seed, View, shortcuts
from airlock.lab.airflow import AirflowClient
from airlock.lab.breakdowns import CAUSES, GOT_IN, causes, happen
from airlock.lab.warehouse import Warehouse
from airlock.lesson.world import LocalWorld


def judged(task: str, view: View, **variables: Any) -> Report:
    report = catalogue.find(task).run(LocalWorld(variables, view))
    said = f"{report.saw} {report.why} {report.look}"
    assert view.shop.password not in said, "a report never gives a secret away"
    return report


class TestShortcuts:
    @pytest.fixture
    def right(self, view: View) -> dict[str, Any]:
        """What each of the three connections is to be."""
        shortcuts.plant(view)
        login, billing = view.shop, view.lab.billing
        fields = {"schema": "https", "host": billing.host, "port": billing.tls_port}
        trust = json.dumps({"verify": view.lab.ca_file})
        return fields | {"login": login.user, "password": login.password, "extra": trust}

    @staticmethod
    def store(view: View, name: str, fields: dict[str, Any]) -> None:
        conn_id = shortcuts.conn_id(view, name)
        AirflowClient(view.lab).request("DELETE", f"/api/v2/connections/{conn_id}")
        row = {"connection_id": conn_id, "conn_type": "http"} | fields
        assert AirflowClient(view.lab).request("POST", "/api/v2/connections", row).is_success

    def test_each_works_and_each_costs_something(self, view: View) -> None:
        assert judged("6.1", view).outcome is Outcome.NOT_ATTEMPTED
        shortcuts.plant(view)
        assert judged("6.1", view).outcome is Outcome.NOT_ATTEMPTED
        for name, doors in (("invoices", shortcuts.DOORS), ("reminders", ()), ("refunds", shortcuts.DOORS[1:])):
            row = shortcuts.stored(view, name)
            assert row
            assert shortcuts.attack(view, row).answered
            read = [door for door in shortcuts.DOORS if shortcuts.attack(view, row, door).gained.password]
            assert read == list(doors), name
            assert shortcuts.holds_password(view, shortcuts.shown(view, name)) == (name == "reminders")

    def test_one_after_the_other(self, view: View, right: dict[str, Any]) -> None:
        earned = []
        for name in shortcuts.NAMES:
            earned.append(judged("6.1", view).earned)
            self.store(view, name, right)
        assert [*earned, judged("6.1", view).earned] == [0, 1, 2, 3]

    @pytest.mark.parametrize(
        ("changes", "misconception"),
        [
            ({"schema": "http", "port": "plain"}, "plain-http"),
            ({"extra": json.dumps({"verify": False})}, "verify-off"),
            ({"extra": None}, "no-trust"),
            ({"extra": json.dumps({"verify": "True"})}, "verify-as-text"),
            ({"port": "plain"}, "wrong-port"),
            ({"password": "as-before"}, "wrong-login"),
            ({"description": "password"}, "secret-in-description"),
            ({"login": None, "password": None, "extra": "header"}, "shown-by-the-api"),
            ({"host": "nobody.invalid"}, "no-answer"),
        ],
    )
    def test_what_is_still_wrong(
        self, view: View, right: dict[str, Any], changes: dict[str, Any], misconception: str
    ) -> None:
        pair = base64.b64encode(f"{view.shop.user}:{view.shop.password}".encode()).decode()
        header = json.dumps({"verify": view.lab.ca_file, "X-Upstream": pair, "Authorization": f"Basic {pair}"})
        real = {"plain": view.lab.billing.port, "password": view.shop.password, "header": header}
        self.store(view, "invoices", right | {name: real.get(str(value), value) for name, value in changes.items()})
        for name in shortcuts.NAMES[1:]:
            self.store(view, name, right)
        report = judged("6.1", view)
        assert (report.outcome, report.misconception, report.earned) == (Outcome.FAILED, misconception, 2)

    def test_what_is_gone_is_not_repaired(self, view: View, right: dict[str, Any]) -> None:
        for name in shortcuts.NAMES[:2]:
            self.store(view, name, right)
        AirflowClient(view.lab).request("DELETE", f"/api/v2/connections/{shortcuts.conn_id(view, 'refunds')}")
        assert judged("6.1", view).misconception == "deleted"


class TestBreakdowns:
    def test_each_is_what_its_witnesses_say(self, view: View) -> None:
        seen, truth = happen(view), causes(view)
        by_cause = {truth[letter]: each for letter, each in seen.items()}
        log = {cause: " ".join(each.log) for cause, each in by_cause.items()}
        assert "host name" in by_cause["name"].right
        assert "unknown ca" in log["chain"]
        assert "certificate expired" in log["expired"]
        assert "group or world access" in log["mode"]
        assert "refused" in by_cause["mode"].right
        assert "key values mismatch" in log["key"]
        assert "not reloaded" in log["key"]
        assert "method=trust" in log["trust"]
        assert [cause for cause, each in by_cause.items() if each.right == GOT_IN] == ["trust"]
        assert by_cause["trust"].wrong == GOT_IN
        assert judged("6.3", view, why=truth).outcome is Outcome.PASSED

    def test_an_alert_that_the_server_reads_late_is_waited_for(
        self, view: View, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real, asked = Warehouse.log, Counter[str]()

        def early(warehouse: Warehouse, begin: float = 0.0) -> list[str]:
            asked[str(begin)] += 1
            return [line for line in real(warehouse, begin) if asked[str(begin)] > 3 or " alert " not in line]

        monkeypatch.setattr(Warehouse, "log", early)
        seen, truth = happen(view), causes(view)
        log = {truth[letter]: " ".join(each.log) for letter, each in seen.items()}
        assert "unknown ca" in log["chain"]
        assert "certificate expired" in log["expired"]

    def test_views_have_another_order(self, lab: Lab) -> None:
        orders = [tuple(causes(View(lab, Seed(f"{number:032x}"))).values()) for number in range(12)]
        assert len(set(orders)) > 8
        assert all(set(order) == set(CAUSES) for order in orders)

    @pytest.mark.parametrize("cause", CAUSES)
    @pytest.mark.parametrize("named", CAUSES)
    def test_each_mistake_is_explained_and_nothing_is_given_away(self, view: View, cause: str, named: str) -> None:
        truth = causes(view)
        why = truth | {letter: named for letter, each in truth.items() if each == cause}
        report = judged("6.3", view, why=why)
        assert report.earned == (3 if named == cause else 1.5)
        assert f"“{cause}”" not in report.saw + report.why + report.look


class TestRenewals:
    @staticmethod
    def run(number: int, calls: int = 9, refused: int = 0) -> Renewal:
        return Renewal(10.0 * number, 10.0 * number + 5, calls, refused)

    @pytest.mark.parametrize(
        ("calls", "misconception"),
        [((9, 9, 9), None), ((9, 0, 9, 9), "not-under-load"), ((9, 9), "not-under-load"), ((0, 9, 9, 9, 0), None)],
    )
    def test_three_in_a_row(
        self, view: View, monkeypatch: pytest.MonkeyPatch, calls: tuple[int, ...], misconception: str | None
    ) -> None:
        monkeypatch.setattr(Warehouse, "log", lambda *_: [])
        report = history(view, [self.run(number, count) for number, count in enumerate(calls)])
        assert (report.misconception if report else None) == misconception

    def test_one_good_series_is_enough(self, view: View, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Warehouse, "log", lambda *_: [])
        runs = [self.run(0, refused=1), *(self.run(number) for number in (1, 2, 3))]
        assert history(view, runs) is None
        report = history(view, runs[:3])
        assert report
        assert report.misconception == "calls-failed"

    def test_a_restart_between_two_renewals_is_seen(self, view: View, monkeypatch: pytest.MonkeyPatch) -> None:
        line = "1970-01-01 00:00:18.000 UTC [7] LOG:  received fast shutdown request"
        monkeypatch.setattr(Warehouse, "log", lambda *_: [line])
        report = history(view, [self.run(number) for number in (1, 2, 3)])
        assert report
        assert report.misconception == "restarted"


@pytest.mark.parametrize(
    ("left", "misconception"),
    [
        (Left(True, {7}, True), "nothing-done"),
        (Left(True, {8}, True), "not-revoked"),
        (Left(True, set(), True), "not-revoked"),
        (Left(False, {7}, True), "session-survives"),
        (Left(False, {8}, True), "came-back"),
        (Left(False, set(), False), "collateral"),
        (Left(False, set(), True), None),
    ],
)
def test_what_is_left_after_a_leak(left: Left, misconception: str | None) -> None:
    assert after_a_leak(left, first=7).misconception == misconception
