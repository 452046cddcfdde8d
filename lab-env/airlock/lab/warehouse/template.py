"""The cluster that every warehouse begins as: made once a lab, then copied."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import psycopg

from airlock.lab import cluster
from airlock.lab.description import LabDown
from airlock.lab.locks import exclusive
from airlock.lab.postgres import Session
from airlock.lab.service import Unhealthy
from airlock.lab.shop import fill
from airlock.lab.warehouse.place import Place

DATABASE = "warehouse"
_SECRET = "warehouse-template"
_PATIENCE = 60.0  # seconds


def password(place: Place) -> str:
    """The administrator's password in a fresh copy."""
    return place.ground.secret(_SECRET)


def copy_to(place: Place) -> None:
    """Make the data of a warehouse anew. Raises `LabDown` when PostgreSQL's own programs do not do their part."""
    template = make(place)
    shutil.rmtree(place.data, ignore_errors=True)
    shutil.copytree(template / "data", place.data)
    cluster.give_all(place.data)


def make(place: Place) -> Path:
    """The folder of what is copied, made when it is missing. Raises `LabDown` as `copy_to` does."""
    template = place.ground.folder("warehouse") / "template"
    with exclusive(place.lab, _SECRET):
        if not (template / "complete").exists():
            try:
                _make(place, template)
            except (Unhealthy, psycopg.Error) as why:
                raise LabDown(f"The warehouse's database could not be made: {why}", "./airlock doctor") from why
    return template


def _make(place: Place, template: Path) -> None:
    shutil.rmtree(template, ignore_errors=True)
    template.mkdir(mode=0o700)
    cluster.give(template)
    data = template / "data"
    cluster.initialise(data, password(place), "--wal-segsize=1")
    shutil.rmtree(socket := place.socket_folder, ignore_errors=True)
    socket.mkdir(mode=0o700)
    cluster.give(socket)
    with (template / "log").open("wb") as log:
        server = subprocess.Popen(
            [
                *cluster.program("postgres", template, socket),
                *("-D", str(data), "-c", "listen_addresses=", "-c", "port=1", "-c", "fsync=off"),
                *("-c", f"unix_socket_directories={socket}"),
            ],
            cwd=data,
            stdout=log,
            stderr=log,
        )
        try:
            with _administrator(socket, password(place), "postgres", server) as session:
                session.execute(f"create database {DATABASE}")
            with _administrator(socket, password(place), DATABASE, server) as session:
                fill(session)
        finally:
            server.terminate()
            server.wait()
    (template / "complete").touch()


def _administrator(socket: Path, password: str, database: str, server: subprocess.Popen[bytes]) -> Session:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            return psycopg.connect(
                host=os.fspath(socket), port=1, user=cluster.ADMIN, password=password, dbname=database, autocommit=True
            )
        except psycopg.OperationalError as error:
            if server.poll() is not None or time.monotonic() > deadline:
                raise Unhealthy(f"it does not start: {error}") from error
        time.sleep(0.03)
