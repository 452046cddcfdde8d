"""What whoever grades an exam should know about its clock: in time, late, or changed afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from airlock.course.exam import fingerprints
from airlock.lab.sitting import HANDED_IN, Entry, Sitting, digest, moment

_SLACK = 60
"""Seconds by which two clocks of one machine may differ before it is worth a remark."""
_GRACE = 60
"""Seconds after the end that nobody is called late for."""


def remarks(folder: Path) -> list[str]:
    """Sentences about the sitting in a handed-in folder, the time first."""
    sitting = Sitting.find(folder)
    if sitting is None:
        return ["There is no readable exam.json: nothing is known about the time that this exam took."]
    return [_time(sitting), *_changed(sitting), *_clocks(sitting), *_files(sitting)]


def _time(sitting: Sitting) -> str:
    began = f"{sitting.begun:%Y-%m-%d %H:%M} UTC"
    if sitting.handed_in is None:
        last = moment(sitting.entries[-1])
        return f"Begun {began} and not handed in by its own clock; last written to at {last:%H:%M} UTC."
    took = (sitting.handed_in - sitting.begun).total_seconds() / 60
    late = (sitting.handed_in - sitting.ends).total_seconds()
    verdict = "in time" if late <= _GRACE else f"LATE by {late / 60:.0f} minutes"
    return (
        f"Begun {began}, handed in after {took:.0f} of {sitting.minutes} minutes: {verdict}. Receipt {sitting.receipt}."
    )


def _changed(sitting: Sitting) -> Iterator[str]:
    for number, (before, entry) in enumerate(_pairs(sitting), 1):
        if entry.get("before") != digest(before):
            yield f"The record of the clock was changed: entry {number + 1} does not fit the one before it."


def _clocks(sitting: Sitting) -> Iterator[str]:
    for before, entry in _pairs(sitting):
        went = (moment(entry) - moment(before)).total_seconds()
        if went < -1:
            yield f"The clock went back by {-went / 60:.0f} minutes before {moment(entry):%H:%M} UTC."
        elif before.get("boot") and before.get("boot") == entry.get("boot"):
            ran = float(entry["up"]) - float(before["up"])
            if abs(went - ran) > _SLACK:
                yield (
                    f"The machine's clock was set: between {moment(before):%H:%M} and {moment(entry):%H:%M} UTC "
                    f"it ran for {ran / 60:.0f} minutes, and not for {went / 60:.0f}."
                )


def _files(sitting: Sitting) -> Iterator[str]:
    done = [entry for entry in sitting.entries if entry["what"] == HANDED_IN]
    if not done:
        return
    known, now = done[0].get("files"), fingerprints(sitting.folder)
    known = known if isinstance(known, dict) else {}
    if changed := sorted(name for name in {*known, *now} if known.get(name) != now.get(name)):
        yield f"Not as it was handed in: {', '.join(changed)}."


def _pairs(sitting: Sitting) -> Iterator[tuple[Entry, Entry]]:
    return zip(sitting.entries, sitting.entries[1:], strict=False)
