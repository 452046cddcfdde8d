"""The little markup of reports, hints and cards: code, emphasis, strong."""

from __future__ import annotations

import pytest

from airlock.lesson.markup import inline, plain


@pytest.mark.parametrize(
    ("text", "html", "words"),
    [
        (
            "A client that only *prefers* TLS",
            "A client that only <em>prefers</em> TLS",
            "A client that only prefers TLS",
        ),
        ("**never** *two words*", "<strong>never</strong> <em>two words</em>", "never two words"),
        ("select * from a where b*c*d", "select * from a where b*c*d", "select * from a where b*c*d"),
        ("2 * 3 * 4 and one *left over", "2 * 3 * 4 and one *left over", "2 * 3 * 4 and one *left over"),
        ("<b> & **odd", "&lt;b&gt; &amp; **odd", "<b> & **odd"),
    ],
)
def test_marks_become_html_or_go(text: str, html: str, words: str) -> None:
    assert (inline(text), plain(text)) == (html, words)


def test_code_is_left_as_it_is() -> None:
    assert ">select *a* from **b**</code>" in inline("`select *a* from **b**`")
    assert plain("`select *a* from **b**`") == "`select *a* from **b**`"
