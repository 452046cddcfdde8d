"""The handshake stepper: real sessions of both versions as rows, facts, text and widgets."""

from __future__ import annotations

import re
import ssl
from pathlib import Path

import pytest

from airlock.lab import View
from airlock.lab import handshakes as recorded
from airlock.lesson import handshake_run, handshake_steps, traffic
from airlock.lesson.errors import LessonError
from airlock.lesson.handshake_page import how, opened
from airlock.lesson.handshake_view import Handshakes
from airlock.lesson.traffic import Tap
from airlock.wire import Message
from tests.wire.test_opened import session


def tapped(folder: Path, title: str, version: ssl.TLSVersion) -> Tap:
    chunks, keys = session(folder, version)
    return traffic.tap(title, chunks, {}, keys)


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Tap:
    return tapped(tmp_path_factory.mktemp("older"), "TLS 1.2", ssl.TLSVersion.TLSv1_2)


@pytest.fixture(scope="module")
def newer(tmp_path_factory: pytest.TempPathFactory) -> Tap:
    return tapped(tmp_path_factory.mktemp("newer"), "TLS 1.3", ssl.TLSVersion.TLSv1_3)


def agreed(link: Tap, keys: bool, upto: str = "") -> dict[str, str]:
    last = next((each for each in link.packets if holds(each.message, upto)), link.packets[-1])
    return {fact.name: fact.value for fact in handshake_steps.agreed(link, last, None, keys)}


def holds(message: Message, kind: str) -> bool:
    return kind in (message.kind, *(each.kind for each in message.inside))


def test_every_message_is_in_exactly_one_row_in_order(older: Tap, newer: Tap) -> None:
    rows = handshake_steps.rows(older, newer)
    assert [row.left for row in rows if row.left] == older.packets
    assert [row.right for row in rows if row.right] == newer.packets
    for index, passed in enumerate(handshake_steps.moments(rows)):
        seen = rows[: index + 1]
        assert passed == (
            next((row.left for row in reversed(seen) if row.left), None),
            next((row.right for row in reversed(seen) if row.right), None),
        )


def test_what_belongs_together_stands_together(older: Tap, newer: Tap) -> None:
    for link in (older, newer):
        parts = dict(zip((each.number for each in link.packets), handshake_steps.phases(link), strict=True))
        assert list(parts.values()) == sorted(parts.values())
        for kind, phase in (
            ("SSLRequest", "asking for TLS"),
            ("ServerHello", "hellos"),
            ("Certificate", "who is who"),
            ("Finished", "sealing the handshake"),
            ("StartupMessage", "application data"),
            ("Alert", "goodbye"),
        ):
            number = next(each.number for each in link.packets if holds(each.message, kind))
            assert handshake_steps.PHASES[parts[number]] == phase, (link.title, kind)


def test_both_versions_show_the_servers_name(older: Tap, newer: Tap) -> None:
    assert agreed(older, keys=False)["Server name"] == agreed(newer, keys=False)["Server name"] == "localhost"


def test_the_certificate_is_readable_in_1_2_and_only_with_the_keys_in_1_3(older: Tap, newer: Tap) -> None:
    assert agreed(older, keys=False)["Server certificate"] == "CN=db, issued by CN=Test Issuing"
    assert agreed(newer, keys=False)["Server certificate"] == handshake_steps.HIDDEN
    assert agreed(newer, keys=True)["Server certificate"].startswith("CN=db, issued by CN=Test Issuing (only with")
    assert "both randoms" in agreed(older, keys=False)["Server's proof"]
    assert "all of the handshake so far" in agreed(newer, keys=True)["Server's proof"]


def test_facts_come_when_their_message_has_passed(newer: Tap) -> None:
    assert agreed(newer, keys=True, upto="ClientHello")["Version"] == ""
    assert agreed(newer, keys=True, upto="ServerHello")["Version"] == "TLS 1.3"
    assert agreed(newer, keys=True, upto="ServerHello")["Server certificate"] == ""
    assert agreed(newer, keys=True, upto="Finished")["Finished"].startswith("of the server")


