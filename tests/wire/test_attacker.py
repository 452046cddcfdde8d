"""What the attackers' parts do by themselves. They live in mitmproxy's environment; these need nothing of it."""

from __future__ import annotations

import hashlib
import importlib
import json
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from airlock.lab.describe import DOORS
from airlock.lab.ground import Ground
from airlock.lab.service import Unhealthy
from airlock.lab.services.wire import Wire
from airlock.wire.captures import read

WIRE = Path(__file__).resolve().parents[2] / "lab-env" / "wire"


@pytest.fixture(scope="module", autouse=True)
def _importable() -> Iterator[None]:
    sys.path.insert(0, str(WIRE))
    yield
    sys.path.remove(str(WIRE))


def part(name: str) -> Any:
    return importlib.import_module(f"attacker.{name}")


def message(tag: bytes, body: bytes) -> bytes:
    return tag + struct.pack("!I", 4 + len(body)) + body


def test_every_door_of_the_lab_is_known_to_the_attackers() -> None:
    assert set(part("doors").DOORS) == set(DOORS)


@given(st.lists(st.binary(max_size=40), max_size=6), st.integers(1, 7))
def test_messages_are_cut_the_same_whatever_the_chunks(bodies: list[bytes], size: int) -> None:
    messages = [message(b"S", body) for body in bodies]
    stream = b"".join(messages) + b"R\0"
    framer = part("postgres").Framer()
    found = [each for at in range(0, len(stream), size) for each in framer.feed(stream[at : at + size])]
    assert (found, framer.rest) == (messages, b"R\0")


@given(st.binary(max_size=200))
def test_any_bytes_are_either_incomplete_a_message_or_nonsense(data: bytes) -> None:
    postgres = part("postgres")
    try:
        for each in postgres.Framer().feed(data):
            postgres.authentication(each)
            postgres.refuses_the_link(each)
            postgres.password_in(each)
    except postgres.Nonsense:
        pass
    try:
        if packet := postgres.startup_packet(data):
            postgres.startup_code(packet)
            postgres.startup_user(packet)
    except postgres.Nonsense:
        pass


def test_only_the_offer_of_channel_binding_is_taken_away() -> None:
    offer = message(b"R", struct.pack("!I", 10) + b"SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0")
    kept = message(b"R", struct.pack("!I", 10) + b"SCRAM-SHA-256\0\0")
    assert part("postgres").without_channel_binding(offer) == kept
    assert part("postgres").without_channel_binding(kept) == kept


def test_md5_is_answered_as_postgresql_wants_it() -> None:
    salt = b"\x01\x02\x03\x04"
    answer = part("login").Login("app", "s3cret").answer(message(b"R", struct.pack("!I", 5) + salt))
    inner = hashlib.md5(b"s3cretapp").hexdigest().encode()
    assert answer == message(b"p", b"md5" + hashlib.md5(inner + salt).hexdigest().encode() + b"\0")


def test_scram_is_answered_as_in_rfc_7677(monkeypatch: pytest.MonkeyPatch) -> None:
    login = part("login").Login("user", "pencil")
    # The RFC's example, with its nonce and its user name, which PostgreSQL leaves out.
    monkeypatch.setattr(login, "_first", b"n=user,r=rOprNGfwEbeRWgbNEkqO")
    challenge = b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
    answer = login.answer(message(b"R", struct.pack("!I", 11) + challenge))
    assert answer.endswith(b"p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")


def told(*events: h11.Event) -> list[h11.Event]:
    answers = part("strip").Answers()
    return [each for event in events for each in answers.told(event)]


def answer(kind: bytes, **headers: bytes) -> h11.Response:
    named = [(name.replace("_", "-").encode(), value) for name, value in headers.items()]
    return h11.Response(status_code=200, headers=[(b"Content-Type", kind), *named])


def test_what_would_lead_back_to_tls_is_taken_out_of_a_head() -> None:
    heard = answer(
        b"text/html",
        Location=b"https://shop.example/a?u=https://b",
        Set_Cookie=b"id=1; Secure; HttpOnly; path=/; securely=1",
        Strict_Transport_Security=b"max-age=9",
        Content_Length=b"9",
        X_Other=b"https://stays",
    )
    (head,) = told(heard)
    assert dict(head.headers) == {
        b"content-type": b"text/html",
        b"location": b"http://shop.example/a?u=http://b",
        b"set-cookie": b"id=1; HttpOnly; path=/; securely=1",
        b"x-other": b"https://stays",
    }


