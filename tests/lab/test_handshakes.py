"""The learner's own session, recorded with its keys."""

from __future__ import annotations

import tempfile
from pathlib import Path

import psycopg
import pytest

from airlock.lab import View
from airlock.lab.handshakes import NoKeyLog, Version, own_handshake
from airlock.wire import Message, decode
from airlock.wire.loot import loot, loot_of

pytestmark = pytest.mark.lab


def inside(messages: list[Message]) -> list[Message]:
    return [each for message in messages for each in message.inside]


@pytest.mark.parametrize("version", ["TLSv1.3", "TLSv1.2"])
def test_the_keys_give_back_what_the_eavesdropper_cannot_read(
    view: View, version: Version, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    connection = own_handshake(view, version, "select name from products where id = 2")
    assert list(tmp_path.iterdir()) == []
    assert loot([connection]).sql == ()
    messages = list(decode(connection.chunks(), keys=connection.keys["client"]))
    assert all(each.opening for each in messages if each.kind == "EncryptedRecord")
    read = loot_of(inside(messages))
    assert (read.user, read.sql) == (view.shop.user, ("select name from products where id = 2",))
    assert read.rows == (("brass compass",),)
    hello = next(each for each in messages if each.kind == "ServerHello")
    found = hello.get("selected_version") or hello.get("legacy_version")
    assert str(found) == version.replace("v", " ")
    certificates = [each for each in messages if each.kind == "Certificate" and each.sender == "server"]
    assert bool(certificates) == (version == "TLSv1.2")


def test_a_query_the_server_refuses_is_the_servers_word(view: View) -> None:
    with pytest.raises(psycopg.errors.UndefinedTable):
        own_handshake(view, query="select * from nowhere")


def test_an_old_libpq_is_told_by_name(view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psycopg.pq, "version", lambda: 170005)
    with pytest.raises(NoKeyLog, match=r"libpq 17 .* libpq 18"):
        own_handshake(view)
