"""A workshop on this machine, for tests and for `benchmarks.hub`: accounts, a hub, and learners as their browsers are.

Everything is temporary: a copy of the course, a state folder, an exchange, accounts. `opened` takes all of it away.
"""

from __future__ import annotations

import os
import pwd
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from airlock.lab.ports import is_free
from tests.conftest import ROOT
from tests.hub.browser import Browser

_COURSE = ("notebooks", "exercises", "solutions", "lab-env", "nbgrader_config.py", "pyproject.toml")


@dataclass
class Workshop:
    """A running hub with learners' accounts.

    Attributes:
        folder: holds ``course`` (the copy that is shared), ``state`` (the teacher's), ``exchange``.
        passwords: of each learner, by name.
        hub: the process of ``airlock hub start``; its words are in ``hub.log``.
    """

    folder: Path
    address: str
    passwords: dict[str, str] = field(default_factory=dict, repr=False)
    hub: subprocess.Popen[bytes] | None = None

    @property
    def course(self) -> Path:
        """What learners share, and the folder that the teacher works in."""
        return self.folder / "course"

    def teacher(
        self, *words: str, check: bool = True, module: str = "airlock.cli", timeout: float = 900
    ) -> subprocess.CompletedProcess[str]:
        """Run ``airlock`` (or another program of the environment) as the teacher does, in the course's folder."""
        done = subprocess.run(
            [sys.executable, "-m", module, *words],
            cwd=self.course,
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
        )
        assert not check or done.returncode == 0, f"{words}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        return done

    def as_learner(self, name: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Run something under a learner's account, beside the hub."""
        account = pwd.getpwnam(name)
        return subprocess.run(
            words,
            cwd="/",
            env={"PATH": os.environ["PATH"], "HOME": account.pw_dir},
            user=account.pw_uid,
            group=account.pw_gid,
            extra_groups=os.getgrouplist(name, account.pw_gid),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def start(self, *options: str) -> None:
        """Start the hub, with options of its own, and wait until its sign-in page is there."""
        port = self.address.rpartition(":")[2]
        with (self.folder / "hub.log").open("ab") as log:
            self.hub = subprocess.Popen(
                [sys.executable, "-m", "airlock.cli", "hub", "start", "--port", port, *options],
                cwd=self.course,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + 180
        while not self._answers():
            assert self.hub.poll() is None, self.log()
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.5)

    def stop(self) -> None:
        """Stop the hub as Ctrl-C does."""
        if self.hub is not None and self.hub.poll() is None:
            self.hub.terminate()
            self.hub.wait(timeout=300)

    def browser(self, name: str) -> Browser:
        """A learner's browser, not signed in yet."""
        return Browser(self.address, name, self.passwords[name])

    def log(self) -> str:
        """The hub's last words."""
        return (self.folder / "hub.log").read_text(errors="replace")[-6000:]

    def processes(self, name: str) -> list[psutil.Process]:
        """What runs under a learner's account."""
        uid, found = pwd.getpwnam(name).pw_uid, []
        for process in psutil.process_iter():
            try:
                if process.uids().real == uid and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def await_lab(self, name: str, seconds: float) -> None:
        """Wait until every service of a learner's lab has answered: the log of its start says so."""
        log, said = Path("/home") / name / ".airlock" / "logs" / "up.log", ""
        deadline = time.monotonic() + seconds
        while "The lab is up" not in said:
            assert "did not start" not in said, said
            assert time.monotonic() < deadline, f"{name}: {said or 'its lab has not begun to start'}"
            time.sleep(1)
            said = log.read_text() if log.exists() else ""

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.address}/hub/login", trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    def _environment(self) -> dict[str, str]:
        told = {
            "AIRLOCK_ROOT": self.course,
            "AIRLOCK_STATE": self.folder / "state",
            "AIRLOCK_WORK": self.folder / "work",
        }
        path = f"{Path(sys.prefix) / 'bin'}:{os.environ['PATH']}"  # nbgrader calls alembic by its name
        return {**os.environ, "PATH": path, **{name: str(place) for name, place in told.items()}}


def obstacle() -> str:
    """Why no workshop can be held here; empty when one can."""
    from airlock.cli.hub_ground import complaint

    if not sys.platform.startswith("linux") or os.geteuid():
        return "the hub makes accounts and starts servers under them: Linux and root"
    if not shutil.which("useradd"):
        return "there is no useradd to make accounts with"
    return complaint()


@contextmanager
def opened(learners: int) -> Iterator[Workshop]:
    """A workshop with this many learners' accounts, its hub started; nothing of it is left afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="airlock-hub-"))
    folder.chmod(0o755)
    port = next(port for port in range(31500, 32500) if is_free(port))
    workshop = Workshop(folder, f"http://127.0.0.1:{port}")
    names = [f"al{secrets.token_hex(2)}{number}" for number in range(learners)]
    try:
        _lay(workshop)
        added = workshop.teacher("hub", "add", *names).stdout
        workshop.passwords = {name: re.search(rf"^{name} +(\S+)", added, re.MULTILINE)[1] for name in names}  # type: ignore[index]
        workshop.start()
        yield workshop
    finally:
        try:
            workshop.stop()
            workshop.teacher("down", check=False)
        finally:
            there = [name for name in names if (Path("/home") / name).exists()]
            for name in there:
                for process in workshop.processes(name):
                    process.kill()
            gone = workshop.teacher("hub", "remove", *there, check=False) if there else None
            shutil.rmtree(folder, ignore_errors=True)
            assert gone is None or gone.returncode == 0, gone.stdout


def _lay(workshop: Workshop) -> None:
    for name in _COURSE:
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns(".venv", "__pycache__", "node_modules")
            shutil.copytree(source, workshop.course / name, ignore=ignored)
        else:
            shutil.copy(source, workshop.course / name)
    with (workshop.course / "nbgrader_config.py").open("a") as settings:
        settings.write(f"\nc.Exchange.root = {str(workshop.folder / 'exchange')!r}\n")
    (workshop.course / "solutions").chmod(0o700)  # as docs/deploy.md has it
