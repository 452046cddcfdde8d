"""The matrix: its board, its text, its card worked from the kernel's end, and a run in the lab."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from airlock.lab import View
from airlock.lesson import matrices, matrix, matrix_page, progress
from airlock.lesson.errors import LessonError, LessonLabDown
from airlock.lesson.matrix_board import Board, counted
from airlock.lesson.matrix_view import MatrixView
from airlock.wire.loot import Loot
from airlock.wire.matrix import Outcome, Result, ServerRule

SMALL = Board("5-t", clients=("require", "verify-full"), situations=("passive", "downgrade", "wrong-host"))
VERIFY = 'connection failed: server certificate for "x" does not match host name "<y>"'
NO_TLS = "connection failed: server does not support SSL, but SSL was required"
FATES: list[tuple[Outcome, str]] = [
    ("safe", ""),
    ("refused", NO_TLS),
    ("read", ""),
    ("safe", ""),
    ("refused", NO_TLS),
    ("refused", VERIFY),
]


def results() -> list[Result]:
    stolen = Loot(user="u", password="s3<cret", sql=("select 1",), rows=(("7", None),), bytes_read=99)
    return [
        Result(client, situation, "host", "scram", outcome, stolen if outcome == "read" else Loot(), error)
        for (client, situation), (outcome, error) in zip(SMALL.places, FATES, strict=True)
    ]


def perform(board: Board, tell: Callable[[Result], None]) -> None:
    """What the lab does, from memory: here it is the card that is tried, not the wire."""
    for each in results():
        name = board.name(each.client, each.situation)
        progress.current().record_cell(board.key, name, each.outcome, each.error, f"it was {each.outcome}")
        tell(each)


@pytest.fixture
def card(state: object) -> MatrixView:
    return MatrixView(SMALL, perform, {})


def do(card: MatrixView, at: int, **letters: str) -> None:
    """What the grid's script sends: ``_2="r"`` is a letter for the third cell."""
    message = {"now": card._bridge.value, "at": at, "cells": {n.strip("_"): each for n, each in letters.items()}}
    card._bridge.value = json.dumps(message)


def words(card: Any) -> str:
    return " ".join(re.sub("<.*?>", " ", card.value).split())


def cells(card: MatrixView) -> list[dict[str, str]]:
    """The attributes of each cell of the grid, and its text."""
    found = re.findall(r"<td ([^>]*)>(.*?)</td>", card._grid.value)
    return [dict(re.findall(r'([\w-]+)="([^"]*)"', each)) | {"text": words_of(text)} for each, text in found]


def words_of(markup: str) -> str:
    return " ".join(re.sub("<.*?>", " ", markup).split())


def test_the_grid_is_a_grid_with_headers(card: MatrixView) -> None:
    html = card._grid.value
    assert 'role="grid"' in html
    assert re.findall(r'<th scope="row">([\w-]+)', html) == list(SMALL.clients)
    assert [each for each in re.findall(r'<th scope="col"[^>]*>([\w-]+)', html) if each != "client"] == list(
        SMALL.situations
    )
    assert [each["aria-label"] for each in cells(card)] == ["no prediction"] * 6
    assert words(card._detail).startswith("require in passive Client sslmode=require Attacker He only listens")
    assert "Not run yet." in words(card._detail)
    assert card._button.description == "Run 6 experiments"


def test_predictions_are_kept_at_once_changed_and_taken_back(card: MatrixView) -> None:
    do(card, 1, _1="r", _2="s")
    do(card, 1, _1="f", _2="s", _5="r")
    do(card, 2, _1="f", _2="s", _5="")
    assert [each["data-guess"] for each in cells(card)] == ["", "f", "s", "", "", ""]
    assert words(card._said) == "You predicted 2 of 6."
    assert words(card._detail).startswith("require in wrong-host")
    again = MatrixView(SMALL, perform, {})  # as after a restart of the kernel
    assert cells(again)[2]["aria-label"] == "you predicted safe"


def test_a_run_stands_beside_the_predictions_and_closes_them(card: MatrixView) -> None:
    do(card, 2, _1="f", _2="s")
    card._button.click()
    card.wait()
    assert [each["text"] for each in cells(card)] == [
        "safe", "refused ✓ refused?", "read ✗ safe?", "safe", "refused", "refused",
    ]  # fmt: skip
    assert cells(card)[2]["aria-label"] == "read; you predicted safe, not as observed"
    assert not any("data-open" in each or "data-old" in each for each in cells(card))
    assert re.fullmatch(r"6 experiments in \d+\.\d s\. You predicted 2 of 6: 1 as observed\.", words(card._said))
    assert "airlock-said" in card._said.value
    assert "Observed read it was read Password s3&lt;cret SQL select 1 A row 7, NULL" in words(card._detail)
    do(card, 5, _2="r", _4="s")
    kept = progress.current().matrix("5-t")
    assert kept[SMALL.name("require", "wrong-host")]["predicted"] == "safe"
    assert "predicted" not in kept[SMALL.name("verify-full", "downgrade")]
    assert "host name does not match . The certificate comes from an authority" in words(card._detail)
    assert "<mark>certificate for &quot;x&quot; does not match host name &quot;&lt;y&gt;&quot;</mark>" in (
        card._detail.value
    )
    assert "Why clients were refused: 2 reasons" in words(card._reasons)
    assert card._button.description == "Run again"


def test_the_card_opens_on_what_was_observed_before(card: MatrixView) -> None:
    card.start()
    card.wait()
    again = MatrixView(SMALL, perform, {})
    assert [each["text"] for each in cells(again)] == [outcome for outcome, _ in FATES]
    do(again, 2)
    assert "it was read" in words(again._detail)
    assert "s3" not in again._detail.value, "what was stolen is not kept"


