"""A lab of its own, beside the session's: started, hurt, recovered, stopped."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from airlock.lab import Lab
from airlock.lab.ground import Ground
from airlock.lab.lifecycle import status
from airlock.lab.ports import LOOPBACK
from airlock.lab.supervisor import Supervisor
from tests.conftest import airlock

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def state() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="airlock life ") as folder:
        yield Path(folder) / "state"
        airlock("down", state=Path(folder) / "state")


def eventually(question: Callable[[], bool], seconds: float = 90) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if question():
            return True
        time.sleep(0.3)
    return False


def healthy(state: Path) -> bool:
    lines = [line for line in status(Ground(state)) if line.service.name != "jupyter"]
    return bool(lines) and all(line.ok for line in lines)


def test_a_life_of_a_lab(lab: Lab, state: Path) -> None:
    """One story, because each step needs the one before; the session's lab runs beside it all the time."""
    assert airlock("status", state=state).returncode == 3

    # Up, and up again: harmless, and the same processes.
    first = airlock("up", state=state)
    assert first.returncode == 0, first.stdout + first.stderr
    ground, supervisor = Ground(state), Supervisor(Ground(state))
    pids = {name: s.pid for name, s in supervisor.states().items() if s.running}
    assert airlock("up", state=state).returncode == 0
    assert {name: s.pid for name, s in supervisor.states().items() if s.running} == pids
    assert not set(ground.ports.values()) & set(Ground(Path(lab.state)).ports.values())

    # A first start was cut short: OpenBao is initialised, and nobody has its root token. The next `up` begins it anew.
    (state / "secrets" / "openbao-root-token").unlink()
    again = airlock("up", state=state)
    assert again.returncode == 0, again.stdout + again.stderr
    assert healthy(state)
    pids["openbao"] = supervisor.state("openbao").pid

    # A killed service is restarted, and unsealed where it has to be.
    for name in ("postgres", "openbao", "airflow-scheduler"):
        os.kill(pids[name], signal.SIGKILL)
    assert eventually(lambda: all(supervisor.state(n).pid not in {0, pids[n]} for n in ("postgres", "openbao")))
    assert eventually(lambda: healthy(state)), [f"{h.service.name}: {h.detail}" for h in status(ground)]

    # The supervisor itself is killed, as by a crash: the next `up` ends what is left and recovers.
    supervisor_pid = next(p.pid for p in supervisor.leftovers() if "supervisord" in " ".join(p.cmdline()))
    os.kill(supervisor_pid, signal.SIGKILL)
    assert eventually(lambda: not supervisor.alive(), 10)
    looked = airlock("doctor", state=state)
    assert looked.returncode == 3
    assert "without their supervisor" in looked.stdout
    assert airlock("up", state=state).returncode == 0
    assert healthy(state)

    # Down leaves nothing running, and takes nothing that was not the lab's.
    assert airlock("down", state=state).returncode == 0
    assert supervisor.leftovers() == []
    assert not (state / "lab.json").exists()
    assert healthy(Path(lab.state))

    # A port that was taken meanwhile is replaced.
    taken = ground.ports["postgres"]
    with socket.create_server((LOOPBACK, taken)):
        assert airlock("up", state=state).returncode == 0
        assert Lab.current(state).postgres.port != taken
    assert airlock("down", "--purge", state=state).returncode == 0
    assert {entry.name for entry in state.iterdir()} <= {"learner.json", "progress.json"}


def test_without_a_lab_a_command_says_what_to_run(tmp_path: Path) -> None:
    done = airlock("reset", state=tmp_path / "state")
    assert done.returncode == 3
    assert "The lab is not running." in done.stderr
    assert "./airlock up" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_path_that_configuration_files_cannot_hold_is_refused_in_a_sentence(tmp_path: Path) -> None:
    done = airlock("up", state=tmp_path / "it's mine")
    assert done.returncode == 3
    assert "contains" in done.stdout
    assert "Move the clone" in done.stdout


def test_a_port_keeps_its_number_from_one_start_to_the_next(tmp_path: Path) -> None:
    ground = Ground.prepare(tmp_path / "state")
    ground.choose_ports(["a", "b"])
    first = dict(ground.ports)
    with socket.create_server((LOOPBACK, first["a"])):
        ground.choose_ports(["a", "b"])
    assert ground.ports["b"] == first["b"]
    assert ground.ports["a"] != first["a"]


def test_a_person_s_shell_inside_the_state_folder_is_not_a_leftover(tmp_path: Path) -> None:
    ground = Ground.prepare(tmp_path / "state")
    with subprocess.Popen(["sleep", "30"], cwd="/") as bystander:
        found = Supervisor(ground).leftovers()
        assert psutil.Process(bystander.pid) not in found
        bystander.kill()
