"""A statement that many believe: the learner says yes or no first, then sees whether it holds, and why."""

from __future__ import annotations

from typing import Any

from airlock.lesson import progress
from airlock.lesson.errors import LessonError
from airlock.lesson.markup import badge, eyebrow, inline, plain
from airlock.lesson.show import live, show_widget
from airlock.lesson.spoken import SAID

_BELIEFS = {"yes": True, "no": False}


def myth(key: str, statement: str, truth: bool = False, because: str = "", commit: str | None = None) -> None:
    """Ask whether a statement is true; the answer opens the explanation and is kept.

    Args:
        key: the myth's id, e.g. ``"1-x"``.
        statement: one sentence.
        truth: whether it is true.
        because: why, in a few sentences.
        commit: ``"yes"`` or ``"no"``: answer from code instead of from the card.

    Raises:
        LessonError: ``commit`` is neither.
    """
    if commit is not None:
        if commit not in _BELIEFS:
            raise LessonError(f'Myth {key}: commit is "yes" or "no", not {commit!r}.')
        progress.current().record_myth(key, _BELIEFS[commit])
    text = _as_text(key, statement, truth, because)
    if live():
        show_widget(_card(key, statement, truth, because), text)
    else:
        print(text)


def _card(key: str, statement: str, truth: bool, because: str) -> Any:
    from airlock.lesson import interactive

    store = progress.current()
    answer = interactive.html("")

    def believe(belief: bool) -> None:
        store.record_myth(key, belief)
        settle()

    yes = interactive.button("Yes, true", lambda: believe(True))
    no = interactive.button("No, false", lambda: believe(False))
    buttons = interactive.row(yes, no)

    def settle() -> None:
        belief = store.myth(key)
        if belief is None:
            return
        interactive.visible(buttons, False)
        tone = badge(_verdict(truth), "good" if belief == truth else "wait")
        answer.value = f"<div {SAID}>{tone} {inline(_said(belief, truth))}<br>{inline(because)}</div>"

    settle()
    title = interactive.html(f"{eyebrow('TRUE OR NOT?')}<div><strong>{inline(statement)}</strong></div>")
    return interactive.card(title, buttons, answer)


def _as_text(key: str, statement: str, truth: bool, because: str) -> str:
    belief = progress.current().myth(key)
    head = f"True or not? {plain(statement)}"
    if belief is None:
        return f'{head}\nTo answer from code, add commit="yes" or commit="no".'
    return f"{head}\n{_verdict(truth)}. {_said(belief, truth)}\n{plain(because)}"


def _verdict(truth: bool) -> str:
    return "True" if truth else "A myth"


def _said(belief: bool, truth: bool) -> str:
    answer = "yes" if belief else "no"
    return f"You said {answer}, and so it is." if belief == truth else f"You said {answer}."