def test_tls_1_3_saves_a_round_trip(older: Tap, newer: Tap) -> None:
    assert agreed(older, keys=True)["Round trips"] == "3 before the first data: 1 to ask for TLS, 2 for the handshake"
    assert agreed(newer, keys=True)["Round trips"] == "2 before the first data: 1 to ask for TLS, 1 for the handshake"


def test_nobody_without_keys_is_told_what_was_inside(older: Tap, newer: Tap) -> None:
    for link in (older, newer):
        assert agreed(link, keys=False)["Inside"] == ""
        assert "login " in agreed(link, keys=True)["Inside"]
        for packet in link.packets:
            assert handshake_steps.label(packet.message, opened=False) == packet.message.kind
            assert len(handshake_steps.label(packet.message, opened=True)) <= 21


def test_how_a_record_was_opened_shows_each_step_and_no_key(older: Tap, newer: Tap) -> None:
    for link, derivation in ((older, "PRF(secret"), (newer, "HKDF-Expand-Label(secret")):
        message = next(each for each in link.messages() if each.opening)
        assert message.opening
        steps = dict(how(message.opening))
        assert derivation in steps["Derived"]
        assert steps["Number"].startswith("0:")
        assert message.opening.nonce.hex() in steps["Nonce"]
        assert message.opening.key.hex() not in str(steps) + opened(message, "x")
    assert opened(older.packets[0].message, "x") == ""


@pytest.fixture
def viewer(older: Tap, newer: Tap) -> Handshakes:
    return Handshakes("Just now.", older, newer)


def said(viewer: Handshakes) -> str:
    return re.sub("<.*?>", "", viewer._said.value)


def at(viewer: Handshakes, kind: str) -> None:
    viewer._list.index = next(i for i, r in enumerate(viewer._rows) if r.right and holds(r.right.message, kind))


def test_the_stepper_opens_closed_and_shows_both(viewer: Handshakes) -> None:
    assert said(viewer).startswith("Step 1, asking for TLS. TLS 1.2: the client sends SSLRequest")
    assert "airlock-said" in viewer._said.value
    assert len({len(line) for line in viewer._list.options}) == 1
    at(viewer, "Certificate")
    assert "EncryptedRecord" in viewer._list.options[viewer._list.index]
    assert "Opened with" not in viewer._parts[1].value
    assert "anybody on the link can see" in viewer._known.value


def test_the_keys_open_what_is_shown_and_stay_at_the_step(viewer: Handshakes) -> None:
    at(viewer, "Certificate")
    before, width = viewer._list.index, len(viewer._list.options[0])
    viewer._keys.value = True
    assert viewer._list.index == before
    assert {len(line) for line in viewer._list.options} == {width}
    assert "which held " in said(viewer)
    page = viewer._parts[1].value
    assert "Opened with your session&#x27;s keys" in page or "Opened with your session's keys" in page
    assert "How it was opened" in page
    assert "As it passed" in page
    assert "CN=db" in page
    viewer._keys.value = False
    assert "CN=db" not in viewer._parts[1].value


def test_every_step_can_be_drawn_with_and_without_keys(viewer: Handshakes) -> None:
    for keys in (False, True):
        viewer._keys.value = keys
        for step in range(1, len(viewer._list.options) + 1):
            viewer._step.value = step
            assert said(viewer).startswith(f"Step {step}, ")
            assert len(viewer._parts[0].value) < 400_000


@pytest.mark.lab
def test_the_learners_own_sessions_in_a_terminal(
    view: View, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AIRLOCK_SEED", view.seed.hex)
    handshake_run.handshake()
    older, newer = capsys.readouterr().out.split("TLS 1.3, ", maxsplit=1)
    assert "server sends" in older
    assert re.search(r" Certificate\n", older)
    assert not re.search(r" Certificate\n", newer.split("Agreed")[0].replace("[Certificate]\n", ""))
    assert "EncryptedRecord [Certificate]" in newer
    assert f"login {view.shop.user}" in older
    assert f"login {view.shop.user}" in newer
    assert view.shop.password not in older + newer


@pytest.mark.lab
def test_an_old_client_is_one_line(view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRLOCK_SEED", view.seed.hex)
    monkeypatch.setattr(recorded, "_FIRST_LIBPQ", 10**9)
    with pytest.raises(LessonError, match="cannot write a session's keys down"):
        handshake_run.handshake()
