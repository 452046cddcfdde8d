"""Supervision: supervisord keeps the lab's programs running. This is the only module that talks to it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
import sys
import tempfile
import time
import xmlrpc.client
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from supervisor.xmlrpc import Faults, SupervisorTransport

from airlock.lab import supervisord
from airlock.lab.description import LabDown
from airlock.lab.ground import Ground
from airlock.lab.service import Program, Unhealthy

# In the environment of everything a lab starts: how leftovers of a crash are recognised.
MARK = "AIRLOCK_SUPERVISED_BY"
_SOCKET_PATH_LIMIT = 100  # bytes, of a Unix socket (sockaddr_un: 104 on macOS, 108 on Linux)
# Settings of the user's shell that would reach into the lab's services and change what they do.
_FOREIGN = (
    *("AIRFLOW", "AIRLOCK", "PG", "VAULT_", "BAO_", "AWS_"),
    *("PYTHON", "JUPYTER", "SSL_CERT_", "REQUESTS_CA", "CURL_CA"),
)


@dataclass(frozen=True)
class ProcessState:
    """A program as the supervisor sees it. ``pid`` is 0 when it does not run; ``uptime`` is in seconds."""

    name: str
    running: bool
    pid: int
    uptime: float
    detail: str


class Supervisor:
    """What keeps the programs of one lab running: one supervisord, or, as containers, one in each of them.

    Args:
        ground: whose lab.
        container: only the supervisord in this one; empty: all there are, each program found where it runs.
    """

    def __init__(self, ground: Ground, container: str = "") -> None:
        self._ground = ground
        self._container = container
        self._joined = ground.folder("supervisor", "joined")
        self._open_to_others = os.access(self._joined, os.W_OK)  # not to who is shut in

    @property
    def sockets(self) -> list[Path]:
        """Where calls are taken. Who may call may start, stop and signal programs, and add none."""
        return [self._socket(container) for container in self._containers]

    def alive(self) -> bool:
        """Whether somebody answers."""
        return any(map(self._answers, self._containers))

    def missing(self) -> list[str]:
        """The containers whose supervisor does not answer."""
        return [container for container in self._containers if not self._answers(container)]

    def launch(self, programs: Mapping[str, Program]) -> None:
        """Start the supervisor with these programs known and none started; reuse a running one if nothing changed."""
        files = self._files(self._container)
        text = supervisord.whole(files, programs)
        if self.alive() and files.config.read_text() == text:
            return
        self.shutdown()
        started = subprocess.run(
            self.command(programs),
            env=clean_environment(self._ground),
            check=False,
            capture_output=True,
            text=True,
            timeout=30,
        )
        if started.returncode:
            raise Unhealthy(f"the supervisor refused to start: {started.stderr.strip() or started.stdout.strip()}")
        self.await_answer()

    def command(self, programs: Mapping[str, Program]) -> list[str]:
        """Write the configuration, and return the words that start a supervisor of these programs, as a daemon."""
        files = self._files(self._container)
        _write_private(files.config, supervisord.whole(files, programs))
        return [sys.executable, "-m", "supervisor.supervisord", "-c", str(files.config)]

    def await_answer(self) -> None:
        """Wait until a supervisor that has been started takes calls. Raises `Unhealthy` when it does not."""
        deadline = time.monotonic() + 10
        while not self.alive():
            if time.monotonic() > deadline:
                raise Unhealthy(f"the supervisor did not start; see {self._files(self._container).log}")
            time.sleep(0.05)

    def join(self, name: str, program: Program) -> None:
        """Make one more program known, without a word to the others, or change one that has joined and does not run.

        Raises:
            LabDown: there is no supervisor, or one from before an update, which takes nobody in.
        """
        if not self._open_to_others:
            return  # what whoever grades has not let join cannot be started either
        file, text = self._joined / f"{name}.conf", supervisord.one(name, program, self._ground.folder("logs"))
        if not file.exists() or file.read_text() != text:
            _write_private(file, text)
        if not self.alive():
            raise LabDown("The lab is not running.")
        added, changed, _ = self._ask(self._home(name), "reloadConfig")[0]
        if name in changed:
            self._call("removeProcessGroup", name)
        if name in changed or name in added:
            with contextlib.suppress(xmlrpc.client.Fault):  # somebody else, who read the file with us, was quicker
                self._call("addProcessGroup", name)
        if name not in self.states():
            raise LabDown("The lab runs from before an update.")

    def leave(self, name: str) -> None:
        """Forget a program that has joined; it is stopped first. Harmless when there is none."""
        if self._open_to_others:
            (self._joined / f"{name}.conf").unlink(missing_ok=True)
        if name in self.states():
            self.stop(name)
            if self._open_to_others:
                self._call("removeProcessGroup", name)

    def start(self, name: str) -> None:
        """Start a program unless it runs already."""
        if not self.state(name).running:
            self._call("startProcess", name, False)

    def stop(self, name: str) -> None:
        """Stop a program and wait until it is gone; one that has ended is not tried again."""
        try:
            self._call("stopProcess", name, True)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode != Faults.NOT_RUNNING:
                raise

    def restart(self, name: str) -> None:
        """Stop, then start."""
        self.stop(name)
        self.start(name)

    def signal(self, name: str, signal: str) -> None:
        """Send a running program a signal, e.g. ``HUP``."""
        self._call("signalProcess", name, signal)

    def states(self) -> dict[str, ProcessState]:
        """Every program known, by name; empty when the supervisor does not run."""
        alive = [container for container in self._containers if self._answers(container)]
        known = [info for container in alive for info in self._ask(container, "getAllProcessInfo")]
        return {info["name"]: _process_state(info) for info in known}

    def state(self, name: str) -> ProcessState:
        """One program."""
        return _process_state(self._call("getProcessInfo", name))

    def shutdown(self) -> None:
        """Stop every program and the supervisor, then whatever a crash has left of this lab."""
        for container in filter(self._answers, self._containers):
            pid = int(self._ask(container, "getPID"))
            self._ask(container, "shutdown")
            with contextlib.suppress(psutil.NoSuchProcess, psutil.TimeoutExpired):
                psutil.Process(pid).wait(timeout=40)
        _end(self.leftovers())
        for socket in self.sockets:
            socket.unlink(missing_ok=True)

    def leftovers(self) -> list[psutil.Process]:
        """Processes of this lab that still run, apart from this one and its ancestors."""
        mine = {process.pid for process in psutil.Process().parents()} | {os.getpid()}
        found = []
        for process in psutil.process_iter():
            try:
                if process.pid not in mine and self._is_ours(process):
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def _is_ours(self, process: psutil.Process) -> bool:
        if process.environ().get(MARK) == str(self._ground.state):
            return True
        # Airflow and PostgreSQL write their titles over their environment. What still tells them is that they
        # work inside the state folder, and not at a person's terminal.
        return process.terminal() is None and Path(process.cwd()).is_relative_to(self._ground.state)

    @property
    def _containers(self) -> list[str]:
        if self._container:
            return [self._container]
        return sorted(set(self._ground.containers.values())) or [""]

    def _home(self, program: str) -> str:
        return self._container or self._ground.containers.get(program, self._open)

    @property
    def _open(self) -> str:
        """The container that takes in what joins: those are servers of PostgreSQL."""
        return self._ground.containers.get("postgres", "")

    def _files(self, container: str) -> supervisord.Files:
        name, folder = "-".join(filter(None, ("supervisord", container))), self._ground.folder("supervisor")
        return supervisord.Files(
            config=folder / f"{name}.conf",
            pidfile=folder / f"{name}.pid",
            socket=self._socket(container),
            log=self._ground.log(name),
            joined=self._joined if container == self._open else folder / f"joined-{container}",
        )

    def _socket(self, container: str) -> Path:
        inside = self._ground.state / "supervisor" / "-".join(filter(None, ("socket", container)))
        if len(os.fsencode(inside)) <= _SOCKET_PATH_LIMIT:
            return inside
        digest = hashlib.sha256(os.fsencode(inside)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"airlock-{digest}.socket"

    def _answers(self, container: str) -> bool:
        try:
            self._ask(container, "getState")
        except (OSError, xmlrpc.client.Error):
            return False
        return True

    def _call(self, method: str, program: str, *arguments: Any) -> Any:
        return self._ask(self._home(program), method, program, *arguments)

    def _ask(self, container: str, method: str, *arguments: Any) -> Any:
        transport = SupervisorTransport(None, None, f"unix://{self._socket(container)}")
        proxy = xmlrpc.client.ServerProxy("http://lab", transport=transport)
        try:
            return getattr(proxy.supervisor, method)(*arguments)
        finally:
            transport.close()


def _process_state(info: dict[str, Any]) -> ProcessState:
    running = info["statename"] in {"RUNNING", "STARTING"}
    return ProcessState(
        name=info["name"],
        running=running,
        pid=info["pid"],
        uptime=float(info["now"] - info["start"]) if running else 0.0,
        detail=info["spawnerr"] or info["statename"].lower(),
    )


def clean_environment(ground: Ground) -> dict[str, str]:
    """What a program of the lab inherits: this process's environment without settings that would change the program."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    # The lab speaks to itself on loopback: never through a proxy of the user's network.
    for name in ("NO_PROXY", "no_proxy"):
        kept[name] = ",".join(filter(None, [kept.get(name), "localhost,127.0.0.1"]))
    return kept | {MARK: str(ground.state), "AIRLOCK_STATE": str(ground.state)}


def _write_private(file: Path, text: str) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)


def _end(processes: list[psutil.Process]) -> None:
    for process in processes:
        try:
            process.terminate()
        except psutil.NoSuchProcess:
            continue
    _, stubborn = psutil.wait_procs(processes, timeout=8)
    for process in stubborn:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(stubborn, timeout=5)
