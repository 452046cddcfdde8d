"""When a learner handed in, as the LMS says it; kept as nbgrader's ``timestamp.txt``.

Blackboard writes it in each file's name. Moodle has it in its grading worksheet (a CSV file), not in the archive: that
one holds the time of the download (``add_file_from_stored_file`` in Moodle's ``zip_writer.php``), unless the site sets
it otherwise. Canvas writes only ``LATE``. A learner's own file of that name is no evidence, and is left out.
"""

from __future__ import annotations

import csv
import re
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from dateutil import parser
from nbgrader.utils import parse_utc

FILE = "timestamp.txt"
_ATTEMPT = re.compile(r"_attempt_(\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d)")
_MOODLE = re.compile(r"_(\d+)_assignsubmission_")
_WHO, _NUMBER, _WHEN = ("learner", "Full name"), "Identifier", ("time", "Last modified (submission)")


class NoTimes(Exception):
    """A worksheet that cannot be read; the message says what it needs."""


@dataclass
class Times:
    """What is known of when hand-ins came. Times without a zone are this machine's.

    Attributes:
        people: from a worksheet, by the learner's name or Moodle's number as it is written there.
        archived: from a zip archive whose own times are those of the hand-ins.
        unread: names in the worksheet whose time is not understood.
    """

    people: dict[str, datetime] = field(default_factory=dict)
    archived: dict[PurePosixPath, datetime] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)

    def of(self, entry: PurePosixPath, learner: str) -> datetime | None:
        """When this entry of an archive or folder was handed in; ``learner`` is its owner as the LMS writes it."""
        number = _MOODLE.search(entry.parts[0])
        for known in (number[1] if number else "", learner):
            if known in self.people:
                return self.people[known]
        if attempt := _ATTEMPT.search(entry.parts[0]):
            return datetime.strptime(attempt[1], "%Y-%m-%d-%H-%M-%S").astimezone()
        return self.archived.get(entry)

    def read_worksheet(self, file: Path) -> None:
        """Take the times of Moodle's grading worksheet, or of any CSV file with the columns ``learner`` and ``time``.

        Raises:
            NoTimes: the columns are missing.
        """
        with file.open(newline="", encoding="utf-8-sig") as stream:
            lines = csv.DictReader(stream)
            headings = lines.fieldnames or ()
            who = next((each for each in _WHO if each in headings), "")
            when = next((each for each in _WHEN if each in headings), "")
            if not who or not when:
                raise NoTimes(
                    f"{file.name} has the columns {', '.join(headings)}. It needs learner and time, or those of "
                    f"Moodle's grading worksheet in English: {_WHO[1]} and {_WHEN[1]}."
                )
            for line in lines:
                self._read(line[who] or "", line.get(_NUMBER) or "", line[when] or "")

    def _read(self, learner: str, number: str, written: str) -> None:
        if written.strip() in ("", "-"):  # nothing was handed in
            return
        try:
            moment = parser.parse(written).astimezone()
        except (ValueError, OverflowError):
            self.unread.append(f"{learner!r}: {written!r} is no time that is understood.")
            return
        self.people[learner] = moment
        if digits := re.search(r"\d+", number):
            self.people[digits[0]] = moment

    def read_archive(self, file: Path) -> None:
        """Take a zip archive's own times of its files."""
        with zipfile.ZipFile(file) as archive:
            for each in archive.infolist():
                moment = datetime(*each.date_time).astimezone()
                self.archived[PurePosixPath(each.filename.replace("\\", "/"))] = moment


def stamp(moment: datetime) -> bytes:
    """The content of ``timestamp.txt``."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC\n".encode()


def stamped(folder: Path) -> datetime | None:
    """The time in a folder's ``timestamp.txt``; None when there is none, or none that is understood."""
    try:
        found: datetime = parse_utc((folder / FILE).read_text().strip())
        return found.replace(tzinfo=UTC)
    except (OSError, ValueError, OverflowError):
        return None
