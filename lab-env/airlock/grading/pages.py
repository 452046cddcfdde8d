"""How text is shown to whoever marks, and in feedback: as Markdown, and with no script, whoever wrote it.

nbgrader's own templates put a hand-in's Markdown into the page as it is, so that `<script>` in an answer would run in
the instructor's browser.
"""

from __future__ import annotations

import re
from typing import Any

import bleach
from jinja2 import Environment, FileSystemBytecodeCache, pass_context
from jinja2.runtime import Context
from nbconvert.exporters import HTMLExporter
from nbconvert.filters import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from airlock.grading import journal

_renderer: Any = IPythonRenderer
_markdown: Any = MarkdownWithMath
_clean: Any = bleach.clean
_TAGS = {
    *("a", "abbr", "b", "blockquote", "br", "code", "del", "details", "div", "em", "h1", "h2", "h3", "h4", "h5", "h6"),
    *("hr", "i", "img", "li", "ol", "p", "pre", "s", "span", "strong", "sub", "summary", "sup"),
    *("table", "tbody", "td", "th", "thead", "tr", "ul"),
}
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|svg\+xml);base64,|[\w./ %-]+$")


_NO_TEXT, _WITH_TEXT = re.compile(r"<img (?![^>]*\balt=)"), '<img alt="a picture that the notebook shows" '


class PageExporter(HTMLExporter):
    """nbconvert's exporter for feedback. The page says its language, so that a screen reader has the right voice.

    It remembers its compiled templates: compiling them takes longer than all the rest. And it does not read the page
    that it has made, as nbconvert's does, to find pictures without a text: that takes as long as making it.
    """

    def from_notebook_node(self, nb: Any, resources: Any = None, **kw: Any) -> Any:
        """The page of a notebook and nbconvert's resources, as a pair."""
        highlight: Any = Highlight2HTML
        add: Any = self.register_filter
        add("highlight_code", highlight(pygments_lexer="ipython3", parent=self))
        convert: Any = super(HTMLExporter, self).from_notebook_node
        page, resources = convert(nb, resources, **kw)
        return _NO_TEXT.sub(_WITH_TEXT, page.replace("<html>", '<html lang="en">', 1)), resources

    def _create_environment(self) -> Environment:
        environment: Environment = super()._create_environment()  # type: ignore[no-untyped-call]
        kept = journal.folder() / "templates"
        kept.mkdir(parents=True, exist_ok=True)
        environment.bytecode_cache = FileSystemBytecodeCache(str(kept))
        return environment


@pass_context
def markdown(context: Context, source: str) -> str:
    """The HTML of a cell's or a comment's Markdown, without anything that runs or is fetched from elsewhere."""
    attachments = context.get("cell", {}).get("attachments", {})
    html = _markdown(renderer=_renderer(escape=False, attachments=attachments)).render(source)
    return str(_clean(html, tags=_TAGS, attributes=_kept, protocols={"http", "https", "mailto", "data"}))


def _kept(tag: str, name: str, value: str) -> bool:
    if name in ("class", "id", "title") or (tag, name) == ("details", "open"):
        return True
    if tag == "img":
        return name == "alt" or (name == "src" and bool(_PICTURE.match(value)))
    return tag == "a" and name == "href" and not value.strip().lower().startswith("data:")
