"""Sessions with the lab's real PostgreSQL, decoded by the eavesdropper to the last byte."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import md5

import psycopg
import pytest

from airlock.lab import View
from airlock.lab.postgres import connect
from airlock.lab.rules import ruled_logins
from airlock.wire import Message, Status, decode
from airlock.wire.captures import record
from tests.wire.talks import named, sides
from tests.wire.test_captures import through

pytestmark = pytest.mark.lab


def session(view: View, work: Callable[[psycopg.Connection], object], **libpq: str) -> list[Message]:
    """What the eavesdropper decodes of a real session."""
    with record(view.lab.wire, "eavesdropper") as recording:
        with connect(through(view, "eavesdropper").shop, **libpq) as link:
            work(link)
    (connection,) = recording.connections
    messages = list(decode(connection.chunks()))
    for side in ("client", "server"):
        assert sides(messages)[side] == recording.sent(side)
    return messages


def test_a_real_session_is_understood_to_the_last_byte(view: View) -> None:
    def work(link: psycopg.Connection) -> None:
        link.execute("select id, name from products where id < %s order by id", [3])
        link.execute("select true as a, null as b, 1.5 as c")
        with pytest.raises(psycopg.errors.UndefinedColumn):
            link.execute("select nope")
        link.rollback()
        with link.cursor().copy("copy (select 1, 'x') to stdout") as copy:
            assert list(copy) == [b"1\tx\n"]

    messages = session(view, work, sslmode="disable")
    assert {message.status for message in messages} == {Status.COMPLETE}
    assert named(messages, "StartupMessage").get("user") == view.shop.user
    first, final = named(messages, "AuthenticationSASLContinue"), named(messages, "SASLResponse")
    assert str(first.get("nonce")).startswith(str(named(messages, "SASLInitialResponse").get("nonce")))
    assert (first.get("iterations"), final.get("nonce")) == ("4096", first.get("nonce"))
    assert "id < $1" in str(named(messages, "Parse").get("query"))
    assert named(messages, "DataRow").get("id") == "1"
    row = next(message for message in messages if message.kind == "DataRow" and message.get("c"))
    assert row.all("value") == ["t", None, "1.5"]
    assert named(messages, "ErrorResponse").get("code") == "42703"
    assert named(messages, "CopyData").get("data") == "1\tx\n"
    assert messages[-1].kind == "Terminate"


def test_a_real_session_under_tls_shows_its_hellos_and_no_more(view: View) -> None:
    messages = session(view, lambda link: link.execute("select 'canary'"), sslrootcert=str(view.lab.ca_file))
    assert {message.status for message in messages} == {Status.COMPLETE}
    assert [message.kind for message in messages][:3] == ["SSLRequest", "SSLResponse", "ClientHello"]
    assert named(messages, "ClientHello").get("host_name") == "localhost"
    assert "X25519MLKEM768" in named(messages, "ClientHello").all("group")
    assert named(messages, "ServerHello").get("selected_version") == "TLS 1.3"
    assert {message.kind for message in messages[-4:]} == {"EncryptedRecord"}


def test_a_refused_login_is_readable(view: View) -> None:
    with record(view.lab.wire, "eavesdropper") as recording, pytest.raises(psycopg.OperationalError):
        connect(replace(through(view, "eavesdropper").shop, password="guess"), sslmode="disable")
    messages = list(decode(recording.connections[0].chunks()))
    assert named(messages, "ErrorResponse").get("code") == "28P01"


def test_real_md5_and_clear_text_logins_are_told_apart(view: View) -> None:
    with ruled_logins(view) as logins:
        for authentication in ("md5", "password"):
            login = replace(logins["host", authentication], port=view.lab.wire.doors["eavesdropper"])
            with record(view.lab.wire, "eavesdropper") as recording, connect(login, sslmode="disable"):
                pass
            messages = list(decode(recording.connections[0].chunks()))
            shown = named(messages, "PasswordMessage").get("password")
            if authentication == "password":
                assert shown == login.password
                continue
            salt = named(messages, "AuthenticationMD5Password").get("salt")
            assert isinstance(salt, bytes)
            stored = md5((login.password + login.user).encode()).hexdigest()
            assert shown == "md5" + md5(stored.encode() + salt).hexdigest()
