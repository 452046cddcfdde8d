"""What the matrix looks like: the grid, one cell in full, why clients were refused — as HTML, and all of it as text."""

from __future__ import annotations

import html
from collections.abc import Container, Sequence

from airlock.lesson.markup import VERBATIM, badge, inline, plain, rows
from airlock.lesson.matrix_board import Board, Cell, because, counted
from airlock.wire.explain import ATTACKS, settings
from airlock.wire.matrix import Outcome, Result
from airlock.wire.refusals import UNKNOWN, reason

MEANINGS: dict[Outcome, str] = {
    "read": "the attacker reads the session, or gets the password",
    "safe": "it works, and he sees encrypted bytes only",
    "refused": "the client does not get in",
}
# What the grid's script calls the outcomes: also the keys that choose them.
LETTERS: dict[Outcome, str] = {"read": "r", "safe": "s", "refused": "f"}
# Where the grid's script puts the predictions as a table, when they are copied.
TABLE = (
    f'<div class="al-table" {VERBATIM} data-lm-suppress-shortcuts="true" hidden><label><span></span>'
    '<textarea readonly spellcheck="false" wrap="off"></textarea></label></div>'
)
_MARKS = {True: "✓", False: "✗"}


def intro(board: Board) -> str:
    """What to do, and what the words mean."""
    words = "".join(f'<span><b data-tone="{word}">{word}</b> {meaning}</span>' for word, meaning in MEANINGS.items())
    return (
        f"<div>{inline(board.server)} An attacker sits on the link. What becomes of each client's session? "
        "Predict a few cells or all of them, then run it.</div>"
        f'<div class="al-words">{words}</div>'
        "<small>Click a cell until it says what you expect. Keyboard: arrow keys move; R, S and F answer "
        "read, safe and refused; Space goes through them; Delete takes an answer back. "
        "After the run your prediction stands under what was observed, with ✓ or ✗.</small>"
    )


def grid(board: Board, cells: Sequence[Cell], done: Container[tuple[str, str]] | None = None) -> str:
    """The board. While it runs no prediction can be made, and ``done`` holds the places that were run already."""
    heads = "".join(f'<th scope="col" title="{ATTACKS[each]}">{_wrapped(each)}</th>' for each in board.situations)
    width = len(board.situations)
    lines = "".join(
        f'<tr><th scope="row">{_wrapped(client)}</th>'
        f"{''.join(_cell(cell, done) for cell in cells[n * width : (n + 1) * width])}</tr>"
        for n, client in enumerate(board.clients)
    )
    return (
        f'<div class="al-scroll" {VERBATIM}><table role="grid" data-columns="{width}" '
        f'data-lm-suppress-shortcuts="true" style="min-width:{112 + 74 * width}px" '
        'aria-label="What becomes of each client in each situation">'
        f'<thead><tr><th scope="col">client</th>{heads}</tr></thead><tbody>{lines}</tbody></table></div>'
    )


def detail(cell: Cell, result: Result | None) -> str:
    """One cell in full. ``result`` is there when it was run in this kernel: then what he has can be shown."""
    known = [
        ("Client", inline(f"`{settings(cell.client)}`")),
        ("Attacker", html.escape(ATTACKS[cell.situation])),
        ("Predicted", cell.predicted or "–"),
    ]
    if cell.observed is None:
        known.append(("Observed", "Not run yet."))
    else:
        known.append(("Observed", f"<span>{badge(cell.observed, 'plain')} {html.escape(cell.gained)}</span>"))
    if result and result.outcome == "read":
        known += [(name, f"<code>{html.escape(text)}</code>") for name, text in _spoils(result)]
    if cell.error:
        why = reason(cell.error)
        known.append(("It says", _marked(cell.error, why.words)))
        known.append(("Reason", f"<span><strong>{html.escape(why.name)}</strong>. {inline(why.because)}</span>"))
    title = f"{cell.client} in {cell.situation}"
    return (
        f'<section class="al-detail" {VERBATIM} aria-label="{title}"><strong>{title}</strong>'
        f"{rows(known, '6em')}</section>"
    )


def reasons(cells: Sequence[Cell]) -> str:
    """Every reason that occurred, with the cells it occurred in; empty when nobody was refused."""
    found = _by_reason(cells)
    if not found:
        return ""
    lines = "".join(
        f'<tr><th scope="row">{html.escape(name)}</th><td>{inline(why)}<small>{html.escape("; ".join(where))}</small>'
        "</td></tr>"
        for name, why, where in found
    )
    return (
        f'<details class="al-reasons" {VERBATIM}><summary>Why clients were refused: {len(found)} '
        f"reason{'s' * (len(found) != 1)}</summary><table><tbody>{lines}</tbody></table></details>"
    )


