"""Predict, run, reveal: the learner commits to an answer before the cell runs, and sees it beside what happened.

An answer is kept in the progress store, so it outlives the kernel. It can be changed until it is revealed, and it
is never graded.
"""

from __future__ import annotations

from typing import Any

from airlock.lesson import progress
from airlock.lesson.errors import LessonError
from airlock.lesson.markup import MUTED, badge, card, eyebrow, inline, plain, rows
from airlock.lesson.show import live, show, show_widget
from airlock.lesson.spoken import SAID

# Answers by prediction, as asked in this kernel: a reveal can name them even when nothing was committed.
_asked: dict[str, dict[str, str]] = {}


def predict(key: str, question: str, options: dict[str, str], commit: str | None = None) -> None:
    """Ask for a prediction.

    Args:
        key: the prediction's id, e.g. ``"1-a"``; `reveal` takes the same.
        question: one question.
        options: answers by letter, e.g. ``{"a": "…", "b": "…"}``.
        commit: answer from code instead of from the card.

    Raises:
        LessonError: ``commit`` is not one of the letters.
    """
    if commit is not None:
        if commit not in options:
            letters = ", ".join(options)
            raise LessonError(f"Prediction {key} has no answer {commit!r}; the answers are {letters}.")
        progress.current().predict(key, commit, options)
    _asked[key] = options
    text = _as_text(key, question, options)
    if live():
        show_widget(_card(key, question, options), text)
    else:
        print(text)


def reveal(key: str, observed: str, because: str = "") -> None:
    """Show the learner's prediction beside what was observed.

    Args:
        key: the prediction's id.
        observed: the letter of what happened, or a sentence when none of the answers did.
        because: why it happened.
    """
    store = progress.current()
    known = store.prediction(key)
    store.reveal(key)
    options = known["options"] if known else _asked.get(key, {})
    answer = known["answer"] if known else None
    seen = _named(observed, options)
    if answer is None:
        guess, word = (
            "No prediction was made: run the cell with the question and commit to an answer.",
            "No prediction",
        )
        tone = badge(word, "plain")
    else:
        guess, word = (
            _named(answer, options),
            "As you predicted" if answer == observed else "Not as you predicted",
        )
        tone = badge(word, "good" if answer == observed else "wait")
    pairs = [("Predicted", guess), ("Observed", seen), *([("Because", because)] if because else [])]
    body = f"{eyebrow('REVEAL')}<div>{tone}</div>{rows([(name, inline(text)) for name, text in pairs])}"
    text = "\n".join([word, *(f"{name + ':':<11}{plain(text)}" for name, text in pairs)])
    show(card(body, label=f"Reveal {key}"), text)


def _card(key: str, question: str, options: dict[str, str]) -> Any:
    from airlock.lesson import interactive

    store = progress.current()
    known = store.prediction(key)
    chosen = known["answer"] if known and known["answer"] in options else None
    choice = interactive.Choice(options, chosen)
    status = interactive.html("")

    def commit() -> None:
        if choice.value is None:
            status.value = _status("Choose an answer first.")
            return
        store.predict(key, choice.value, options)
        settle()

    button = interactive.button("Commit answer", commit, primary=True)

    def settle() -> None:
        now = store.prediction(key)
        if now is None:
            return
        if now["revealed"]:
            choice.close()
            interactive.visible(button, False)
        button.description = button.tooltip = "Change answer"
        button.button_style = ""
        status.value = _status(_answered(now))

    settle()
    title = interactive.html(f"{eyebrow('PREDICT')}<div><strong>{inline(question)}</strong></div>")
    return interactive.card(title, choice.widget, interactive.row(button), status)


def _as_text(key: str, question: str, options: dict[str, str]) -> str:
    known = progress.current().prediction(key)
    answers = [f"  {letter}  {plain(text)}" for letter, text in options.items()]
    last = _answered(known) if known else f'To answer from code, add commit="{next(iter(options))}".'
    return "\n".join([f"Predict: {plain(question)}", *answers, plain(last)])


def _answered(known: progress.Record) -> str:
    more = "It was revealed, so it stands." if known["revealed"] else "You can change it until the reveal."
    return f"You answered: {_named(known['answer'], known['options'])} {more}"


def _named(answer: str, options: dict[str, str]) -> str:
    return f"**{options[answer].rstrip('.')}**." if answer in options else answer


def _status(text: str) -> str:
    return f'<div {SAID} style="margin-top:4px;color:{MUTED}">{inline(text)}</div>'
