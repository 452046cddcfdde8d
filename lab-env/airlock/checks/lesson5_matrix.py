"""Judges of tasks 5.4 and 5.5: the matrix predicted before it was run, and why clients were refused in it."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from airlock.checks.catalogue import task
from airlock.checks.report import Report, failed, passed
from airlock.checks.world import NotAttempted, World
from airlock.lab import View
from airlock.lab.boards import OwnBoard, own_board
from airlock.lab.experiments import run
from airlock.wire.grid import Outcome
from airlock.wire.refusals import reason

OPEN = "?"
CAUSES: dict[str, tuple[str, ...]] = {
    "no-tls": ("no TLS on offer",),
    "untrusted": ("certificate verify failed",),
    "name": ("host name does not match",),
    "binding": ("channel binding noticed", "channel binding not on offer", "channel binding needs TLS"),
}


@task(
    "5.4",
    "Predict the matrix, and run it",
    1,
    hints=(
        "Every cell is one question: what does the attacker show, and what does this client ask of it? A prediction is "
        "not graded for being right.",
        "`read`, `safe` or `refused` in the place of every `?`. Then run the cell below, which runs your board.",
        "Begin with the rows: `prefer` refuses hardly anything, and past `verify-full` hardly anybody gets. Then the "
        "last column: who has the server's key *is* the server.",
    ),
)
def predicted(world: World) -> Report:
    """Every cell of the learner's board is predicted in `guess`, and the board was run through the wire's doors."""
    board, text = own_board(world.view), world.value("guess")
    if not isinstance(text, str):
        return failed(
            "`guess` is no text.",
            "The predictions stand in your notebook, so that they go along when it is handed in.",
            "Keep the table as it was given, with words in the place of the question marks.",
            "no-table",
        )
    rows = {
        client: cells for client, *cells in (line.split() for line in text.strip().splitlines()[1:] if line.split())
    }
    cells = [cell for row in rows.values() for cell in row]
    if cells and set(cells) == {OPEN}:
        raise NotAttempted(
            "Every cell of `guess` is still open. Did you click in the matrix? **Copy my predictions** is below it: "
            "paste them in the place of the table."
        )
    if report := _table(board, rows):
        return report
    missing = [door for door in board.situations if door != "passive" and not _was_there(world.view, board, door)]
    if missing:
        return failed(
            f"All {len(cells)} cells are predicted. Nobody came through the door `{missing[0]}` with the login of your "
            "board.",
            "A prediction that is not tried stays an opinion.",
            "Run the cell below your table: `matrix(…, run=True)`.",
            "not-run",
            share=0.5,
        )
    return passed(
        f"All {len(cells)} cells were predicted, and the wire's recordings show that your board was run.",
        "Look at the cells that came otherwise. Each of them is a setting that you would have trusted, or mistrusted.",
    )


def _table(board: OwnBoard, rows: dict[str, list[str]]) -> Report | None:
    words: tuple[str, ...] = get_args(Outcome)
    for client in board.clients:
        row = rows.get(client, [])
        if len(row) != len(board.situations):
            return failed(
                f"The row `{client}` of `guess` has {len(row)} cells, and there are {len(board.situations)} attackers.",
                "A row that is out of step puts every word under the wrong attacker.",
                "One word for each column, with spaces between them.",
                "row-out-of-step",
            )
        if OPEN in row:
            situation = board.situations[row.index(OPEN)]
            return failed(
                f"The cell `{client}` in `{situation}` is still open.",
                "What is left open cannot surprise you.",
                "A wrong prediction costs nothing here.",
                "cell-open",
            )
        if unknown := sorted(set(row) - set(words)):
            return failed(
                f"The row `{client}` says {unknown[0]!r}.",
                "Three things can become of a session, and no fourth.",
                f"The words are {', '.join(words)}.",
                "unknown-word",
            )
    return None


def _was_there(view: View, board: OwnBoard, door: str) -> bool:
    """Whether the attacker on that door has met the board's login: written by the wire, not by the notebook."""
    name = board.user(view).encode().hex()
    return any(name in file.read_text() for file in Path(view.lab.wire.captures).glob(f"{door}-[0-9]*.jsonl"))


