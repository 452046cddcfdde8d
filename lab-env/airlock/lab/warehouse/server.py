"""The warehouse's server: started, stopped, told to read its files anew; and what it says to that."""

from __future__ import annotations

import os
import re
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import psycopg.pq

from airlock.lab import cluster
from airlock.lab.description import LabDown
from airlock.lab.ports import LOOPBACK
from airlock.lab.postgres import Session
from airlock.lab.service import Program
from airlock.lab.supervisor import Supervisor
from airlock.lab.warehouse.place import Place

_PATIENCE = 60.0  # seconds; it needs less than one
_PAUSE = 0.03
_SSL_REQUEST = bytes.fromhex("0000000804d2162f")
_PREFIX = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}) (\S+) \[\d+\] ")
# What a server says of itself at every start, and of every session.
_USUAL = re.compile(
    r"starting PostgreSQL|listening on|database system is|received SIGHUP|received fast shutdown|checkpoint|"
    r"aborting any active|terminating connection|background worker|connection (received|authenticated|authorized)|"
    r"disconnection:|the database system is starting up|redirecting|database system was"
)
# Sessions over the Unix socket.
_OWNER = " [local] "


class Refused(ValueError):
    """PostgreSQL does not do it.

    Attributes:
        log: what it said.
    """

    def __init__(self, message: str, log: list[str] | None = None) -> None:
        super().__init__(message)
        self.log = log or []


@dataclass(frozen=True)
class Status:
    """The server, asked now.

    Attributes:
        running: whether it runs.
        tls: whether it says yes to a client that asks for TLS. The setting ``ssl`` may say something else.
        detail: in words.
    """

    running: bool
    tls: bool
    detail: str


