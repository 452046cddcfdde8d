"""What is wrong with the course material, where, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from airlock import paths


@dataclass(frozen=True)
class Fault:
    """One broken rule.

    Attributes:
        rule: its short name, e.g. ``alt-text``.
        file, line: where to look; line 0 means the whole file.
        what: the fault in one sentence.
        repair: what to do about it.
    """

    rule: str
    file: Path
    line: int
    what: str
    repair: str = ""

    @property
    def place(self) -> str:
        """``path:line``, the path relative to the course where it can be."""
        root = paths.course_root()
        name = self.file.relative_to(root) if self.file.is_relative_to(root) else self.file
        return f"{name}:{self.line}" if self.line else str(name)

    def __str__(self) -> str:
        return f"{self.place}: {self.what}" + (f" {self.repair}" if self.repair else "")


class BadSource(Exception):
    """The source of a lesson cannot be built.

    Attributes:
        faults: everything found, in order.
    """

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults
