"""The side-by-side viewer's controls, worked from the kernel's end."""

from __future__ import annotations

import re

import pytest

from airlock.lesson import traffic
from airlock.lesson.traffic_view import Viewer
from airlock.wire.captures import Captured
from tests.lesson.test_traffic import PLAIN
from tests.wire.talks import SSL_REQUEST

SEALED = [Captured(20.0, "client", SSL_REQUEST), Captured(20.005, "server", b"S")]


@pytest.fixture
def viewer() -> Viewer:
    return Viewer("select 1", "1 row.", traffic.tap("off", PLAIN, {}), traffic.tap("on", SEALED, {}))


def said(viewer: Viewer) -> str:
    return re.sub("<.*?>", "", viewer._said.value)


def test_it_opens_on_the_first_moment_of_both_links(viewer: Viewer) -> None:
    assert "StartupMessage" in viewer._list.options[0]
    assert "SSLRequest" in viewer._list.options[0]
    assert said(viewer).startswith("Step 1, 0.0 ms. TLS off: the client sends StartupMessage")
    assert "airlock-said" in viewer._said.value
    assert len({len(line) for line in viewer._list.options}) == 1


def test_every_control_moves_the_others(viewer: Viewer) -> None:
    viewer._forward.click()
    assert (viewer._step.value, viewer._list.index) == (2, 1)
    viewer._list.index = 3
    assert (viewer._step.value, viewer._timer.value) == (4, 4)
    viewer._step.value = 6
    assert viewer._list.index == 5
    viewer._back.click()
    assert viewer._step.value == 5
    viewer._timer.value = 3
    assert (viewer._step.value, viewer._list.index) == (3, 2)
    assert "PasswordMessage" in said(viewer)
    assert "s3cret" in viewer._known.value
    assert ">new<" in viewer._known.value


def test_the_ends_hold(viewer: Viewer) -> None:
    viewer._back.click()
    assert viewer._step.value == 1
    for _ in range(20):
        viewer._forward.click()
    assert viewer._step.value == len(viewer._list.options)


def test_play_begins_again_at_the_end_and_a_choice_pauses_it(viewer: Viewer) -> None:
    viewer._list.index = len(viewer._list.options) - 1
    viewer._play.click()
    assert (viewer._timer.playing, viewer._step.value, viewer._play.description) == (True, 1, "Pause")
    viewer._list.index = 2
    assert (viewer._timer.playing, viewer._play.description) == (False, "Play")


def test_a_filter_stays_at_the_moment_and_says_when_nothing_is_left(viewer: Viewer) -> None:
    viewer._list.index = 3
    viewer._direction.value = "client → server"
    assert [line.split()[2] for line in viewer._list.options] == ["StartupMessage", "PasswordMessage", "Query"]
    viewer._kind.value = "Query"
    assert len(viewer._list.options) == 1
    assert "Query" in said(viewer)
    viewer._text.value = "nowhere"
    assert said(viewer) == "No message passes this filter."
    assert viewer._list.options == ()
    assert viewer._play.disabled
    viewer._text.value, viewer._kind.value, viewer._direction.value = "", "every kind", "both directions"
    assert len(viewer._list.options) == 8
    assert "Query" in said(viewer)


def test_the_other_link_shows_its_last_message(viewer: Viewer) -> None:
    viewer._list.index = 2
    assert "the last one before this moment" in viewer._parts[1].value
    assert "SSLRequest" in viewer._parts[1].value