@given(st.lists(st.sampled_from([b"https://", b"http", b"s:", b"//", b"h", b"x"]), max_size=12), st.integers(1, 9))
def test_links_are_rewritten_wherever_the_chunks_are_cut(words: list[bytes], size: int) -> None:
    body = b"".join(words)
    chunks = [h11.Data(data=body[at : at + size]) for at in range(0, len(body), size)]
    parts = told(answer(b"application/json"), *chunks, h11.EndOfMessage())
    assert b"".join(part.data for part in parts if isinstance(part, h11.Data)) == body.replace(b"https://", b"http://")
    same = told(answer(b"image/png"), *chunks, h11.EndOfMessage())
    assert b"".join(part.data for part in same if isinstance(part, h11.Data)) == body


def test_the_service_is_asked_for_what_can_be_rewritten() -> None:
    headers = [(b"Host", b"a"), (b"Accept-Encoding", b"gzip"), (b"Upgrade", b"h2c"), (b"Authorization", b"Basic eA==")]
    heard = part("strip").asked(h11.Request(method=b"GET", target=b"/a", headers=headers))
    assert dict(heard.headers) == {b"host": b"a", b"authorization": b"Basic eA=="}
    older = part("strip").asked(h11.Request(method=b"GET", target=b"/a", headers=[], http_version=b"1.0"))
    assert dict(older.headers) == {b"host": b"localhost"}


def test_notes_end_before_the_disk_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notes = part("notes")
    monkeypatch.setattr(notes, "LIMIT", 10)
    book = notes.Notes(tmp_path, "downgrade", ("127.0.0.1", 4), ("127.0.0.1", 5), passive=False)
    for data in (b"12345", b"67890", b"too much", b"x"):
        book.chunk("client", "raw", "client", data)
    book.close()
    book.chunk("client", "raw", "client", b"late")  # the last bytes may come after the end
    connection = read(next(tmp_path.iterdir()))
    assert [chunk.data for chunk in connection.messages] == [b"12345", b"67890"]
    assert (connection.full, connection.ended, connection.passive) == (True, True, False)
    assert (connection.door, connection.client, connection.address) == ("downgrade", ("127.0.0.1", 4), ("127.0.0.1", 5))


def test_a_lab_that_runs_from_before_an_update_is_told_so(tmp_path: Path) -> None:
    old = {"postgres": 1, "airflow-api": 2, "openbao": 3, "aws": 4, "wire-relay": 5, "wire-eavesdropper": 6}
    (tmp_path / "ports.json").write_text(json.dumps(old))
    with pytest.raises(Unhealthy, match=r"without downgrade, .*: \./airlock up"):
        Wire().check(Ground(tmp_path))


def test_a_warehouse_is_told_of_without_a_host_and_nonsense_is_nobody(tmp_path: Path) -> None:
    posts = importlib.import_module("attacker.posts")
    registered = posts.Warehouses(tmp_path)
    assert registered.changed()
    assert not registered.changed()
    (tmp_path / "heron0001.json").write_text(json.dumps({"server": 5, "doors": {"relay": 6}, "host": "192.0.2.1"}))
    for number, nonsense in enumerate(("", "[]", '{"server": "192.0.2.1:5432", "doors": {}}', '{"server": 5}')):
        (tmp_path / f"nonsense{number}.json").write_text(nonsense)
    assert registered.changed()
    ((port, post),) = registered.posts().items()
    assert post.mode(port) == "reverse:tcp://localhost:5@127.0.0.1:6"
    assert post.captures == tmp_path / "heron0001" / "captures"


def test_a_registration_that_goes_while_it_is_looked_at_is_nobody(tmp_path: Path) -> None:
    registered = importlib.import_module("attacker.posts").Warehouses(tmp_path)
    assert registered.changed()
    (tmp_path / "gone.json").symlink_to(tmp_path / "nowhere")  # listed, and not there any more
    assert not registered.changed()
    assert registered.posts() == {}
