"""One rendering of a `Report`, as HTML and as text: for notebooks, for nbgrader's feedback and for a terminal."""

from __future__ import annotations

import html
import textwrap

from airlock.checks.report import Outcome, Report
from airlock.lesson.markup import MUTED, Tone, badge, card, inline, plain, rows

_WORDS: dict[Outcome, tuple[str, Tone]] = {
    Outcome.PASSED: ("Passed", "good"),
    Outcome.FAILED: ("Not yet", "bad"),
    Outcome.NOT_ATTEMPTED: ("Not attempted", "plain"),
    Outcome.BLOCKED: ("Blocked", "wait"),
    Outcome.LAB_DOWN: ("Lab is down", "wait"),
}


def verdict(report: Report) -> str:
    """The outcome in words, e.g. ``Not yet``."""
    return _word(report)[0]


def sentence(report: Report) -> str:
    """Why nothing was earned, as the one line under a report."""
    said = {
        Outcome.NOT_ATTEMPTED: "not attempted yet.",
        Outcome.BLOCKED: "an earlier task comes first.",
        Outcome.LAB_DOWN: "not judged, because the lab does not answer.",
    }
    return said.get(report.outcome, "not passed yet. The report above says what to try next.")


def points(report: Report) -> str:
    """What was earned, e.g. ``2 of 4 points``."""
    unit = "point" if report.points == 1 else "points"
    return f"{report.earned:g} of {report.points:g} {unit}"


def to_text(report: Report, width: int = 96) -> str:
    """The report for a terminal or a cell's standard output; wrapped, no colour, no trailing newline."""
    head = f"[{verdict(report).upper()}]  {report.task}  {report.title}  ({points(report)})"
    parts = [_wrapped(name, plain(text), width) for name, text in _parts(report)]
    return "\n".join([head, *parts])


def to_html(report: Report) -> str:
    """The report as one HTML block with inline styles and no scripts; everything in it is escaped."""
    word, tone = _word(report)
    title = f"<strong>{html.escape(f'{report.task} {report.title}'.strip())}</strong>"
    marks = f'<span style="margin-left:auto;color:{MUTED};white-space:nowrap">{points(report)}</span>'
    head = (
        '<div style="display:flex;flex-wrap:wrap;align-items:center;gap:4px 10px">'
        f"{badge(word, tone)}{title}{marks}</div>"
    )
    return card(head + rows([(name, inline(text)) for name, text in _parts(report)]), tone, f"Check: {word}")


def _word(report: Report) -> tuple[str, Tone]:
    if report.outcome is Outcome.FAILED and report.earned > 0:
        return "Partly", "wait"
    return _WORDS[report.outcome]


def _parts(report: Report) -> list[tuple[str, str]]:
    last = "Remedy" if report.outcome is Outcome.LAB_DOWN else "Try next"
    parts = [("Seen", report.saw), ("Why", report.why), (last, report.look)]
    return [(name, text) for name, text in parts if text]


def _wrapped(name: str, text: str, width: int) -> str:
    # Lines the judge broke on purpose stay broken; long words (a URI, a command) are never cut.
    indent = " " * 10
    lines = [
        wrapped
        for line in text.splitlines()
        for wrapped in textwrap.wrap(line, width - 10, break_long_words=False, break_on_hyphens=False) or [""]
    ]
    return f"{name:<10}" + f"\n{indent}".join(lines)
