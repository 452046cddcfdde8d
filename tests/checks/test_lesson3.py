"""Lesson 3: its channel, what is sealed for a learner, and its judges."""

from __future__ import annotations

import base64
import os
import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from airlock.checks import catalogue
from airlock.checks.report import Outcome, Report
from airlock.lab import Seed, View
from airlock.lab.sealed import (
    KINDS,
    fernet_token,
    kinds,
    lines,
    made_at,
    old_token,
    records,
    row_keys,
    row_password,
    stored,
)
from airlock.lesson import world
from airlock.lesson.world import LocalWorld
from airlock.wire.channel import Courier, Depot, derive, end, receive, receive_line, send_line
from airlock.wire.channel.impostors import Impostor, answers
from airlock.wire.channel.protocol import exchange
from tests.course import throwaway


def of(seed: Seed) -> View:
    """A view of a lab that does not run: nothing in this lesson's judges asks for one."""
    return View(throwaway.lab(Path("nowhere")), seed)


@pytest.fixture
def mine() -> View:
    return of(Seed.random())


def judged(task: str, view: View, **variables: Any) -> Report:
    report = catalogue.find(task).run(LocalWorld(variables, view))
    said = f"{report.saw} {report.why} {report.look}"
    for secret in (
        *(row_password(view.seed, name) for name in row_keys(view.seed)),
        *map(bytes.decode, lines(view).values()),
    ):
        assert secret not in said, "a report never gives the answer away"
    return report


class TestSealed:
    def test_what_was_done_to_the_records(self, mine: View) -> None:
        arrived, opened = records(mine), {}
        for each, record in arrived.records.items():
            try:
                opened[each] = AESGCM(arrived.key).decrypt(record[:12], record[12:], each.encode())
            except InvalidTag:
                continue
        whole = {each for each, kind in kinds(mine).items() if kind == "genuine"}
        assert opened == {each: line for each, line in lines(mine).items() if each in whole}
        assert sorted(kinds(mine).values()) == sorted(KINDS)
        assert records(mine) == arrived

    def test_views_have_another_order(self) -> None:
        views = [of(Seed(f"{number:032x}")) for number in range(12)]
        assert len({tuple(kinds(view).values()) for view in views}) > 8
        assert len({made_at(view.seed) for view in views}) == len(views)
        assert len({tuple(row_keys(view.seed).items()) for view in views}) > 8

    def test_a_token_is_what_the_library_makes(self) -> None:
        key, moment = os.urandom(32), datetime(2025, 3, 4, 5, 6, 7, tzinfo=UTC)
        token = fernet_token(key, b"as the specification says", moment, os.urandom(16))
        fernet = Fernet(base64.urlsafe_b64encode(key))
        assert fernet.decrypt(token) == b"as the specification says"
        assert fernet.extract_timestamp(token) == moment.timestamp()

    def test_each_row_is_under_the_key_it_is_said_to_be(self, mine: View) -> None:
        rows = stored(mine)
        for name, which in row_keys(mine.seed).items():
            keys = {"old": Fernet(rows.old_key), "new": Fernet(rows.new_key)}
            for label, key in keys.items():
                if label == which:
                    assert key.decrypt(rows.tokens[name]).decode() == row_password(mine.seed, name)
                else:
                    with pytest.raises(InvalidToken):
                        key.decrypt(rows.tokens[name])


class TestChannel:
    def agreed(self, link: socket.socket) -> bytes:
        private = X25519PrivateKey.generate()
        link.sendall(private.public_key().public_bytes_raw())
        return derive(exchange(private, receive(link, 32)))

    def test_a_line_reaches_the_depot(self) -> None:
        with Depot() as depot, socket.create_connection(("127.0.0.1", depot.port)) as link:
            key = self.agreed(link)
            assert key == depot.last.key
            send_line(link, key, b"a line")
        assert depot.last.line == b"a line"

    def test_a_courier_talks_to_whoever_comes(self) -> None:
        with Courier(b"a line") as courier, socket.create_connection(("127.0.0.1", courier.port)) as link:
            assert receive_line(link, self.agreed(link)) == b"a line"

    def test_a_record_under_another_key_is_not_taken(self) -> None:
        with Depot() as depot, socket.create_connection(("127.0.0.1", depot.port)) as link:
            self.agreed(link)
            send_line(link, bytes(32), b"a line")
        assert (depot.last.line, bool(depot.last.record)) == (b"", True)

    @pytest.mark.parametrize(
        "sent",
        [b"", b"x", bytes(32), os.urandom(32) + b"\xff\xff", os.urandom(5000)],
        ids=["nothing", "a byte", "zeroes", "a bad length", "noise"],
    )
    def test_no_bytes_upset_it(self, sent: bytes) -> None:
        with Depot() as depot:
            for _ in range(2):
                with socket.create_connection(("127.0.0.1", depot.port)) as link:
                    link.sendall(sent)
            with socket.create_connection(("127.0.0.1", depot.port)) as link:
                assert self.agreed(link) == depot.last.key

    def test_a_silent_caller_does_not_keep_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(end, "_PATIENCE", 30.0)
        before, began = threading.active_count(), time.monotonic()
        with Depot() as depot, Courier(b"") as courier:
            links = [socket.create_connection(("127.0.0.1", each.port)) for each in (depot, courier)]
            time.sleep(0.3)
        assert time.monotonic() - began < 6
        assert threading.active_count() == before
        for link in links:
            link.close()

    def test_every_impostor_is_told_by_one_check(self) -> None:
        signing = Ed25519PrivateKey.generate()
        for answer in answers(signing).values():
            with Impostor(answer) as impostor, socket.create_connection(("127.0.0.1", impostor.port)) as link:
                link.sendall(bytes(32))
                assert len(receive(link, 160)) == 160
                link.sendall(b"more")
            assert impostor.heard == b"more"


