"""The wire: mitmproxy in an environment of its own, one port a situation."""

from __future__ import annotations

import os
import socket
import subprocess
from datetime import timedelta
from pathlib import Path

from airlock import paths
from airlock.lab.describe import DOORS, describe
from airlock.lab.ground import HOST, Ground
from airlock.lab.ports import LOOPBACK
from airlock.lab.service import Program, Service, Unhealthy
from airlock.pki import Authority, Validity

# Recordings that outlive a restart: how many, and how many bytes of them.
_KEPT = 500
_ROOM = 256 * 2**20


class Wire(Service):
    """mitmdump with the lab's addon, in front of PostgreSQL and of billing."""

    name = "wire"
    title = "The wire (mitmproxy)"
    ports = tuple(f"wire-{door}" for door in DOORS)

    def program(self, ground: Ground) -> Program:
        lab, doors = describe(ground), describe(ground).wire.doors
        services = {
            "postgres": lab.postgres.port,
            "billing-http": lab.billing.port,
            "billing-https": lab.billing.tls_port,
        }
        folder = ground.folder("wire")
        return Program(
            command=[
                *(mitmdump(), "--quiet", "--set", "server=false"),
                *("--set", f"confdir={folder}", "--scripts", str(_project() / "addon.py")),
                # A door calls the server itself, once it knows how the client comes.
                *("--set", "connection_strategy=lazy"),
            ],
            directory=folder,
            environment={
                "AIRLOCK_DOORS": _pairs(doors),
                "AIRLOCK_CAPTURES": str(ground.folder("wire", "captures")),
                "AIRLOCK_CERTIFICATES": str(_certificates(ground)),
                "AIRLOCK_SERVICES": _pairs(services),
                "AIRLOCK_WAREHOUSES": str(ground.folder("wire", "warehouses")),
                "MALLOC_ARENA_MAX": "2",
                "PYTHONUNBUFFERED": "1",
            },
        )

    def prepare(self, ground: Ground) -> None:
        if not Path(mitmdump()).exists():
            install()
        _forge(ground)
        for captures in (ground.folder("wire", "captures"), *ground.folder("wire", "warehouses").glob("*/captures")):
            _forget(captures)

    def check(self, ground: Ground) -> None:
        doors = describe(ground).wire.doors
        if missing := [door for door in DOORS if door not in doors]:
            raise Unhealthy(f"it runs from before an update, without {', '.join(missing)}: ./airlock up")
        for door, port in doors.items():
            try:
                socket.create_connection((LOOPBACK, port), timeout=1).close()
            except OSError as error:
                raise Unhealthy(f"wire-{door} does not listen yet") from error


def _pairs(ports: dict[str, int]) -> str:
    return ",".join(f"{name}={port}" for name, port in ports.items())


def _certificates(ground: Ground) -> Path:
    return ground.folder("wire", "certificates")


def _forge(ground: Ground) -> None:
    """What the doors show: anew at every start, since good and bad are relative to now.

    All but the self-signed one come from the lab's authority. That is the point: a client trusts it. The self-signed
    one stays: in the capstone somebody trusts it.
    """
    folder, authority = _certificates(ground), ground.authority
    names = [HOST, LOOPBACK]
    tomorrow = Validity(timedelta(days=1), timedelta(days=90))
    if not (folder / "self-signed.key").exists():
        Authority.self_signed("airlock server", names, Validity.days(3650)).write(folder, "self-signed")
    authority.server("airlock somebody else", ["somebody.else.example"]).write(folder, "wrong-host")
    authority.server("airlock server", names, Validity.expired()).write(folder, "expired")
    authority.server("airlock server", names, tomorrow).write(folder, "not-yet-valid")
    authority.server("airlock server", names).write(folder, "mis-issued")
    for name, service in (("stolen-key", "postgres"), ("http-stolen-key", "billing")):
        for kind in ("crt", "key"):  # stolen, not copied: the service may renew them, or not have made them yet
            link = folder / f"{name}.{kind}"
            link.unlink(missing_ok=True)
            link.symlink_to(ground.folder(service) / f"server.{kind}")


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


def sslyze() -> str:
    """The scanner's executable, in the same environment. Not there on a machine that it has no wheel for."""
    return str(_environment() / "bin" / "sslyze")


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
