"""Clients that come through a door, and what its recording says of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg

from airlock.lab import Login, View
from airlock.wire.captures import Connection, Layer, Leg, Recording
from airlock.wire.matrix import Authentication, ServerRule

Logins = Mapping[tuple[ServerRule, Authentication], Login]


def enter(view: View, login: Login, door: str, **options: Any) -> psycopg.Connection[Any]:
    """A session through a door, as a client whose DNS was spoofed; `verify-full` unless told."""
    return psycopg.connect(
        host=login.host,
        hostaddr="127.0.0.1",
        port=view.lab.wire.doors[door],
        dbname=login.database,
        user=login.user,
        password=login.password,
        autocommit=True,
        connect_timeout=10,
        **{"sslmode": "verify-full", "sslrootcert": view.lab.ca_file} | options,
    )


def only(recording: Recording) -> Connection:
    (connection,) = recording.connections
    return connection


def joined(connection: Connection, leg: Leg, layer: Layer, sender: str) -> bytes:
    return b"".join(chunk.data for chunk in connection.chunks(leg, layer) if chunk.sender == sender)