def test_while_it_runs_nothing_can_be_predicted_and_what_is_old_is_marked(card: MatrixView) -> None:
    card.start()
    card.wait()
    seen: list[list[dict[str, str]]] = []

    def watched(board: Board, tell: Callable[[Result], None]) -> None:
        seen.append(cells(card))
        card.start()  # has no effect
        perform(board, tell)

    card._run = watched
    card.start()
    card.wait()
    assert all("data-old" in each and "data-open" not in each for each in seen[0])
    assert len(seen) == 1


@pytest.mark.parametrize("value", ["", "[]", "{}", '{"at": "x", "cells": {}}', '{"at": 0, "cells": {"99": "r"}}',
                                   '{"at": 0, "cells": {"0": []}}', '{"at": 99, "cells": {}}'])  # fmt: skip
def test_words_that_are_not_the_scripts_change_nothing(card: MatrixView, value: str) -> None:
    before = card._grid.value
    card._bridge.value = value
    assert card._grid.value == before
    assert progress.current().matrix("5-t") == {}


def test_a_lab_that_is_down_is_one_line_with_its_remedy(state: object) -> None:
    card = MatrixView(SMALL, matrices.perform, {})
    card.start()
    card.wait()
    assert words(card._said) == "The lab is not running. In a terminal, run: ./airlock up"
    assert "airlock-said" in card._said.value
    assert all("data-open" in each for each in cells(card))
    assert card._button.description == "Run 6 experiments"


def test_a_fault_of_ours_is_said_and_not_kept_in_a_thread(state: object) -> None:
    def faulty(board: Board, tell: Callable[[Result], None]) -> None:
        raise RuntimeError("a bug")

    card = MatrixView(SMALL, faulty, {})
    card.start()
    card.wait()
    assert "The run stopped: RuntimeError('a bug')" in words(card._said).replace("&#x27;", "'")


def test_the_text_has_the_table_the_surprises_and_the_reasons(state: object) -> None:
    progress.current().predict_cells("5-t", SMALL.answers({"require": {"wrong-host": "safe", "downgrade": "refused"}}))
    records = progress.current().matrix("5-t")
    assert "(safe)" in matrix_page.as_text(SMALL, SMALL.cells(records))
    perform(SMALL, lambda _: None)
    text = matrix_page.as_text(SMALL, SMALL.cells(progress.current().matrix("5-t")))
    assert "require      safe       refused ✓  read ✗" in text
    assert "You predicted 2 of 6: 1 as observed." in text
    assert "require in wrong-host: you predicted safe, it was read. it was read" in text
    assert "  no TLS on offer: " in text
    assert "    require: downgrade; verify-full: downgrade" in text


def test_partly_run_predictions_are_counted_as_such(state: object) -> None:
    wide = Board("5-t", clients=SMALL.clients)
    progress.current().predict_cells("5-t", wide.answers({"require": {"passive": "safe", "expired": "safe"}}))
    perform(SMALL, lambda _: None)
    said = counted(wide.cells(progress.current().matrix("5-t")))
    assert said == "You predicted 2 of 14: 1 as observed, 1 not run yet."


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"rule": "maybe"}, "no server rule 'maybe'; it has host, hostssl"),
        ({"clients": ["verify"]}, "no client 'verify'; it has disable,"),
        ({"situations": []}, "needs a client and a situation"),
        ({"predict": {"require": {"downgrade": "fine"}}}, "no outcome 'fine'; it has read, safe, refused"),
        ({"predict": {"require": {"cleartext": "read"}}}, "no situation 'cleartext'"),
    ],
)
def test_a_wrong_name_is_answered_with_the_right_ones(state: object, arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(LessonError, match=re.escape(said)):
        matrix(**arguments)
    assert progress.current().read()["matrices"] == {}


def test_without_a_lab_and_a_button_it_says_so_but_keeps_the_predictions(state: object) -> None:
    with pytest.raises(LessonLabDown, match="The lab is not running"):
        matrix(predict={"require": {"downgrade": "refused"}}, key="5-t")
    assert len(progress.current().matrix("5-t")) == 1


@pytest.mark.lab
@pytest.mark.parametrize(("rule", "wrong_host"), [("host", "read"), ("hostssl", "refused")])
def test_a_run_in_the_lab_agrees_with_the_table(
    view: View,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    rule: ServerRule,
    wrong_host: Outcome,
) -> None:
    monkeypatch.setenv("AIRLOCK_SEED", view.seed.hex)
    key = f"5-{view.prefix}"
    matrix(rule, predict={"require": {"downgrade": "refused", "wrong-host": "safe"}}, key=key)
    text = capsys.readouterr().out
    kept = progress.current().matrix(key)
    assert len(kept) == 63
    ran = kept[f"require/wrong-host/{rule}/scram"]
    assert (ran["predicted"], ran["observed"]) == ("safe", wrong_host)
    assert ran["committed"] <= ran["first_run"]
    assert f"require in wrong-host: you predicted safe, it was {wrong_host}." in text
    assert view.seed.password(f"{rule}/scram") not in json.dumps(kept)
    board = Board(key, rule, clients=("require",), situations=("wrong-host", "passive"))
    card = MatrixView(board, matrices.perform, {})
    card.start()
    card.wait()
    assert re.match(r"2 experiments in", words(card._said))
    assert ("SQL select id" in words(card._detail)) == (wrong_host == "read")
