"""Lesson 4: its judges, what they look at, and what they say, in the real lab."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.fernet import Fernet

from airlock.checks import catalogue
from airlock.checks.lesson4_rotation import ring_at
from airlock.checks.report import Outcome, Report
from airlock.lab import Lab, LabDown, Seed, View, aws, backend, environment, fernet, legacy, metadata, scattered
from airlock.lab.airflow import AirflowClient
from airlock.lab.fernet import Ring
from airlock.lab.incidents import CAUSES, LETTERS, Incident, causes, happen
from airlock.lab.provision import close_view, open_view, reset_view
from airlock.lab.steady import Steady, steady
from airlock.lab.vault import VaultClient, root
from airlock.lab.vault_team import administrator, mount
from airlock.lesson.world import LocalWorld


def judged(task: str, view: View, **variables: Any) -> Report:
    report = catalogue.find(task).run(LocalWorld(variables, view))
    said = f"{report.saw} {report.why} {report.look}"
    secrets = [each.password for each in legacy.legacies(view)] + [
        scattered.fields(view, name)["password"] for name in scattered.NAMES
    ]
    assert not [secret for secret in secrets if secret and secret in said], "a report never gives a secret away"
    return report


class TestLegacy:
    def test_each_row_is_in_clear_where_its_kind_says(self, view: View) -> None:
        ids = legacy.plant(view)
        assert ids == legacy.plant(view)
        for each in legacy.legacies(view):
            row = metadata.row(view.lab, each.conn_id)
            assert row
            in_clear = {
                column
                for column, flag in (("password", "is_encrypted"), ("extra", "is_extra_encrypted"))
                if row[column] and not row[flag]
            }
            assert in_clear == each.clear - (set() if each.password else {"password"})
            stored = AirflowClient(view.lab).stored_connection(each.conn_id)
            assert stored
            assert (stored["password"], json.loads(stored["extra"])) == (each.password, each.extra)

    def test_views_have_other_secrets_and_another_order(self, lab: Lab) -> None:
        views = [View(lab, Seed(f"{number:032x}")) for number in range(12)]
        orders = {tuple(tuple(sorted(each.clear)) for each in legacy.legacies(view)) for view in views}
        assert len(orders) > 4
        assert len({each.extra["api_key"] for view in views for each in legacy.legacies(view)}) == 4 * len(views)

    def test_a_rotation_does_not_mend_them(self, view: View) -> None:
        ids = legacy.plant(view)
        fernet.rotate(view.lab)
        right = [each.conn_id for each in legacy.legacies(view) if each.clear]
        report = judged("4.1", view, in_clear=right)
        assert (report.misconception, report.earned) == ("still-in-clear", 1)
        assert judged("4.1", view, in_clear=ids).earned == 0


class TestRotation:
    @pytest.fixture
    def watched(self, view: View) -> str:
        conn_id = f"{view.prefix}_watched"
        row = {"connection_id": conn_id, "conn_type": "generic", "host": "h", "password": "watched-password"}
        AirflowClient(view.lab).request("POST", "/api/v2/connections", row)
        return conn_id

    def test_the_ring_has_a_history(self, lab: Lab) -> None:
        before, new = fernet.keys(lab), Fernet.generate_key().decode()
        fernet.configure(lab, [*before, new])
        fernet.configure(lab, before)
        rings = [ring.keys for ring in fernet.history(lab)]
        assert rings[-2:] == [[*before, new], before]
        assert sorted(ring.at for ring in fernet.history(lab)) == [ring.at for ring in fernet.history(lab)]

    def test_the_ring_of_a_moment(self) -> None:
        rings = [Ring(0.0, ["a"]), Ring(5.0, ["b", "a"]), Ring(9.0, ["b"])]
        assert [ring_at(rings, moment) for moment in (1.0, 5.0, 8.9, 20.0)] == [("a",), ("b", "a"), ("b", "a"), ("b",)]

    def test_the_last_step_has_to_be_watched_too(self, view: View, watched: str) -> None:
        old, new = fernet.keys(view.lab), Fernet.generate_key().decode()
        with steady(view, watched):
            fernet.configure(view.lab, [new, *old])
            fernet.rotate(view.lab)
        report = judged("4.2", view)
        assert (report.misconception, report.earned) == ("old-key-kept", 2)
        fernet.configure(view.lab, [new])
        report = judged("4.2", view)
        assert (report.misconception, report.earned) == ("not-throughout", 2)

    def test_another_connection_is_not_the_watched_one(self, view: View) -> None:
        other = f"{view.prefix}_other"
        row = {"connection_id": other, "conn_type": "generic", "host": "h"}
        AirflowClient(view.lab).request("POST", "/api/v2/connections", row)
        with steady(view, other):
            pass
        assert judged("4.2", view).outcome is Outcome.NOT_ATTEMPTED

    def test_a_run_that_was_cut_off_does_not_count(self, view: View, monkeypatch: pytest.MonkeyPatch) -> None:
        cut = Steady("x", f"{view.prefix}_watched")
        monkeypatch.setattr("airlock.checks.lesson4_rotation.runs", lambda _: [cut])
        assert judged("4.2", view).outcome is Outcome.NOT_ATTEMPTED


class TestMoves:
    @pytest.fixture
    def arguments(self, view: View) -> dict[str, str]:
        """What the team's Airflow has to be told, with the smallest policy."""
        admin, role = administrator(view), f"{view.prefix}-airflow"
        rule = f'path "{mount(view)}/data/connections/*" {{ capabilities = ["read"] }}'
        admin.sys.create_or_update_policy(role, rule)
        approle = admin.auth.approle
        approle.create_or_update_approle(role, token_policies=[role])
        return {
            **{"url": view.lab.vault.url, "verify": view.lab.ca_file, "mount_point": mount(view)},
            **{"auth_type": "approle", "role_id": approle.read_role_id(role)["data"]["role_id"]},
            "secret_id": approle.generate_secret_id(role)["data"]["secret_id"],
        }

    def store(self, view: View) -> str:
        found = scattered.plant("orders", view)
        administrator(view).secrets.kv.v2.create_or_update_secret(
            f"connections/{found}", scattered.fields(view, "orders"), mount_point=mount(view)
        )
        return found

    def test_every_copy_counts(self, view: View, arguments: dict[str, str]) -> None:
        found = self.store(view)
        backend.use(view, "vault", arguments)
        airflow, shared = AirflowClient(view.lab), view.lab.vault.mount
        kv = root(view.lab).secrets.kv.v2
        took = {
            "left-in-the-environment": lambda: environment.unset_connection(view, found),
            "left-in-the-database": lambda: airflow.request("DELETE", f"/api/v2/connections/{found}"),
            "left-on-the-mount": lambda: kv.delete_latest_version_of_secret(f"connections/{found}", mount_point=shared),
            "only-marked-as-deleted": lambda: VaultClient(view.lab).delete_connection(found),
        }
        for misconception, take in took.items():
            report = judged("4.4", view)
            assert (report.misconception, report.earned) == (misconception, 2)
            take()
        assert judged("4.4", view).outcome is Outcome.PASSED

    def test_a_destroyed_version_is_gone(self, view: View) -> None:
        found = self.store(view)
        root(view.lab).secrets.kv.v2.destroy_secret_versions(
            f"connections/{found}", versions=[1], mount_point=view.lab.vault.mount
        )
        assert set(scattered.copies(view, "orders")) == {"environment", "database"}

    @pytest.mark.parametrize(
        ("change", "misconception"),
        [
            ({"verify": True}, "not-trusted"),
            ({"secret_id": "wrong"}, "backend-fails"),
            ({"connections_path": "elsewhere"}, "backend-fails"),
            ({"no_such_argument": 1}, "backend-fails"),
            ({"auth_type": "no such"}, "backend-fails"),
            ({"connections_path": None}, "not-found"),
        ],
    )
    def test_what_is_wrong_with_the_arguments(
        self, view: View, arguments: dict[str, str], change: dict[str, Any], misconception: str
    ) -> None:
        self.store(view)
        backend.use(view, "vault", arguments | change)
        assert judged("4.4", view).misconception == misconception

    def test_the_shared_mount_is_not_the_teams(self, view: View) -> None:
        found = self.store(view)
        VaultClient(view.lab).put_connection(found, scattered.fields(view, "orders"))
        everything = {"url": view.lab.vault.url, "verify": view.lab.ca_file, "auth_type": "token"}
        backend.use(view, "vault", everything | {"token": root(view.lab).token, "mount_point": view.lab.vault.mount})
        assert judged("4.4", view).misconception == "other-mount"

    def test_the_team_asks_whom_it_asked_before(self, view: View, arguments: dict[str, str]) -> None:
        found = scattered.plant("mail", view)
        prefix = f"{view.prefix}/connections"
        aws.client(view).create_secret(
            Name=f"{prefix}/{found}", SecretString=json.dumps(scattered.fields(view, "mail"))
        )
        environment.unset_connection(view, found)
        AirflowClient(view.lab).request("DELETE", f"/api/v2/connections/{found}")
        VaultClient(view.lab).delete_connection(found)
        for before in ({}, arguments):
            if before:
                backend.use(view, "vault", before)
            settings = backend.settings(view)
            assert judged("4.5", view, at_aws=aws.arguments(view) | {"connections_prefix": prefix}).earned == 3
            assert backend.settings(view) == settings

    def test_planting_takes_back_what_was_moved(self, view: View) -> None:
        found = self.store(view)
        aws.client(view).create_secret(Name=f"{view.prefix}/{found}", SecretString="x")
        scattered.plant("orders", view)
        names = [each["Name"] for each in aws.client(view).list_secrets()["SecretList"]]
        assert not [name for name in names if found in name]
        assert judged("4.4", view).outcome is Outcome.NOT_ATTEMPTED


