"""Reading a lesson's cells: headings, links and pictures of the prose, calls in the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from IPython.core import inputtransformer2

from airlock.course.source import Source

_SHOWN_ONLY = {"cards", "check", "handshake", "hints", "myth", "predict", "reveal", "watch"}
_FENCE = re.compile(r"^ {0,3}(```|~~~)")
_PICTURE = re.compile(r"!\[([^\]]*)\]\(\s*<?([^)\s>]+)>?[^)]*\)")
_LINK = re.compile(r"(?<!!)\[[^\]]+\]\(\s*<?([^)\s>]+)>?[^)]*\)")
_TAG = re.compile(r"<(?:img|a|script|link|iframe)\b[^>]*>", re.IGNORECASE)


@dataclass(frozen=True)
class Heading:
    """A Markdown heading."""

    level: int
    text: str
    line: int


@dataclass(frozen=True)
class Target:
    """Where a link or a picture points. ``alt`` is None for a link."""

    url: str
    line: int
    alt: str | None = None
    loaded: bool = False
    """Whether a browser fetches it without being asked."""


@dataclass(frozen=True)
class Call:
    """A call of a plain name with literal arguments where they are literal, e.g. ``predict("1-a", …)``."""

    name: str
    args: tuple[object, ...]
    line: int


def prose(source: Source) -> Iterator[tuple[int, str]]:
    """Every line of Markdown, with its line in the source file. Lines of code blocks are empty."""
    for cell in source.cells:
        if cell.kind != "markdown":
            continue
        fenced = False
        for number, line in enumerate(cell.source.splitlines(), cell.line + 1):
            fence = bool(_FENCE.match(line))
            fenced ^= fence
            yield number, "" if fenced or fence else line


def headings(source: Source) -> list[Heading]:
    """The headings, in order."""
    found = ((number, re.match(r"(#{1,6})\s+(.*)", line)) for number, line in prose(source))
    return [Heading(len(match[1]), match[2].strip(), number) for number, match in found if match]


def section(source: Source, title: str) -> list[str] | None:
    """The lines under the first heading that matches the pattern ``title``; None when there is none."""
    lines: list[str] | None = None
    for _, line in prose(source):
        if match := re.match(r"#{1,6}\s+(.*)", line):
            if lines is not None:
                return lines
            if re.search(title, match[1], re.IGNORECASE):
                lines = []
        elif lines is not None:
            lines.append(line)
    return lines


def targets(source: Source) -> Iterator[Target]:
    """Every link and picture of the prose, as Markdown or as an HTML tag."""
    lines = list(prose(source))
    text = "\n".join(re.sub(r"`[^`]*`", "", line) for _, line in lines)
    found: list[tuple[int, Target | None]] = []
    found += [(match.start(), Target(match[2], 0, match[1].strip(), True)) for match in _PICTURE.finditer(text)]
    found += [(match.start(), Target(match[1], 0)) for match in _LINK.finditer(text)]
    found += [(match.start(), _tag(match[0])) for match in _TAG.finditer(text)]
    for start, target in sorted(found, key=lambda each: each[0]):
        if target:
            yield replace(target, line=lines[text.count("\n", 0, start)][0])


def calls(source: Source, *names: str) -> list[Call]:
    """Calls of these names in the code cells, in order."""
    found: list[Call] = []
    for cell in source.cells:
        if cell.kind == "code":
            found += [
                Call(node.func.id, tuple(_literal(arg) for arg in node.args), cell.line + node.lineno)
                for node in ast.walk(parsed(cell.source))
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names
            ]
    return found


def parsed(code: str) -> ast.Module:
    """The syntax tree of a cell; empty when it is no Python."""
    transformer = inputtransformer2.TransformerManager()  # type: ignore[no-untyped-call]
    try:
        return ast.parse(transformer.transform_cell(code))
    except SyntaxError:
        return ast.parse("")


def only_shows(code: str) -> bool:
    """Whether a cell does nothing but call what the lesson kit shows, e.g. ``predict(…)``."""
    body = parsed(code).body
    return bool(body) and all(
        isinstance(line, ast.Expr)
        and isinstance(line.value, ast.Call)
        and isinstance(line.value.func, ast.Name)
        and line.value.func.id in _SHOWN_ONLY
        for line in body
    )


def _tag(tag: str) -> Target | None:
    attributes = dict(re.findall(r"([a-z-]+)\s*=\s*[\"']([^\"']*)[\"']", tag, re.IGNORECASE))
    url = attributes.get("src") or attributes.get("href")
    if not url:
        return None
    link = tag.lower().startswith("<a")
    alt = attributes.get("alt", "").strip() if tag.lower().startswith("<img") else None
    return Target(url, 0, alt, not link)


def _literal(node: ast.expr) -> object:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None
