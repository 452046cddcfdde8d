"""The wire: mitmproxy in an environment of its own, one port a situation."""

from __future__ import annotations

import os
import socket
import subprocess
from datetime import timedelta
from pathlib import Path

from airlock import paths
from airlock.lab.describe import DOORS, describe
from airlock.lab.ground import HOST, LOOPBACK, Ground
from airlock.lab.service import Program, Service, Unhealthy
from airlock.pki import Authority, Validity

# Recordings that outlive a restart: how many, and how many bytes of them.
_KEPT = 500
_ROOM = 256 * 2**20


class Wire(Service):
    """mitmdump with the lab's addon, in front of PostgreSQL."""

    name = "wire"
    title = "The wire (mitmproxy)"
    ports = tuple(f"wire-{door}" for door in DOORS)

    def program(self, ground: Ground) -> Program:
        upstream = f"reverse:tcp://{HOST}:{ground.ports['postgres']}"
        doors = describe(ground).wire.doors
        modes = [f"--mode={upstream}@{LOOPBACK}:{port}" for port in doors.values()]
        folder = ground.folder("wire")
        return Program(
            command=[
                *(mitmdump(), "--quiet", *modes),
                *("--set", f"confdir={folder}", "--scripts", str(_project() / "addon.py")),
                # A door calls the server itself, once it knows how the client comes.
                *("--set", "connection_strategy=lazy"),
            ],
            directory=folder,
            environment={
                "AIRLOCK_DOORS": ",".join(f"{port}={door}" for door, port in doors.items()),
                "AIRLOCK_CAPTURES": str(ground.folder("wire", "captures")),
                "AIRLOCK_CERTIFICATES": str(_certificates(ground)),
                "AIRLOCK_UPSTREAM_PORT": str(ground.ports["postgres"]),
                "MALLOC_ARENA_MAX": "2",
            },
        )

    def prepare(self, ground: Ground) -> None:
        if not Path(mitmdump()).exists():
            install()
        _forge(ground)
        _forget(ground.folder("wire", "captures"))

    def check(self, ground: Ground) -> None:
        doors = describe(ground).wire.doors
        if missing := [door for door in DOORS if door not in doors]:
            raise Unhealthy(f"it runs from before an update, without {', '.join(missing)}: ./airlock up")
        for door, port in doors.items():
            try:
                socket.create_connection((LOOPBACK, port), timeout=1).close()
            except OSError as error:
                raise Unhealthy(f"wire-{door} does not listen yet") from error


def _certificates(ground: Ground) -> Path:
    return ground.folder("wire", "certificates")


def _forge(ground: Ground) -> None:
    """What the doors show: anew at every start, since good and bad are relative to now.

    All but the self-signed one come from the lab's authority. That is the point: a client trusts it.
    """
    folder, authority = _certificates(ground), ground.authority
    names = [HOST, LOOPBACK]
    tomorrow = Validity(timedelta(days=1), timedelta(days=90))
    Authority.self_signed("airlock postgres", names).write(folder, "self-signed")
    authority.server("airlock somebody else", ["somebody.else.example"]).write(folder, "wrong-host")
    authority.server("airlock postgres", names, Validity.expired()).write(folder, "expired")
    authority.server("airlock postgres", names, tomorrow).write(folder, "not-yet-valid")
    authority.server("airlock postgres", names).write(folder, "mis-issued")
    for kind in ("crt", "key"):  # stolen, not copied: PostgreSQL may renew them, or not have made them yet
        link = folder / f"stolen-key.{kind}"
        link.unlink(missing_ok=True)
        link.symlink_to(ground.folder("postgres") / f"server.{kind}")


def _forget(captures: Path) -> None:
    # Nobody looks at a recording long after the lesson that made it.
    newest = sorted(captures.glob("*.jsonl"), key=lambda file: file.stat().st_mtime, reverse=True)
    room = _ROOM
    for index, file in enumerate(newest):
        room -= file.stat().st_size
        if index >= _KEPT or room < 0:
            file.unlink()


def mitmdump() -> str:
    """The proxy's executable; it is there once `install` has run."""
    return str(_environment() / "bin" / "mitmdump")


def install() -> None:
    """Install the wire's own locked environment. Raises `Unhealthy` with uv's words when that fails."""
    from uv import find_uv_bin

    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    done = subprocess.run(
        [find_uv_bin(), "sync", "--locked", "--project", str(_project())],
        capture_output=True,
        text=True,
        check=False,
        env=environment | {"UV_PROJECT_ENVIRONMENT": str(_environment())},
    )
    if done.returncode:
        raise Unhealthy(f"installing mitmproxy failed: {done.stderr.strip()[-400:]}")


def _project() -> Path:
    return paths.course_root() / "lab-env" / "wire"


def _environment() -> Path:
    return _project() / ".venv"