@pytest.fixture(scope="module")
def happened(lab: Lab) -> Iterator[tuple[View, dict[str, Incident]]]:
    mine = View(lab, Seed.random())
    open_view(mine)
    yield mine, happen(mine)
    close_view(mine)


class TestIncidents:
    def test_the_witnesses_say_what_was_the_matter(self, happened: tuple[View, dict[str, Incident]]) -> None:
        view, incidents = happened
        seen = {cause: incidents[letter] for letter, cause in causes(view).items()}
        assert all(each.log[-1].endswith("isn't defined") for each in seen.values())
        assert {cause for cause, each in seen.items() if len(each.log) > 1} == {"untrusted", "down"}
        assert {cause for cause, each in seen.items() if not each.audit} == {"untrusted", "down", "sealed"}
        assert {cause for cause, each in seen.items() if "HTTP 200" not in each.health} == {"down", "sealed"}
        errors = {cause: [(e.path, e.error) for e in each.audit if e.error] for cause, each in seen.items()}
        assert errors["login"] == [("auth/approle/login", "invalid credentials")]
        assert len(errors["refused"]) == 2, "the backend tries again with a new login"
        assert not errors["absent"]

    def test_nothing_is_left_of_them(self, happened: tuple[View, dict[str, Incident]]) -> None:
        view, _ = happened
        assert f"{view.prefix}-incidents" not in root(view.lab).sys.list_policies()["data"]["policies"]

    def test_each_letter_and_every_order(self, lab: Lab) -> None:
        views = [View(lab, Seed(f"{number:032x}")) for number in range(12)]
        assert len({tuple(causes(view).values()) for view in views}) > 6
        assert all(set(causes(view)) == set(LETTERS) and set(causes(view).values()) == set(CAUSES) for view in views)

    @pytest.mark.parametrize("named", CAUSES)
    def test_every_mistake_is_told_why(self, view: View, named: str) -> None:
        truth = causes(view)
        for letter, cause in truth.items():
            report = judged("4.6", view, why=truth | {letter: named})
            if named == cause:
                assert report.outcome is Outcome.PASSED
            else:
                assert (report.outcome, report.earned) == (Outcome.FAILED, 1.5)
                assert report.misconception
                assert report.saw.startswith(f"Incident {letter}")


