"""Two labs that choose their ports at the same moment do not choose the same one."""

from __future__ import annotations

import os
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from airlock.lab import LabDown, ports
from airlock.lab.ground import Ground
from airlock.lab.ports import choosing


@pytest.fixture(autouse=True)
def few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Claims of this test's own, and so few ports that two who do not look choose the same."""
    monkeypatch.setattr(ports.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(ports, "_RANGE", range(20100, 20160))


def test_labs_side_by_side_choose_different_ports(tmp_path: Path) -> None:
    def chosen(number: int) -> set[int]:
        ground = Ground.prepare(tmp_path / str(number))
        ground.choose_ports([f"service-{each}" for each in range(10)])
        return {*ground.ports.values(), ground.free_port()}

    with ThreadPoolExecutor(4) as pool:
        sets = list(pool.map(chosen, range(4)))
    assert all(len(each) == 11 for each in sets)
    assert len(set.union(*sets)) == 44


def test_a_lab_gets_its_own_ports_again(tmp_path: Path) -> None:
    ground = Ground.prepare(tmp_path / "lab")
    ground.choose_ports(["a", "b"])
    before = dict(ground.ports)
    again = Ground.prepare(tmp_path / "lab")
    again.choose_ports(["a", "b", "c"])
    assert {name: again.ports[name] for name in before} == before


def test_what_somebody_listens_on_or_has_claimed_is_not_given(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, choosing("one") as choice:
        assert not choice.claim(taken.getsockname()[1])
        mine = choice.another()
    with choosing("another") as choice:
        assert not choice.claim(mine)
    with choosing("one") as choice:
        assert choice.claim(mine)


def test_a_claim_runs_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_CLAIMED", -1.0)
    with choosing("one") as choice:
        mine = choice.another()
    with choosing("another") as choice:
        assert choice.claim(mine)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"20100": 5}'])
def test_nonsense_in_the_file_claims_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / f"airlock-ports-{os.getuid()}.json").write_text(text)
    with choosing("one") as choice:
        assert choice.claims == {}
        choice.another()


def test_a_user_may_be_given_a_range(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRLOCK_PORTS", "20200-20203")
    with choosing("one") as choice:
        assert {choice.another() for _ in range(4)} == {20200, 20201, 20202, 20203}
        with pytest.raises(LabDown, match="20200 to 20203"):
            choice.another()


@pytest.mark.parametrize("given", ["abc", "20200", "20200-", "1-2-3", "30-20"])
def test_what_is_no_range_is_told(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("AIRLOCK_PORTS", given)
    with pytest.raises(LabDown, match=given) as told, choosing("one"):
        pass
    assert told.value.remedy == "unset AIRLOCK_PORTS"
