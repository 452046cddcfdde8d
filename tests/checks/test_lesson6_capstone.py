"""The capstone's judges: what they say of auditors, and what a byte costs."""

from __future__ import annotations

from typing import Any

import pytest

from airlock.checks import catalogue
from airlock.checks.lesson6_capstone_audit import ODDITIES, VARIANTS, unseen
from airlock.checks.lesson6_capstone_repair import brought_in, share_of, still_there
from airlock.checks.lesson6_capstone_words import LOOK, WHY
from airlock.checks.report import Outcome, Report
from airlock.lab import View
from airlock.lab.deployment import FAULTS, Finding
from airlock.lab.deployment.planted import plant
from airlock.lab.deployment.raid import Theft
from airlock.lesson.raid_view import TITLES
from airlock.lesson.world import LocalWorld


def judged(audit: Any) -> Report:
    def nowhere() -> View:
        raise AssertionError("the auditor's judge needs no lab")

    return catalogue.find("6.8").run(LocalWorld({"audit": audit}, nowhere))


class TestAuditors:
    def test_what_is_unseen_holds_every_form(self) -> None:
        made = unseen()
        assert len(made) >= 8
        assert {(f.fault, f.variant) for each in made for f in each.findings} == set(VARIANTS)
        assert {name for each in made for _, name in each.oddities} == set(ODDITIES)
        assert len({each.plain["team"] for each in made}) == len(made)

    def test_every_form_has_its_words(self) -> None:
        assert {name for _, name in VARIANTS} | set(ODDITIES) == set(LOOK)
        assert set(WHY) < set(LOOK)
        assert set(ODDITIES) < set(WHY)

    @pytest.mark.parametrize(
        ("audit", "misconception"),
        [
            (lambda _: [], "flags-nothing"),
            (lambda _: "all is well", "not-findings"),
            (lambda _: [("a", "b")], "not-findings"),
            (lambda _: [("policy",)], "not-findings"),
            (lambda _: [("kestrel_orders", "not-verified")], "knows-one-by-heart"),
            (lambda deployment: deployment["connection"], "auditor-stops"),
            (lambda d: [(e["conn_id"], kind) for e in d["connections"] for kind in FAULTS], "flags-everything"),
        ],
    )
    def test_wrong_ones_are_told_apart(self, audit: Any, misconception: str) -> None:
        report = judged(audit)
        assert (report.outcome, report.misconception, report.earned) == (Outcome.FAILED, misconception, 0)

    def test_one_that_returns_nothing_is_not_attempted(self) -> None:
        assert judged(lambda _: None).outcome is Outcome.NOT_ATTEMPTED

    def test_one_kind_earns_a_little_and_the_rest_is_named(self) -> None:
        def one_kind(deployment: dict[str, Any]) -> list[list[str]]:
            entries = deployment["connections"]
            return [[e["conn_id"], "copy-on-the-shared-mount"] for e in entries if e["home"] == "shared mount"]

        report = judged(one_kind)
        assert 0 < report.earned < 2
        assert "`never-encrypted`" in report.saw
        assert "`copy-on-the-shared-mount`" not in report.saw


class TestBytes:
    def test_zero_is_a_pass_and_every_factor_of_ten_costs_a_fifth(self) -> None:
        assert [share_of(read) for read in (0, 1, 10, 100, 1000)] == pytest.approx([1, 0.8, 0.6, 0.4, 0.2])
        assert share_of(100_000) == 0

    def test_every_attacker_is_introduced(self) -> None:
        from airlock.lab.deployment.raid import ATTACKERS

        assert set(TITLES) == set(ATTACKERS)
        assert len(ATTACKERS) == 22, "the judge's sentence names the number"


class TestNewFaults:
    PLANTED = (Finding("k_sales", "not-verified"), Finding("k_ledger", "stored-in-clear"))

    @pytest.mark.parametrize(
        ("read", "still", "new"),
        [
            ([], [], []),
            ([("self-signed", "k_sales"), ("wrong-host", "k_sales")], [("k_sales", "not-verified")], []),
            ([("wrong-host", "k_sales")], [], [("k_sales", "name-not-checked")]),
            ([("self-signed", "k_stock"), ("wrong-host", "k_stock")], [], [("k_stock", "not-verified")]),
            ([("downgrade", "k_stock"), ("eavesdropper", "k_stock")], [], [("k_stock", "never-encrypted")]),
            ([("backup", "k_ledger"), ("environment", "k_ledger")], [("k_ledger", "stored-in-clear")],
             [("k_ledger", "secret-in-the-environment")]),
            ([("http-expired", "k_billing")], [], []),
        ],
    )  # fmt: skip
    def test_what_a_repair_brings_in_is_told_from_what_it_left(
        self, read: list[tuple[str, str]], still: list[tuple[str, str]], new: list[tuple[str, str]]
    ) -> None:
        thefts = [Theft(attacker, victim, 9, "the password") for attacker, victim in read]
        assert [finding.pair for finding in still_there(self.PLANTED, thefts)] == still
        assert [finding.pair for finding in brought_in(self.PLANTED, thefts)] == new


@pytest.mark.lab
class TestUntouched:
    def test_no_deployment_and_one_as_it_was_are_not_attempted(self, view: View) -> None:
        world = LocalWorld({"stolen": 0}, view)
        for task in ("6.9", "6.10"):
            report = catalogue.find(task).run(world)
            assert report.outcome is Outcome.NOT_ATTEMPTED
        plant(view)
        for task in ("6.9", "6.10"):
            report = catalogue.find(task).run(world)
            assert report.outcome is Outcome.NOT_ATTEMPTED
            assert "as it was" in report.saw