class TestAnswers:
    def test_nothing_is_not_attempted(self, view: View) -> None:
        for task, name in (("4.1", "in_clear"), ("4.3", "policy"), ("4.5", "at_aws"), ("4.6", "why")):
            assert judged(task, view).outcome is Outcome.NOT_ATTEMPTED
            assert judged(task, view, **{name: ...}).outcome is Outcome.NOT_ATTEMPTED
        scattered.plant("orders", view)
        for task in ("4.2", "4.4"):
            assert judged(task, view).outcome is Outcome.NOT_ATTEMPTED

    @pytest.mark.parametrize(
        ("task", "name", "value"),
        [
            ("4.1", "in_clear", 7),
            ("4.1", "in_clear", []),
            ("4.1", "in_clear", {"a": 1}),
            ("4.3", "policy", 7),
            ("4.3", "policy", "  "),
            ("4.3", "policy", "\0"),
            ("4.3", "policy", '{"path": 7}'),
            ("4.3", "policy", 'path "x" {}'),
            ("4.5", "at_aws", []),
            ("4.5", "at_aws", {}),
            ("4.5", "at_aws", {"connections_prefix": 7}),
            ("4.6", "why", {"a": "down"}),
            ("4.6", "why", dict.fromkeys(LETTERS)),
            ("4.6", "why", {letter: ["down"] for letter in LETTERS}),
        ],
    )
    def test_odd_answers_fail_with_a_word(self, view: View, task: str, name: str, value: Any) -> None:
        legacy.plant(view)
        report = judged(task, view, **{name: value})
        assert (report.outcome, report.earned) == (Outcome.FAILED, 0)
        assert report.saw
        assert report.why
        assert report.look

    def test_a_neighbours_answers_are_wrong(self, view: View, lab: Lab) -> None:
        other = View(lab, Seed.random())
        legacy.plant(view)
        theirs = [each.conn_id for each in legacy.legacies(other) if each.clear]
        assert judged("4.1", view, in_clear=theirs).misconception == "not-planted"
        rule = f'path "{mount(other)}/data/connections/*" {{ capabilities = ["read"] }}'
        assert judged("4.3", view, policy=rule).misconception == "reads-nothing"

    def test_everything_is_put_back(self, view: View) -> None:
        legacy.plant(view)
        for name in scattered.NAMES:
            scattered.plant(name, view)
        reset_view(view)
        assert metadata.rows(view) == []
        assert scattered.copies(view, "orders") == {}
        assert environment.variables(view) == {}


def test_a_stopped_vault_is_the_labs_fault(view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object, **__: object) -> None:
        raise LabDown("OpenBao does not answer on https://localhost:1.")

    monkeypatch.setattr("airlock.checks.lesson4_policy.granted", gone)
    report = judged("4.3", view, policy='path "x" { capabilities = ["read"] }')
    assert (report.outcome, report.earned) == (Outcome.LAB_DOWN, 0)
    assert "./airlock up" in report.look
