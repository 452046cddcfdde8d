"""What the containers add to the lab, tried without an engine: several supervisors of one lab, and the door."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import yaml

from airlock.grading.config import MARK_ONLY
from airlock.lab import LabDown, door, lifecycle
from airlock.lab import ports as ports_module
from airlock.lab.containers import NAMES, PUBLISHED, mint
from airlock.lab.ground import Ground
from airlock.lab.ports import LOOPBACK
from airlock.lab.service import Program
from airlock.lab.services import JUPYTER, LAB
from airlock.lab.supervisor import Supervisor, clean_environment
from tests.conftest import ROOT

SLEEP = Program(command=["sleep", "600"], directory=Path("/"))


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    ground = Ground.prepare(tmp_path / "state")
    (ground.state / "containers.json").write_text(json.dumps({"postgres": "database", "wire": "between"}))
    return ground


@pytest.fixture
def two(ground: Ground) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """The supervisors of two containers."""
    running = {}
    for container, program in (("database", "postgres"), ("between", "wire")):
        own = Supervisor(ground, container)
        words = [*own.command({program: SLEEP}), "--nodaemon"]
        running[container] = subprocess.Popen(words, env=clean_environment(ground), stdout=subprocess.DEVNULL)
        own.await_answer()
    yield running
    for process in running.values():
        process.terminate()
        process.wait(timeout=30)


def test_a_program_is_found_in_the_container_where_it_runs(
    ground: Ground, two: dict[str, subprocess.Popen[bytes]]
) -> None:
    everybody = Supervisor(ground)
    for name in ("postgres", "wire"):
        everybody.start(name)
    assert {name: state.running for name, state in everybody.states().items()} == {"postgres": True, "wire": True}
    assert Supervisor(ground, "between").states().keys() == {"wire"}
    before = everybody.state("wire").pid
    everybody.restart("wire")
    assert everybody.state("wire").pid not in (0, before)
    everybody.stop("postgres")
    assert not everybody.state("postgres").running
    assert everybody.state("wire").running

    # What joins does so where PostgreSQL is, and nowhere else.
    everybody.join("warehouse", SLEEP)
    everybody.start("warehouse")
    assert Supervisor(ground, "database").state("warehouse").running
    assert Supervisor(ground, "between").states().keys() == {"wire"}
    everybody.leave("warehouse")
    assert everybody.states().keys() == {"postgres", "wire"}

    assert everybody.missing() == []
    two["between"].terminate()
    two["between"].wait(timeout=30)
    assert everybody.missing() == ["between"]
    assert everybody.alive()
    with pytest.raises(LabDown, match="between") as down:
        lifecycle.up(ground, lambda *_: None)
    assert "docker compose up" in down.value.remedy


def test_from_inside_a_container_the_lab_is_not_stopped(ground: Ground) -> None:
    with pytest.raises(LabDown, match="containers") as refused:
        lifecycle.down(ground)
    assert "docker compose down" in refused.value.remedy


def test_minting_again_changes_nothing_but_the_published_ports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports_module.tempfile, "gettempdir", lambda: str(tmp_path))  # claims of this test's own
    ground = Ground.prepare(tmp_path / "state")
    ports = dict(zip(PUBLISHED, range(31001, 31004), strict=True))
    mint(ground, ports)
    assert ports.items() <= ground.ports.items()
    assert set(ground.ports) == {port for service in (*LAB, JUPYTER) for port in service.ports}
    kept = {file: file.read_bytes() for file in ground.state.rglob("*") if file.is_file()}
    mint(Ground(ground.state), ports)
    assert {file: file.read_bytes() for file in ground.state.rglob("*") if file.is_file()} == kept
    mint(Ground(ground.state), ports | {"jupyter": 31010})
    changed = {file.name for file, content in kept.items() if file.read_bytes() != content}
    assert changed == {"ports.json"}


def test_compose_has_every_container_of_the_lab_and_each_asks_for_its_own_check() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    asked_for = {name: each.pop("profiles") for name, each in services.items() if "profiles" in each}
    assert asked_for == {"instructor": ["instructor"]}
    assert services.keys() - asked_for == {*NAMES, "secrets", "door"}
    for name in NAMES:
        assert services[name]["command"] == ["airlock", "container", "serve", name]
        assert services[name]["healthcheck"]["test"].endswith(f"airlock container check {name}")
        assert services[name]["network_mode"] == "service:door"


def test_the_instructor_s_container_has_nothing_of_the_lab_and_no_hand_in_to_run() -> None:
    instructor = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["instructor"]
    assert instructor["volumes"] == [".:/clone"]
    assert "network_mode" not in instructor
    assert instructor["environment"][MARK_ONLY]
    assert [port.partition(":")[0] for port in instructor["ports"]] == ["127.0.0.1"]


def test_the_door_passes_on_both_ways_and_closes_when_either_side_does() -> None:
    async def story() -> bytes:
        async def upper(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write((await reader.read(100)).upper())
            await writer.drain()
            writer.close()

        service = await asyncio.start_server(upper, LOOPBACK, 0)
        port = service.sockets[0].getsockname()[1]
        passing = asyncio.create_task(door.serve([port]))
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with suppress(OSError):
                reader, writer = await asyncio.open_connection(_outside(), port)
                break
            await asyncio.sleep(0.05)
        writer.write(b"let me in")
        answer = await asyncio.wait_for(reader.read(), 10)  # to the end: it closes
        passing.cancel()
        service.close()
        return answer

    assert asyncio.run(story()) == b"LET ME IN"


def _outside() -> str:
    """An address of this machine that is not loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            pytest.skip("this machine has no address but loopback")
        return str(probe.getsockname()[0])