class Server:
    """One team's server."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._supervisor = Supervisor(place.ground)

    def announce(self) -> None:
        """Make it known to the supervisor. Raises `LabDown`."""
        self._supervisor.join(self._place.name, self._program())

    def start(self) -> list[str]:
        """Start it unless it runs, and return what it said. Raises `Refused` with its own words, or `LabDown`."""
        place = self._place
        if self.running():
            return []
        self.stop()  # one that ended by itself is being tried again
        self.announce()
        begin = self._size()
        self._supervisor.start(place.name)
        deadline = time.monotonic() + _PATIENCE
        while not self._answers():
            if not self.running() or time.monotonic() > deadline:
                self._supervisor.stop(place.name)  # it would try again: what it refuses once it refuses again
                said = telling(self.lines(begin))
                words = "; ".join(said).rstrip(".") or "nothing"
                raise Refused(f"PostgreSQL does not start. It says: {words}", said)
            time.sleep(_PAUSE)
        return telling(self.lines(begin))

    def stop(self) -> None:
        """Stop it; its clients lose their sessions."""
        if self._place.name in self._supervisor.states():
            self._supervisor.stop(self._place.name)

    def forget(self) -> None:
        """Stop it, and take it off the supervisor's list."""
        self._supervisor.leave(self._place.name)

    def reload(self, password: str) -> list[str]:
        """Tell it to read its files anew, and return what it said. What it cannot use it does not take over.

        Raises:
            Refused: it does not run.
        """
        begin = self._size()
        with self.administrator(password) as session:
            session.execute("select pg_reload_conf()")
        # The postmaster looks at what it was told before it lets anybody in (its ServerLoop).
        self._catch_up(password)
        return telling(self.lines(begin))

    def said(self, password: str) -> list[str]:
        """The lines of its log, all that it has written up to now. The file alone may be behind."""
        if self.running():
            with suppress(Refused):  # it is just starting, or stopping
                self._catch_up(password)
        return self.lines()

    def running(self) -> bool:
        """Whether the supervisor has it running; where a busy supervisor does not say, whether the server answers."""
        states = self._supervisor.states()
        if not states:
            return self._answers()
        state = states.get(self._place.name)
        return state is not None and state.running

    def status(self) -> Status:
        """What it does now."""
        if not self.running():
            said = telling(self.lines(0))[-1:]
            detail = f"stopped. It said last: {said[0]}" if self._place.wanted.exists() and said else "stopped"
            return Status(False, False, detail)
        tls = self._offers_tls()
        return Status(True, tls, "answers, and offers TLS" if tls else "answers, without TLS")

    def administrator(self, password: str, database: str = cluster.ADMIN, **options: str) -> Session:
        """A session as the superuser over the Unix socket. Raises `Refused` where it does not run."""
        place = self._place
        try:
            return psycopg.connect(
                host=os.fspath(place.socket_folder),
                port=place.port,
                user=cluster.ADMIN,
                password=password,
                dbname=database,
                autocommit=True,
                **options,  # type: ignore[arg-type]
            )
        except psycopg.OperationalError as error:
            if not self.running():
                raise Refused("the warehouse does not run: lab.warehouse.start() starts it") from None
            raise Refused(f"the warehouse does not let its owner in: {error}") from None

    def lines(self, begin: int = 0) -> list[str]:
        """The lines of its log from a place in the file on."""
        try:
            with self._place.log.open("rb") as log:
                log.seek(begin if begin <= self._size() else 0)  # the supervisor has begun a new file
                return log.read().decode(errors="replace").splitlines()
        except FileNotFoundError:
            return []

    def _size(self) -> int:
        with suppress(FileNotFoundError):
            return self._place.log.stat().st_size
        return 0

    def _catch_up(self, password: str) -> None:
        """Wait until the log's file has what was written before: the supervisor stands between, and may be busy."""
        begin, mark = self._size(), f"airlock-{secrets.token_hex(4)}"
        with self.administrator(password, options="-c log_min_messages=log -c log_statement=all") as session:
            session.execute(f"select '{mark}'".encode())
        deadline = time.monotonic() + _PATIENCE
        while not any(mark in line for line in self.lines(begin)):
            if time.monotonic() > deadline:
                raise LabDown("The warehouse's log is silent.", "./airlock doctor")
            time.sleep(_PAUSE)

    def _program(self) -> Program:
        place = self._place
        fixed = {
            **{"config_file": place.main, "hba_file": place.rules, "unix_socket_directories": place.socket_folder},
            **{
                "listen_addresses": LOOPBACK,
                "port": place.port,
                "logging_collector": "off",
                "log_destination": "stderr",
            },
        }
        words = [word for name, value in fixed.items() for word in ("-c", f"{name}={value}")]
        return Program(
            command=[
                *cluster.program("postgres", place.main.parent, place.socket_folder),
                "-D",
                str(place.data),
                *words,
            ],
            directory=place.data,
            stop_signal="INT",  # fast shutdown: do not wait for clients
        )

    def _answers(self) -> bool:
        words = psycopg.conninfo.make_conninfo(
            host=os.fspath(self._place.socket_folder), port=self._place.port, user=cluster.ADMIN, dbname=cluster.ADMIN
        )
        return psycopg.pq.PGconn.ping(words.encode()) == psycopg.pq.Ping.OK

    def _offers_tls(self) -> bool:
        with suppress(OSError), socket.create_connection((LOOPBACK, self._place.port), timeout=3) as link:
            link.sendall(_SSL_REQUEST)
            return link.recv(1) == b"S"
        return False


def telling(lines: list[str]) -> list[str]:
    """Lines of a log without time stamps, and without what a server always says."""
    bare = [_PREFIX.sub("", line) for line in lines if _OWNER not in line]
    return [line for line in bare if line.strip() and not _USUAL.search(line)]


def since(lines: list[str], begin: float) -> Iterator[str]:
    """The lines from a moment on, in seconds since 1970, but for the owner's own sessions.

    A line without a time belongs to the one before it.
    """
    counts = False
    for line in lines:
        if stamp := _PREFIX.match(line):
            counts = moment(stamp[1]) >= begin and _OWNER not in line
        if counts:
            yield line


def moment(stamp: str) -> float:
    """A time stamp of the log, in seconds since 1970."""
    return datetime.fromisoformat(stamp).replace(tzinfo=UTC).timestamp()


def own_folder(path: Path) -> None:
    """Make a folder that the server may write to, and nobody else."""
    path.mkdir(exist_ok=True, mode=0o700)
    cluster.give(path)
