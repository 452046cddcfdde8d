"""Alerts: why a connection ends, in the clear or opened with the session's keys."""

from __future__ import annotations

from airlock.wire.message import Shape
from airlock.wire.notes import Notes
from airlock.wire.tls.handshake import PROTOCOL, record_header
from airlock.wire.tls.names import ALERT_LEVELS, ALERT_MEANINGS, ALERTS


def _content(notes: Notes) -> None:
    notes.number(1, "level", "TLS 1.3 ignores it: every alert but close_notify ends the connection", ALERT_LEVELS)
    number = int.from_bytes(notes.peek(1))
    notes.number(1, "description", ALERT_MEANINGS.get(number, "why the sender ends the connection"), ALERTS)


def _record(notes: Notes) -> None:
    record_header(notes)
    _content(notes)


ALERT = Shape(PROTOCOL, "Alert", "says why a connection ends", _record)
ALERT_INSIDE = Shape(PROTOCOL, ALERT.kind, ALERT.explanation, _content)
