"""What no page of the site may do: load something from elsewhere, or name a folder of this machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from airlock import paths
from airlock.course.fault import Fault

_LOADS = {"audio", "embed", "iframe", "img", "link", "object", "script", "source", "video"}
_ADDRESSES = ("src", "href", "data", "srcset")
_ONLY_SAYS = {"canonical", "next", "prev", "author"}  # links that a browser does not follow by itself
_AWAY = ("http:", "https:", "//")
_IN_A_STYLE = ("url(", "url('", 'url("', "@import '", '@import "')
_READ = {".html", ".css", ".js", ".json", ".svg"}


def unfit(site: Path) -> Iterator[Fault]:
    """Every page and file of a site that must not be shown, with what is wrong with it."""
    own = [str(paths.course_root()), str(paths.state_dir()), sys.prefix]
    for file in sorted(each for each in site.rglob("*") if each.suffix in _READ):
        text = file.read_text(encoding="utf-8", errors="replace")
        for place in own:
            if place in text:
                yield Fault("machine", file, 0, f"it names {place}.")
        for address in _loaded(file.suffix, text):
            yield Fault("outside", file, 0, f"it loads {address}.")


def _loaded(kind: str, text: str) -> list[str]:
    if kind == ".html":
        page = _Page()
        page.feed(text)
        return page.loaded
    if kind == ".css":
        return [f"{start}{away}…" for start in _IN_A_STYLE for away in _AWAY if f"{start}{away}" in text]
    return []


class _Page(HTMLParser):
    """Finds what a browser would fetch from elsewhere without being asked."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in _LOADS and given.get("rel") not in _ONLY_SAYS:
            self.loaded += [given[name] for name in _ADDRESSES if given.get(name, "").startswith(_AWAY)]
