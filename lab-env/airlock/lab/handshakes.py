"""A learner's own TLS session, recorded a moment ago together with its keys.

The eavesdropper records what anybody on the link sees. The keys come from the learner's own client, which writes
them down for whoever runs it; without them the recording stays closed.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Literal

import psycopg

from airlock.lab.description import LabDown
from airlock.lab.postgres import connect, local_port
from airlock.lab.view import View
from airlock.wire.captures import Connection, record

Version = Literal["TLSv1.3", "TLSv1.2"]
QUERY = "select name, price from products order by id limit 3"
_DOOR = "eavesdropper"
_FIRST_LIBPQ = 180000


class NoKeyLog(Exception):
    """This client cannot write a session's keys down."""


def own_handshake(view: View | None = None, version: Version = "TLSv1.3", query: str = QUERY) -> Connection:
    """Log in to the shop through the eavesdropper with `verify-full`, run a query, and return what was recorded.

    ``view`` defaults to this process's own. `Connection.keys` has the session's key log for the client's leg:
    ``decode(connection.chunks(), keys=connection.keys["client"])`` opens it. Takes about a tenth of a second.

    Raises:
        NoKeyLog: libpq is older than 18.
        LabDown: a service does not answer, or nothing was recorded.
        psycopg.Error: the server refused the query.
    """
    if psycopg.pq.version() < _FIRST_LIBPQ:
        found = psycopg.pq.version() // 10000
        raise NoKeyLog(
            f"psycopg uses libpq {found} here, which cannot write a session's keys down: the option sslkeylogfile came "
            "with libpq 18. The course's own psycopg[binary] has it: unset PSYCOPG_IMPL, or run uv sync."
        )
    view = view or View.current()
    with tempfile.TemporaryDirectory(prefix="airlock-keys-") as folder:
        keys = Path(folder) / "keys.log"
        os.close(os.open(keys, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with record(view.lab.wire, _DOOR) as recording:
            options = {"ssl_min_protocol_version": version, "ssl_max_protocol_version": version}
            login = replace(view.shop, port=recording.port)
            with connect(login, ca_file=view.lab.ca_file, sslkeylogfile=str(keys), **options) as session:
                client = local_port(session)
                session.execute(query.encode())
        connection = next((each for each in recording.connections if each.client[1] == client), None)
        if connection is None:
            raise LabDown("The session went through, but the wire has no recording of it.", "./airlock doctor")
        connection.keys["client"] = keys.read_text().splitlines()
    return connection