class TestAnswers:
    def test_nothing_is_not_attempted(self, mine: View) -> None:
        names = {
            "3.1": "seal", "3.2": "genuine", "3.3": "made", "3.4": "rotated",
            "3.5": "agree", "3.6": "attack", "3.7": "agree_signed",
        }  # fmt: skip
        assert list(names) == [check.task for check in catalogue.of_lesson(3)]
        for task, name in names.items():
            assert judged(task, mine).outcome is Outcome.NOT_ATTEMPTED
            assert judged(task, mine, **{name: ...}).outcome is Outcome.NOT_ATTEMPTED
            if int(task[-1]) not in (2, 3, 4):
                assert judged(task, mine, **{name: lambda *_: ...}).outcome is Outcome.NOT_ATTEMPTED

    @pytest.mark.parametrize(
        ("task", "name", "value"),
        [
            ("3.1", "seal", lambda *_: 5),
            ("3.1", "seal", lambda *_: b""),
            ("3.1", "seal", lambda *_: None),
            ("3.1", "seal", lambda key: key),
            ("3.2", "genuine", []),
            ("3.2", "genuine", {"order-1": b""}),
            ("3.2", "genuine", {}),
            ("3.3", "made", "yesterday"),
            ("3.3", "made", 10**30),
            ("3.3", "made", True),
            ("3.4", "rotated", {"shop": b""}),
            ("3.4", "rotated", dict.fromkeys(("billing", "archive", "warehouse", "payroll", "loyalty"), 7)),
            ("3.5", "agree", lambda port: port),
            ("3.5", "agree", lambda: None),
            ("3.6", "attack", lambda *_: b"line"),
            ("3.6", "attack", lambda *_: {"parcel": 1}),
            ("3.7", "agree_signed", lambda *_: b"key"),
            ("3.7", "agree_signed", lambda *_: None),
        ],
    )
    def test_odd_answers_fail_with_a_word(self, mine: View, task: str, name: str, value: Any) -> None:
        report = judged(task, mine, **{name: value})
        assert (report.outcome, report.earned) == (Outcome.FAILED, 0)
        assert report.saw
        assert report.why
        assert report.look

    def test_a_neighbours_answers_are_wrong(self, mine: View) -> None:
        other = of(Seed.random())
        theirs = {each: line for each, line in lines(other).items() if kinds(other)[each] == "genuine"}
        assert judged("3.2", mine, genuine=theirs).earned == 0
        size = len(base64.urlsafe_b64decode(old_token(other))) - 57
        assert judged("3.3", mine, made=made_at(other.seed), size=(0, size)).earned == 0
        assert judged("3.4", mine, rotated=stored(other).tokens).earned == 0

    def test_a_date_counts_in_every_form(self, mine: View) -> None:
        true = made_at(mine.seed)
        inside = len(base64.urlsafe_b64decode(old_token(mine))) - 57
        for made in (true, true.timestamp(), int(true.timestamp()), true.isoformat(), true.replace(tzinfo=None)):
            report = judged("3.3", mine, made=made, size=(inside - 16, inside - 1))
            assert report.outcome is Outcome.PASSED
        late = judged("3.3", mine, made=true + timedelta(seconds=90), size=(inside - 16, inside - 1))
        assert (late.misconception, late.share) == ("other-bytes", 0.5)

    def test_a_function_that_never_ends_is_told_so(self, mine: View, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(world, "CALL_SECONDS", 0.5)

        def stubborn(port: int) -> bytes:
            link = socket.create_connection(("127.0.0.1", port))
            link.sendall(X25519PrivateKey.generate().public_key().public_bytes_raw())
            while True:
                try:
                    time.sleep(0.01)
                except Exception:
                    continue

        report = judged("3.5", mine, agree=stubborn)
        assert (report.outcome, report.misconception) == (Outcome.FAILED, "raises")
        assert "still running after 0.5 s" in report.saw

    @pytest.mark.parametrize("stalls", [1, 2])
    def test_a_busy_machine_costs_nothing_once(self, mine: View, monkeypatch: pytest.MonkeyPatch, stalls: int) -> None:
        monkeypatch.setattr(end, "_PATIENCE", 1.5)
        calls = iter([True] * stalls + [False] * 9)

        def agree(port: int) -> bytes:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as link:
                if next(calls):
                    time.sleep(3)
                return TestChannel().agreed(link)

        report = judged("3.5", mine, agree=agree)
        assert (report.outcome, report.misconception) == (
            (Outcome.PASSED, None) if stalls == 1 else (Outcome.FAILED, "nothing-sent")
        )

    def test_an_ordinary_error_is_told_as_it_is(self, mine: View) -> None:
        for task, name in (("3.5", "agree"), ("3.7", "agree_signed")):
            report = judged(task, mine, **{name: lambda *_: undefined})  # type: ignore[name-defined]  # noqa: F821
            assert report.misconception == "stopped-before"
            assert "NameError" in report.saw
