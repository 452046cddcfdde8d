"""PostgreSQL with TLS, from a wheel."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

import psycopg

from airlock.lab import cluster
from airlock.lab.describe import describe
from airlock.lab.description import LabDown
from airlock.lab.ground import Ground
from airlock.lab.ports import LOOPBACK
from airlock.lab.postgres import connect_admin
from airlock.lab.rules import make_groups
from airlock.lab.service import Program, Service, Unhealthy
from airlock.lab.shop import make_shop_template


class Postgres(Service):
    """The database server: Airflow's metadata and every learner's shop."""

    name = "postgres"
    title = "PostgreSQL"
    ports = ("postgres",)

    def program(self, ground: Ground) -> Program:
        folder = _folder(ground)
        return Program(
            command=[
                *cluster.program("postgres", folder),
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
        cluster.give(folder, certificate, key, folder / "ca.crt", hba, configuration)
        cluster.give_all(folder / "data")
        if not (folder / "data" / "PG_VERSION").exists():
            cluster.initialise(folder / "data", ground.secret("postgres-admin"))

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
