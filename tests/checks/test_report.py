"""Reports: what they are worth, and how they read as HTML and as text."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from airlock.checks.report import Outcome, Report, blocked, failed, lab_down, not_attempted, passed
from airlock.lesson import report_view

ALL = {
    Outcome.PASSED: passed("The server let you in.", "It counts."),
    Outcome.FAILED: failed("It said no.", "It matters.", "Look again.", "some-idea"),
    Outcome.NOT_ATTEMPTED: not_attempted("`uri` holds a placeholder."),
    Outcome.BLOCKED: blocked("1.1"),
    Outcome.LAB_DOWN: lab_down("PostgreSQL does not answer.", "./airlock up"),
}


class _Reader(HTMLParser):
    """Collects text and tags, and checks that every element is closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.tags: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def _read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


@pytest.mark.parametrize(("share", "earned"), [(0.0, 0), (0.5, 2), (1.0, 4), (7.0, 4), (-1.0, 0)])
def test_a_report_never_earns_more_than_its_points(share: float, earned: float) -> None:
    assert Report(Outcome.FAILED, "x", share=share, points=4).earned == earned


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_is_said_in_words_in_both_forms(outcome: Outcome) -> None:
    report = ALL[outcome].labelled("1.3", "Repair a URI", 4)
    word = report_view.verdict(report)
    assert word.upper() in report_view.to_text(report)
    assert word in _read(report_view.to_html(report)).text
    assert len({report_view.verdict(each) for each in ALL.values()}) == len(Outcome)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_both_forms_hold_everything_the_report_says(outcome: Outcome) -> None:
    report = ALL[outcome].labelled("1.3", "Repair a URI", 4)
    shown = "".join(_read(report_view.to_html(report)).text)
    written = " ".join(report_view.to_text(report).split())
    for said in (report.saw, report.why, report.look, "1.3", "Repair a URI", report_view.points(report)):
        assert said.replace("`", "") in shown
        assert said in written


def test_partial_credit_is_neither_passed_nor_nothing() -> None:
    report = failed("Two of three.", "", "", share=0.5).labelled("1.7", "Homes", 3)
    assert report_view.verdict(report) == "Partly"
    assert "1.5 of 3 points" in report_view.to_text(report)


def test_what_a_learner_typed_cannot_become_markup() -> None:
    evil = '<script>alert(1)</script> **<img src=x onerror="y">** `<b>&</b>`'
    report = failed(evil, evil, evil).labelled("<i>", evil, 1)
    reader = _read(report_view.to_html(report))
    assert {"script", "img", "b", "i"}.isdisjoint(reader.tags)
    assert "<script>alert(1)</script>" in "".join(reader.text)


def test_the_html_needs_nothing_from_elsewhere() -> None:
    html = report_view.to_html(ALL[Outcome.FAILED].labelled("1.1", "T", 1))
    assert "script" not in html
    assert "http" not in html


def test_long_words_are_not_cut_in_text() -> None:
    uri = "postgres://" + "x" * 150
    assert uri in report_view.to_text(failed(f"You wrote {uri} there.", "", ""))


def test_marks_that_do_not_pair_stay_as_they_are() -> None:
    shown = "".join(_read(report_view.to_html(failed("2 ** 3 and a ` there", "", ""))).text)
    assert "2 ** 3 and a ` there" in shown