def as_text(board: Board, cells: Sequence[Cell]) -> str:
    """The board, what came otherwise than predicted, and why clients were refused."""
    widths = [max(len(situation), 9) for situation in board.situations]
    first = max(len(client) for client in board.clients)
    width = len(widths)
    lines = [" " * first + "  " + "  ".join(map(str.ljust, board.situations, widths))]
    for n, client in enumerate(board.clients):
        words = map(_word, cells[n * width : (n + 1) * width])
        lines.append(f"{client:<{first}}  {'  '.join(map(str.ljust, words, widths))}")
    parts = [plain(board.server), "\n".join(line.rstrip() for line in lines)]
    parts.append(counted(cells) + "\n✓ as you predicted, ✗ not; (…) predicted, not run yet.")
    if surprises := [_surprise(cell) for cell in cells if cell.agrees is False]:
        parts.append("\n".join(["Not as you predicted:", *surprises]))
    if not any(cell.observed for cell in cells):
        parts.append('From code: predict={"require": {"downgrade": "refused"}} predicts, run=True runs it.')
    if found := _by_reason(cells):
        lines = [f"  {name}: {plain(why)}\n    {'; '.join(where)}" for name, why, where in found]
        parts.append("\n".join(["Why clients were refused:", *lines]))
    return "\n\n".join(parts)


def _cell(cell: Cell, done: Container[tuple[str, str]] | None) -> str:
    opened = ' data-open="1"' if done is None and not cell.observed else ""
    old = ' data-old="1"' if done is not None and (cell.client, cell.situation) not in done else ""
    letter = LETTERS[cell.predicted] if cell.predicted else ""
    if cell.observed:
        shown = f"<b>{cell.observed}</b>"
        if cell.agrees is not None:
            shown += f"<small>{_MARKS[cell.agrees]} {cell.predicted}?</small>"
    else:
        shown = f"<b>{cell.predicted}?</b>" if cell.predicted else "<b>·</b>"
    tone = cell.observed or cell.predicted or ""
    return (
        f'<td role="gridcell" tabindex="-1" data-guess="{letter}" data-tone="{tone}" data-run="{bool(cell.observed)}" '
        f'data-agrees="{cell.agrees}"{opened}{old} data-place="{cell.client}, {cell.situation}" '
        f'aria-label="{cell.spoken}">{shown}</td>'
    )


def _by_reason(cells: Sequence[Cell]) -> list[tuple[str, str, list[str]]]:
    """Name, sentence, and the cells, e.g. ``require: downgrade, self-signed``. Unknown texts stand for themselves."""
    found: dict[tuple[str, str], dict[str, list[str]]] = {}
    for cell in cells:
        if cell.error:
            why = reason(cell.error)
            name = why.name if why.name != UNKNOWN else f"{UNKNOWN}: {cell.error}"
            found.setdefault((name, why.because), {}).setdefault(cell.client, []).append(cell.situation)
    return [
        (name, why, [f"{client}: {', '.join(situations)}" for client, situations in where.items()])
        for (name, why), where in found.items()
    ]


def _marked(error: str, words: str) -> str:
    """The client's text, with the words that give the reason standing out."""
    before, found, after = error.partition(words) if words else (error, "", "")
    mark = f"<mark>{html.escape(found)}</mark>" if found else ""
    return f"<code>{html.escape(before)}{mark}{html.escape(after)}</code>"


def _spoils(result: Result) -> list[tuple[str, str]]:
    loot = result.loot
    pairs = [("Password", loot.password), ("SQL", "; ".join(loot.sql))]
    if loot.rows:
        pairs.append(("A row", ", ".join("NULL" if value is None else value for value in loot.rows[0])))
    return [(name, text) for name, text in pairs if text]


def _surprise(cell: Cell) -> str:
    return (
        f"  {cell.client} in {cell.situation}: you predicted {cell.predicted}, it was {cell.observed}. "
        f"{plain(because(cell))}"
    )


def _word(cell: Cell) -> str:
    if cell.observed:
        return f"{cell.observed} {_MARKS.get(cell.agrees, '')}" if cell.agrees is not None else cell.observed
    return f"({cell.predicted})" if cell.predicted else "·"


def _wrapped(name: str) -> str:
    """A name that may break after a hyphen or before a plus, and nowhere else."""
    return name.replace("+", "<wbr>+")
