"""Judge of task 5.8: one connection, used on every path, past an eavesdropper and past attackers with real
certificates."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack

from airlock.checks.catalogue import task
from airlock.checks.hook import PATHS, Used, used
from airlock.checks.lesson1_forms import Fields, Unreadable, read
from airlock.checks.lesson5_certificates import papers
from airlock.checks.lesson5_mutual import no_session
from airlock.checks.lesson5_server import running
from airlock.checks.report import Report, failed, passed
from airlock.checks.world import NotAttempted, World
from airlock.lab import View, environment
from airlock.lab.airflow import AirflowClient
from airlock.lab.warehouse import Warehouse
from airlock.wire.captures import record
from airlock.wire.loot import Loot, loot

HONEST = "eavesdropper"
ATTACKERS = ("cleartext-forged", "self-signed", "wrong-host", "expired", "mis-issued", "stolen-key")
# These two have a certificate that any client accepts; they end at the server, which wants the client's.
_ACCEPTED = ("mis-issued", "stolen-key")
_QUERY = "select ssl, version, client_dn, (select count(*) from orders) from pg_stat_ssl where pid = pg_backend_pid()"


def conn_id(view: View) -> str:
    """The id of the connection that the task is about."""
    return f"{view.prefix}_warehouse"


@task(
    "5.8",
    "The DAG, on every path",
    4,
    hints=(
        "The DAG finds a connection by its id, in the environment of your tasks. As JSON it is the one of 5.7, "
        "with one extra "
        "more: which one is the engine's?",
        "`mutual.as_json()` gives the fields; `extra` in it is text. `sqlalchemy_query` is a dict with the same "
        "four settings: "
        "`sslmode`, `sslrootcert`, `sslcert`, `sslkey`.",
        '`fields = json.loads(mutual.as_json()) | {"extra": json.dumps(tls | {"sqlalchemy_query": tls})}`, then '
        '`lab.environment.set(me.conn_id("warehouse"), json.dumps(fields))`. `tls` is the dict of the four.',
    ),
    needs=("5.7",),
)
def every_path(world: World) -> Report:
    """Mutual TLS and verify-full by `get_conn`, by the engine and in the running Airflow; no attacker reads
    anything."""
    view = world.view
    value = environment.connections(view).get(conn_id(view).upper())
    if value is None:
        raise NotAttempted("There is no connection of that id in the environment of your tasks.")
    made, warehouse = papers(world.value("pem")), running(view)
    if isinstance(made, Report):
        return made
    if isinstance(warehouse, Report):
        return warehouse
    try:
        fields = read(value)
    except Unreadable as error:
        return failed(
            f"Airflow cannot read the connection: {error}.",
            "A task is told that it isn't defined.",
            "JSON on one line; `extra` an object, or the text of one.",
            "unreadable",
        )
    if fields.port != warehouse.port:
        return failed(
            f"The connection leads to port {fields.port}, and your warehouse listens on another one.",
            "The best settings are of no use at the wrong door.",
            "`lab.warehouse.port`",
            "other-port",
        )
    warehouse.impostors(made.root, made.root_key)
    try:
        return _paths(warehouse, fields) or _dag(view, warehouse, fields)
    finally:
        warehouse.impostors()


def _through(fields: Fields, port: int) -> str:
    """The connection, led through a door: the port is the attacker's, everything else is the learner's."""
    named = {"conn_type": fields.conn_type, "host": fields.host, "login": fields.login, "schema": fields.schema}
    named |= {"password": fields.password}
    written = {name: each for name, each in named.items() if each}
    return json.dumps(written | {"port": port, "extra": dict(fields.extra)})


def _paths(warehouse: Warehouse, fields: Fields) -> Report | None:
    doors = (HONEST, *ATTACKERS)
    with ExitStack() as tapes:
        recordings = [tapes.enter_context(record(warehouse.wire, door, patience=1.0)) for door in doors]
        came = used([_through(fields, warehouse.doors[door]) for door in doors], _QUERY)
    gained = {door: loot(tape.connections) for door, tape in zip(doors, recordings, strict=True)}
    outcomes = dict(zip(doors, came, strict=True))
    for path, name in PATHS.items():
        if report := _honest(path, name, outcomes[HONEST][path], gained[HONEST]):
            return report
    for door in ATTACKERS:
        for path, name in PATHS.items():
            if report := _attacked(door, path, name, outcomes[door][path], gained[door]):
                return report
    return None


def _honest(path: str, name: str, came: Used, gained: Loot) -> Report | None:
    if came.said and path == "engine":
        return failed(
            f"`get_conn` works. Over {name} no session comes about: {_last(came.said)}",
            "The engine knows nothing of your certificates: its URL takes its query from one extra. This server "
            "refuses it; "
            "another one would let it in, unverified.",
            "`sqlalchemy_query`, with the same settings.",
            "engine-left-out",
            share=0.5,
        )
    if came.said:
        return no_session(_last(came.said))
    encrypted, version, name_seen, _ = came.rows[0]
    if not encrypted or not name_seen or gained.is_session:
        return failed(
            f"Over {name} a session comes about, and it is not mutual TLS (the server says: {version or 'no TLS'}).",
            "What one path has, the other one may lack.",
            "Compare what the extras and `sqlalchemy_query` say.",
            "not-mutual",
        )
    return None


def _attacked(door: str, path: str, name: str, came: Used, gained: Loot) -> Report | None:
    if gained.is_session or gained.password or not came.said:
        had = "the password" if gained.password else "the session"
        return failed(
            f"Over {name}, with `{door}` on the link, the attacker has {had}.",
            "It is encrypted, with him.",
            "A connection that logs in by certificate needs no password. And what does this path verify?",
            "attacker-reads",
            share=0.5,
        )
    verified = "certificate verify failed" in came.said or "does not match host name" in came.said
    if not verified and door not in _ACCEPTED:
        which = "engine-not-verified" if path == "engine" else "get-conn-not-verified"
        return failed(
            f"Over {name}, the client accepted the certificate of `{door}`. That he got no further is the "
            f"server's doing: he "
            "has no key of the client.",
            "Whoever can be the server can ask for more, and answer what he likes.",
            "`verify-full` and your root, on this path, too.",
            which,
            share=0.5,
        )
    return None


def _dag(view: View, warehouse: Warehouse, fields: Fields) -> Report:
    """Run the DAG twice at once: as it is, and past the eavesdropper. The report of the run is in the warehouse."""
    past, began = f"{conn_id(view)}_overheard", time.time()
    environment.set_connection(view, past, _through(fields, warehouse.doors[HONEST]))
    try:
        with record(warehouse.wire, HONEST, patience=2.0) as tape:
            run = AirflowClient(view.lab).run_dag("orders_report", {"conn_id": past, "team": view.prefix})
    finally:
        environment.unset_connection(view, past)
    gained = loot(tape.connections)
    with warehouse.admin() as session:
        written = session.execute("select count(*) from reports where run_id = %s", [run.run_id]).fetchone()
    if run.state != "success" or written != (1,):
        return failed(
            f"Every path works here. A run of `orders_report` in the running Airflow came to: {run.state}.",
            "A task runs in another process, on another day: with the files that lie where the connection says.",
            "Paths in the connection are whole paths, to files in `files`. The run's log is in Airflow.",
            "run-failed",
            share=0.5,
        )
    seen = [line for line in warehouse.log(began) if "SSL enabled" in line or "method=cert" in line]
    return passed(
        f"`orders_report` ran in Airflow in {run.seconds:.0f} s and wrote its report. On every path the server "
        f"saw your "
        f"certificate ({len(seen)} lines of its log say so), and an eavesdropper had {len(gained.rows)} rows and "
        f"{len(gained.sql)} statements. {len(ATTACKERS)} attackers, with certificates of your own authority and "
        f"with the "
        "server's stolen key, got no password, no statement and no row.",
        "Two proofs, from two sides: what the server says of the session, and what the wire gives away.",
    )


def _last(said: str) -> str:
    return said.strip().split("failed: ")[-1].splitlines()[0][:240]
