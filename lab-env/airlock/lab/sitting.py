"""One sitting of an exam: whose values it has, and its clock.

Both are in ``exam.json`` beside the exam's notebooks: a chain of entries, each with the digest of the one before.
The seed of the sitting's personal values is made from the first entry, which holds when it began: another beginning
is another exam, and every answer in it wrong. What is written later can be written anew by whoever reads this: the
short receipts at the beginning and at the hand-in are for somebody else to note down.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from airlock.lab.seed import Seed

FILE = "exam.json"
BEGUN, SEEN, HANDED_IN = "begun", "seen", "handed in"
Entry = dict[str, Any]
_MAX_BYTES = 1_000_000
_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True)
class Sitting:
    """An exam that was begun, as its folder says. Nothing in it has been verified: that is for whoever grades it."""

    folder: Path
    entries: tuple[Entry, ...]

    @classmethod
    def begin(cls, folder: Path, lessons: tuple[int, ...], minutes: int) -> Sitting:
        """Start the clock. The folder has no sitting yet."""
        first = _stamped(BEGUN, lessons=list(lessons), minutes=minutes, nonce=secrets.token_hex(16))
        return cls(folder, (first,))._saved()

    @classmethod
    def find(cls, folder: Path) -> Sitting | None:
        """The sitting in a folder; None when there is none, or none that can be read."""
        file = folder / FILE
        try:
            if file.is_symlink() or file.stat().st_size > _MAX_BYTES:
                return None
            entries = json.loads(file.read_text(encoding="utf-8"))["entries"]
            made = cls(folder, tuple(_whole(entry) for entry in entries))
            _ = made.seed, made.ends, made.handed_in, made.lessons, made.seen()
        except (OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError):
            return None
        return made

    @classmethod
    def here(cls) -> Sitting | None:
        """The sitting whose folder this process works in: a notebook's kernel works where its notebook is."""
        try:
            return cls.find(Path.cwd())
        except OSError:  # the folder is gone
            return None

    @classmethod
    def all(cls, work: Path) -> list[Sitting]:
        """Every sitting in the work folder, by name."""
        return [found for folder in sorted(work.glob("exam-*")) if (found := cls.find(folder))]

    @property
    def name(self) -> str:
        """The exam's name, which is its folder's and nbgrader's, e.g. ``exam-2-4``."""
        return self.folder.name

    @property
    def lessons(self) -> tuple[int, ...]:
        """The lessons whose tasks it has."""
        return tuple(int(each) for each in self.entries[0]["lessons"])

    @property
    def seed(self) -> Seed:
        """Where this sitting's personal values come from: its first entry."""
        return Seed(hashlib.sha256(f"airlock exam {digest(self.entries[0])}".encode()).hexdigest()[:32])

    @property
    def begun(self) -> datetime:
        """When it began, in UTC."""
        return moment(self.entries[0])

    @property
    def minutes(self) -> int:
        """How long it may take."""
        return int(self.entries[0]["minutes"])

    @property
    def ends(self) -> datetime:
        """When its time is over, in UTC."""
        return self.begun + timedelta(minutes=self.minutes)

    @property
    def handed_in(self) -> datetime | None:
        """When it was handed in, for the first time; None while it was not."""
        done = [moment(entry) for entry in self.entries if entry["what"] == HANDED_IN]
        return done[0] if done else None

    @property
    def running(self) -> bool:
        """Whether it waits to be handed in."""
        return self.handed_in is None

    @property
    def receipt(self) -> str:
        """Eight digits that stand for everything so far: one changed character gives others."""
        return digest(self.entries[-1])[:8]

    def seen(self) -> set[str]:
        """The tasks whose answers were seen by a check."""
        return {str(entry["task"]) for entry in self.entries if entry["what"] == SEEN}

    def seen_in_words(self) -> str:
        """E.g. ``3 answers seen``."""
        number = len(self.seen())
        return "1 answer seen" if number == 1 else f"{number} answers seen"

    def left_in_words(self, now: datetime | None = None) -> str:
        """E.g. ``38 minutes left``, or ``12 minutes over its time``."""
        minutes = int((self.ends - (now or datetime.now(UTC))).total_seconds() // 60)
        number = minutes if minutes >= 0 else -minutes
        unit = "minute" if number == 1 else "minutes"
        return f"{number} {unit} left" if minutes >= 0 else f"{number} {unit} over its time"

    def note(self, what: str, **more: Any) -> Sitting:
        """The sitting with one more entry, written down. Another notebook may have written meanwhile."""
        with (self.folder / f".{FILE}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            now = Sitting.find(self.folder) or self
            entry = _stamped(what, **more, before=digest(now.entries[-1]))
            return Sitting(self.folder, (*now.entries, entry))._saved()

    def _saved(self) -> Sitting:
        self.folder.mkdir(parents=True, exist_ok=True)
        partial = self.folder / f".{FILE}.partial"
        partial.write_text(json.dumps({"entries": self.entries}, indent=1) + "\n", encoding="utf-8")
        partial.replace(self.folder / FILE)
        return self


def digest(entry: Entry) -> str:
    """SHA-256 of an entry, whatever the order of its names."""
    return hashlib.sha256(json.dumps(entry, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def moment(entry: Entry) -> datetime:
    """When an entry was written, in UTC. Raises ValueError for a time without a zone."""
    at = datetime.fromisoformat(entry["at"])
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return at.astimezone(UTC)


def _whole(entry: Any) -> Entry:
    if not isinstance(entry, dict) or not isinstance(entry["what"], str) or not isinstance(entry["up"], int | float):
        raise ValueError("not an entry")
    moment(entry)
    return entry


def _stamped(what: str, **more: Any) -> Entry:
    """With two clocks: the wall's, which can be set, and the machine's since it started, which cannot."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    boot = hashlib.sha256(_BOOT.read_bytes()).hexdigest()[:8] if _BOOT.exists() else ""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return {"what": what, "at": at, "up": round(time.clock_gettime(clock), 1), "boot": boot, **more}
