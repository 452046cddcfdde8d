"""Judge of the exercise “The ticket that never ends”: a door that lets in whoever brings a Fernet token."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet

from airlock.checks.exercises import exercise
from airlock.checks.report import Report, failed, passed
from airlock.checks.script import Ran, run
from airlock.lab import View

_DAG = "orders_report"


@dataclass(frozen=True)
class _Visitor:
    """Somebody with a ticket, and what is to be said when the door treats it wrongly."""

    ticket: str
    given: dict[str, str]
    saw: str
    why: str
    look: str
    misconception: str


@exercise("lesson-3/old-tickets")
def old_tickets(folder: Path, view: View) -> Report:
    """Tickets of this key, for this DAG, of the last ten minutes are good. Nothing else is."""
    key = Fernet.generate_key()
    for seconds in (0, 540, -30):
        done = _brought(folder, _ticket(key, seconds), {"TICKET_KEY": key.decode()})
        if not _started(done):
            return _refused_good(done, seconds)
    for visitor in _strangers(folder, key, view.seed.word("payroll")):
        done = _brought(folder, visitor.ticket, visitor.given)
        if _started(done):
            return failed(visitor.saw, visitor.why, visitor.look, visitor.misconception)
        if not done.trouble:
            return failed(
                "A ticket was refused, and `door.py` ended as if all were well.",
                "Whoever called it goes by the exit code, and reports that the DAG was started.",
                '`sys.exit("a sentence")` writes it to standard error and ends with 1.',
                "silent-refusal",
            )
        if "Traceback" in done.errors:
            return failed(
                f"A ticket was refused with a traceback: {done.trouble}.",
                "The one who reads the log at night cannot tell a refusal from a broken door.",
                "Catch what `decrypt` raises, and say in one sentence that the ticket was refused.",
                "traceback",
            )
    return passed(
        "Good tickets start their DAG. Old ones, some from the future, for another DAG, under another key, changed "
        "ones, and any without a key of the deployment start nothing.",
        "A ticket that leaks into a chat is worthless before anybody reads it.",
    )


def _strangers(folder: Path, key: bytes, elsewhere: str) -> list[_Visitor]:
    given = {"TICKET_KEY": key.decode()}
    good = _ticket(key, 5)
    raw = bytearray(good.encode())
    raw[40] = ord("A") if raw[40] != ord("A") else ord("B")
    default = _default(folder)
    found = [
        _Visitor(
            _ticket(key, 5 * 30 * 86_400),
            given,
            "A ticket of five months ago started the DAG.",
            "Whatever is in a chat, a log or a backup stays good for ever.",
            "A Fernet token carries the time it was made. Who looks at it?",
            "never-ends",
        ),
        _Visitor(
            _ticket(key, 660),
            given,
            "A ticket of eleven minutes ago started the DAG.",
            "Ten minutes were agreed on.",
            "`ttl` is in seconds.",
            "too-long",
        ),
        _Visitor(
            _ticket(key, -3600),
            given,
            "A ticket from an hour ahead started the DAG.",
            "Whoever has the key for a moment makes tickets for all of next year.",
            "`decrypt` looks at the future only when it is given a `ttl`. By hand: an age has two limits.",
            "from-the-future",
        ),
        _Visitor(
            _ticket(key, 5, elsewhere),
            given,
            f"A ticket for the DAG `{elsewhere}` started `{_DAG}`.",
            "Whoever may start one DAG may start all of them.",
            "Compare what is in the ticket with what was asked for.",
            "any-dag",
        ),
        _Visitor(
            _ticket(Fernet.generate_key(), 5),
            given,
            "A ticket under another key started the DAG.",
            "Then the key protects nothing.",
            "Only what `decrypt` has accepted may be believed.",
            "any-key",
        ),
        _Visitor(
            raw.decode(),
            given,
            "A ticket that was changed on the way started the DAG.",
            "Time and content of a token can be read without the key, and written, too. Only the HMAC tells.",
            "Only what `decrypt` has accepted may be believed.",
            "changed",
        ),
    ]
    if default:
        found.append(
            _Visitor(
                _ticket(default, 5),
                {},
                "Without `TICKET_KEY`, a ticket under the key that stands in `door.py` started the DAG.",
                "Everybody who can read the repository can make one, wherever the variable was forgotten.",
                "No key, no door: let it refuse to work.",
                "key-in-the-file",
            )
        )
    return found


def _default(folder: Path) -> bytes | None:
    """The key that the exercise is handed out with, if the learner's file still names it."""
    key = b"YWlybG9jay10aWNrZXRzLXNoYXJlZC1zcHJpbmcta2U="
    return key if key.decode() in (folder / "door.py").read_text(encoding="utf-8") else None


def _ticket(key: bytes, seconds_ago: int, dag: str = _DAG) -> str:
    made = int(time.time()) - seconds_ago
    return Fernet(key).encrypt_at_time(json.dumps({"dag": dag}).encode(), made).decode()


def _brought(folder: Path, ticket: str, given: dict[str, str]) -> Ran:
    return run(folder / "door.py", _DAG, given=given, text=ticket + "\n")


def _started(done: Ran) -> bool:
    return f"start {_DAG}" in done.output.splitlines()


def _refused_good(done: Ran, seconds: int) -> Report:
    when = {0: "made this second", 540: "nine minutes old"}.get(seconds, "from half a minute ahead (another clock)")
    said = f" It {done.trouble}." if done.trouble else ""
    return failed(
        f"A ticket {when}, under the right key and for the right DAG, started nothing.{said}",
        "The other team cannot work, and somebody will open the door for good.",
        "`TICKET_KEY=… python door.py orders_report < ticket.txt`",
        "good-refused" if "refused" in done.errors or "does not open" in done.errors else "script-fails",
    )
