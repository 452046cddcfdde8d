"""What can be said of the hub without one: its refusals, and who gets which ports."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from airlock.cli import hub_learner
from airlock.cli.main import app

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gets so far")


def test_each_learner_has_a_range_of_ports_and_keeps_it(tmp_path: Path) -> None:
    first = {name: hub_learner.ports(tmp_path, name) for name in ("ada", "bob", "cyd")}
    assert sorted(first.values()) == ["10000-10099", "10100-10199", "10200-10299"]
    assert {name: hub_learner.ports(tmp_path, name) for name in ("cyd", "bob", "ada")} == first


def test_there_is_an_end_to_the_ports(tmp_path: Path) -> None:
    for number in range(110):
        hub_learner.ports(tmp_path, f"learner{number}")
    with pytest.raises(hub_learner.Full, match="no ports left for one-more"):
        hub_learner.ports(tmp_path, "one-more")


@as_root
@pytest.mark.parametrize("words", [["--bind", "0.0.0.0"], ["--bind", "::"], ["--bind", "hub.example"]])
def test_passwords_do_not_leave_the_machine_in_clear(words: list[str]) -> None:
    said = CliRunner().invoke(app, ["hub", "start", *words])
    assert said.exit_code == 2
    assert "Passwords would cross the network in clear" in said.output


@as_root
def test_a_certificate_without_its_key_is_no_certificate(tmp_path: Path) -> None:
    (tmp_path / "hub.crt").touch()
    said = CliRunner().invoke(app, ["hub", "start", "--certificate", str(tmp_path / "hub.crt")])
    assert (said.exit_code, "HTTPS needs both" in said.output) == (2, True)


@as_root
@pytest.mark.parametrize("name", ["Ada", "../etc", "a+b", "-ada", "ada lovelace"])
def test_no_account_gets_a_name_that_the_exchange_cannot_take(name: str) -> None:
    said = CliRunner().invoke(app, ["hub", "add", "--", name])
    assert (said.exit_code, "No account can have this name" in said.output) == (2, True)


@as_root
def test_an_account_that_is_no_learner_s_is_left_alone() -> None:
    for command in ("add", "remove"):
        said = CliRunner().invoke(app, ["hub", command, "daemon"])
        assert said.exit_code == 2
        assert "learner" in said.output