@task(
    "5.5",
    "Say why they were refused",
    2,
    hints=(
        "Click the cell in the matrix: below it stands what the client said, word for word. The text is about "
        "one of four "
        "things.",
        "“does not support SSL” is about TLS being there at all; “certificate verify failed” about the authority "
        "or the "
        "dates; “does not match host name” about the name. Channel binding looks at none of these.",
        "Every `downgrade` is `no-tls`, `self-signed` and `expired` are `untrusted` to whoever verifies, "
        "`wrong-host` is "
        "`name` to `verify-full`. What `require+binding` refuses with TLS is always `binding`: it verifies nothing.",
    ),
)
def explained(world: World) -> Report:
    """`why` names the cause of six refusals, as the clients' own words have it."""
    board, given = own_board(world.view), world.value("why")
    if not isinstance(given, dict) or (missing := [cell for cell in board.questions if cell not in given]):
        what = f"has no entry {missing[0]!r}" if isinstance(given, dict) else "is no dict"
        return failed(
            f"`why` {what}.",
            "The six cells are your own: they are in `board.questions`.",
            "One cause for each of the six.",
            "cell-missing",
        )
    named = {cell: _cause(str(given[cell])) for cell in board.questions}
    if unknown := [cell for cell in board.questions if not named[cell]]:
        return failed(
            f"For `{unknown[0]}` you name {str(given[unknown[0]])[:60]!r}.",
            "The check knows four causes.",
            f"Use {', '.join(CAUSES)}.",
            "unknown-cause",
        )
    truth = _truth(world.view, board)
    wrong = [cell for cell in board.questions if named[cell] != truth[cell][0]]
    if not wrong:
        return passed(
            "All six are right.",
            "The next time a task fails with one of these texts, you know which side refused whom, and why.",
        )
    cell, share = wrong[0], 0.5 if len(wrong) <= 2 else 0.0
    cause, said = truth[cell]
    why, look, misconception = _EXPLAINED[cause, cell.endswith("expired")]
    return failed(f"`{cell}`: the client said “{said}”. You say `{named[cell]}`.", why, look, misconception, share)


def _cause(text: str) -> str:
    said = text.strip()
    return next((cause for cause, names in CAUSES.items() if said.lower() == cause or said in names), "")


def _truth(view: View, board: OwnBoard) -> dict[str, tuple[str, str]]:
    """By cell, the cause and the client's words, from experiments made now."""
    places = [cell.split("/") for cell in board.questions]
    results = run(
        view,
        [(board.rule, "scram")],
        clients=sorted({client for client, _ in places}),
        situations=sorted({situation for _, situation in places}),
    )
    causes = {}
    for result in results:
        found = reason(result.error)
        causes[f"{result.client}/{result.situation}"] = (_cause(found.name), found.words)
    return causes


# By cause, and whether the certificate had expired.
_EXPLAINED: dict[tuple[str, bool], tuple[str, str, str]] = {
    ("no-tls", False): (
        "There was no certificate yet that anybody could have looked at: somebody said that there is no TLS.",
        "What was the attacker's first answer, and to which question?",
        "no-tls-overlooked",
    ),
    ("untrusted", False): (
        "The path from the certificate to an authority that the client knows does not exist. Whose name is in it does "
        "not matter any more.",
        "Who signed that certificate?",
        "trust-overlooked",
    ),
    ("untrusted", True): (
        "The name was right, the authority, too. OpenSSL refuses a date in the same words as a stranger.",
        "What is wrong with this attacker's certificate? The text does not say more than that it does not verify.",
        "date-overlooked",
    ),
    ("name", False): (
        "The certificate verified: right authority, right dates. Then the client compared two names.",
        "Which two names stand in the text?",
        "name-overlooked",
    ),
    ("binding", False): (
        "This client verifies no certificate at all. It noticed that its login would end in another TLS session "
        "than the "
        "server's.",
        "Which of its settings refuses, if `sslmode=require` looks at no certificate?",
        "binding-overlooked",
    ),
    ("binding", True): (
        "This client verifies no certificate, so no date either. The expired one would have been good enough for it.",
        "Which of its settings refuses, if `sslmode=require` looks at no certificate?",
        "binding-checks-no-date",
    ),
}
