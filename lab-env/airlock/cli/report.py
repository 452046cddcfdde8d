"""Reports and faults on a terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from airlock.checks.report import Outcome, Report
from airlock.course.fault import Fault
from airlock.lesson import report_view

_COLOURS = {Outcome.PASSED: "green", Outcome.FAILED: "red"}


def show_report(console: Console, report: Report) -> None:
    """A check's report: its verdict in colour, then what was seen, why, and what to try."""
    head, _, rest = report_view.to_text(report, min(console.width, 100)).partition("\n")
    console.print(Text(head, style=f"bold {_COLOURS.get(report.outcome, 'yellow')}"))
    if rest:
        console.print(Text(rest))


def show_faults(console: Console, faults: Iterable[Fault]) -> None:
    """Each fault with its place, and its repair below."""
    for fault in faults:
        console.print(Text.assemble("    ", (fault.place, "bold"), f"  {fault.what}"), soft_wrap=True)
        if fault.repair:
            console.print(Text(f"      {fault.repair}", style="dim"), soft_wrap=True)
