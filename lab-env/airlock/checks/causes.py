"""How an answer `why` is judged that gives each of some letters one of some causes: tasks 4.6 and 6.3."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from airlock.checks.report import Report, failed

Explained = tuple[str, str, str, str]
"""What was seen, why it matters, what to look at, and the misconception."""


@dataclass(frozen=True)
class Riddle:
    """What such a task is about.

    Attributes:
        causes: the words to choose from.
        noun: what a letter stands for, as a sentence begins with it.
        never_the_same: why each letter needs an answer of its own.
        explained: by what it was, and what was named instead.
        otherwise: by what it was, when there is nothing more special.
    """

    causes: Iterable[str]
    noun: str
    never_the_same: str
    explained: Mapping[tuple[str, str], Explained]
    otherwise: Mapping[str, Explained]

    def wrong(self, given: Any, truth: Mapping[str, str]) -> Report | None:
        """What is wrong with ``given``, letter to cause; None: nothing. Two mistakes leave half of the points."""
        if not isinstance(given, dict) or set(given) != set(truth):
            return failed(
                "`why` has no entry for each of the six letters.",
                self.never_the_same,
                '`why = {"a": "…", …, "f": "…"}`',
                "letter-missing",
            )
        named = {letter: str(given[letter]).strip().lower() for letter in truth}
        if unknown := sorted(set(named.values()) - set(self.causes)):
            return failed(
                f"`why` names {unknown[0]!r}.",
                "The check knows six causes.",
                f"Use {', '.join(self.causes)}.",
                "unknown-cause",
            )
        wrong = [letter for letter in truth if named[letter] != truth[letter]]
        if not wrong:
            return None
        letter = wrong[0]
        about = self.explained.get((truth[letter], named[letter]), self.otherwise[truth[letter]])
        saw, why, look, misconception = about
        return failed(f"{self.noun} {letter}: {saw}", why, look, misconception, share=0.5 if len(wrong) <= 2 else 0.0)
