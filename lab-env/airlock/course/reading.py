"""What needs a kernel in a lesson, as somebody reads it who has none: questions, reveals, myths and flash cards."""

from __future__ import annotations

import ast
import html
import re
from typing import Any

import nbformat

from airlock.course.prose import parsed
from airlock.lesson.flashcards import deck
from airlock.lesson.markup import LINK, card, eyebrow, inline

_REVEALED = re.compile(r"^Observed:\s+(.*?)(?:\nBecause:\s+(.*))?\Z", re.DOTALL | re.MULTILINE)
_nbformat: Any = nbformat  # its functions carry no types
_FOLDED = {"predict", "reveal", "myth", "hints", "cards"}


def as_read(code: str, node: Any) -> None:
    """Give a recorded cell, in place, the form in which it is read: a card for a widget, its call folded away."""
    name, call, alone = _last_call(code)
    if name not in _FOLDED or call is None:
        return
    shown = _card(name, call, node)
    if shown:
        output = {"output_type": "display_data", "data": {"text/html": shown}, "metadata": {}}
        node.outputs = [_nbformat.from_dict(output)]
    # The call says the answer. What stands before it is worth a look, folded.
    node.metadata["tags"] = [*node.metadata.get("tags", []), "remove-input" if alone else "hide-input"]


def _last_call(code: str) -> tuple[str, ast.Call | None, bool]:
    """The name and the call that a cell ends with, and whether it is all of the cell."""
    body = parsed(code).body
    match body[-1:]:
        case [ast.Expr(value=ast.Call(func=ast.Name(id=name)) as call)]:
            return name, call, len(body) == 1
    return "", None, False


def _card(name: str, call: ast.Call, node: Any) -> str:
    if name == "reveal":
        return _reveal(node)
    if name == "hints":
        return ""
    given = [ast.literal_eval(each) for each in call.args]
    named = {each.arg: ast.literal_eval(each.value) for each in call.keywords if each.arg}
    if name == "predict":
        return _predict(given[1], given[2])
    if name == "myth":
        return _myth(given[1], bool(named.get("truth", False)), str(named.get("because", "")))
    return _deck(int(given[0]))


def _predict(question: str, options: dict[str, str]) -> str:
    answers = "".join(f"<li>{inline(text)}</li>" for text in options.values())
    listed = f'<ol type="a" style="margin:6px 0 0;padding-left:1.6em">{answers}</ol>'
    return card(f"{eyebrow('PREDICT')}<strong>{inline(question)}</strong>{listed}", label="Prediction")


def _reveal(node: Any) -> str:
    for output in node.outputs:
        if found := _REVEALED.search(output.get("data", {}).get("text/plain", "")):
            seen, because = found[1], found[2] or ""
            body = f"<div><strong>{inline(seen)}</strong></div><div>{inline(because)}</div>"
            return card(_folded("What was observed", body), label="Reveal")
    return ""


def _myth(statement: str, truth: bool, because: str) -> str:
    verdict = f"<div><strong>{'True.' if truth else 'A myth.'}</strong> {inline(because)}</div>"
    body = f"{eyebrow('TRUE OR NOT?')}<strong>{inline(statement)}</strong>{_folded('Is it?', verdict)}"
    return card(body, label="Myth")


def _deck(lesson: int) -> str:
    return card(
        eyebrow("FLASH CARDS")
        + "".join(_folded(each.front, f"<div>{inline(each.back)}</div>") for each in deck(lesson)),
        label=f"Flash cards of lesson {lesson}",
    )


def _folded(summary: str, body: str) -> str:
    style = f"cursor:pointer;color:{LINK}"
    inner = f'<div style="margin:2px 0 8px 1em">{body}</div>'
    shown = inline(summary) if "`" in summary else html.escape(summary)
    return f'<details style="margin-top:6px"><summary style="{style}">{shown}</summary>{inner}</details>'
