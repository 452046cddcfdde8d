"""``handshake()``: the learner's own session of this moment, in TLS 1.2 and in TLS 1.3, step by step.

Both were recorded by the eavesdropper; the keys to open them come from the learner's own client.
"""

from __future__ import annotations

from typing import Literal

from airlock.lab import View
from airlock.lesson import progress
from airlock.lesson.anatomy import counted
from airlock.lesson.errors import LessonError, lab_needed
from airlock.lesson.handshake_steps import PHASES, agreed, held, phases
from airlock.lesson.show import live, show, show_widget
from airlock.lesson.traffic import Tap, tap
from airlock.lesson.wiretap import as_page


def handshake() -> None:
    """Log in to the shop through the eavesdropper, once with TLS 1.2 and once with 1.3, and show both handshakes.

    Raises:
        LessonError: this client cannot write its keys down.
    """
    older, newer = _run("TLSv1.2"), _run("TLSv1.3")
    note = "Your own login of a moment ago, twice. Recorded by the eavesdropper; the keys are your client's."
    text = as_text(note, older, newer)
    progress.current().visit("watch")
    if live():
        from airlock.lesson.handshake_view import Handshakes

        show_widget(Handshakes(note, older, newer).widget, text)
    else:
        show(as_page(text, "The handshake"), text)


def as_text(note: str, *taps: Tap) -> str:
    """Both sessions, for a terminal and for pages without widgets: every message, and what was agreed."""
    parts = [f"{note}\nIn brackets: what an encrypted record held, which only the keys show."]
    for each in taps:
        lines, before = [f"{each.title}, {each.size:,} bytes"], -1
        for packet, phase in zip(each.packets, phases(each), strict=True):
            if phase != before:
                lines.append(f" {PHASES[phase][0].upper()}{PHASES[phase][1:]}")
                before = phase
            message = packet.message
            inside = f" [{held(message)}]" if message.opening else ""
            lines.append(f"  {message.sender} sends {counted(message.size):>11}  {message.kind}{inside}")
        last = each.packets[-1] if each.packets else None
        closed, open_ = (agreed(each, last, last, keys) for keys in (False, True))
        facts = [
            f"  {one.name}: {other.value}"
            + (f"; to anybody else: {one.value}" if one.value != other.value and one.value else "")
            for one, other in zip(closed, open_, strict=True)
            if other.value
        ]
        parts.append("\n".join([*lines, " Agreed", *facts]))
    return "\n\n".join(parts)


def _run(version: Literal["TLSv1.2", "TLSv1.3"]) -> Tap:
    import psycopg

    from airlock.lab.handshakes import NoKeyLog, own_handshake

    with lab_needed():
        try:
            session = own_handshake(View.current(), version)
        except NoKeyLog as problem:
            raise LessonError(str(problem)) from None
        except psycopg.Error as error:
            raise LessonError(f"PostgreSQL refused the session: {str(error).strip().splitlines()[0]}") from None
    return tap(version.replace("v", " "), session.chunks(), {}, session.keys["client"])
