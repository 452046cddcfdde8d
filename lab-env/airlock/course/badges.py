"""Binder badges of the lessons in README.md: each opens its lesson, in the repository that the course is published in.

The form of the links is Binder's (mybinder.readthedocs.io, "Creating a launch badge" and "URL parameters").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote, urlencode

from airlock.course import layout

_REPOSITORY = re.compile(r"(?:https://github\.com/|git@github\.com:)?([\w.-]+/[\w.-]+?)(?:\.git)?/?", re.ASCII)
_ROW = re.compile(r"^\| (\d+) · ", re.ASCII)
_BADGE = re.compile(r" \[!\[[^]]*\]\([^)]*\)\]\([^)]*\)")
_PICTURE = "https://mybinder.org/badge_logo.svg"


class NoBadges(Exception):
    """They cannot be made; the message says why and what to do."""


def with_badges(readme: str, repository: str, at: str) -> str:
    """The text of README.md with a badge beside each lesson, in place of those that are there.

    Args:
        readme: its table of lessons has a row for each notebook, ``| 1 · Title | … |``, in the lessons' order.
        repository: ``OWNER/REPO``, or its address on GitHub.
        at: the tag, branch or commit that Binder builds.

    Raises:
        NoBadges: there is no such repository, or no row for each notebook.
    """
    named = _REPOSITORY.fullmatch(repository.strip())
    if not named:
        raise NoBadges(f"{repository!r} is no repository on GitHub. Write OWNER/REPO, as in its address.")
    launch = f"https://mybinder.org/v2/gh/{named[1]}/{quote(at, safe='')}"
    left = list(_notebooks())
    lines = readme.splitlines(keepends=True)
    for index, line in enumerate(lines):
        if (row := _ROW.match(line)) and left and left[0][0] == row[1]:
            number, path = left.pop(0)
            badge = (
                f"[![Open lesson {number} in Binder]({_PICTURE})]({launch}?{urlencode({'urlpath': path}, safe='/')})"
            )
            title, rest = _BADGE.sub("", line).split(" | ", 1)
            lines[index] = f"{title} {badge} | {rest}"
    if left:
        raise NoBadges(f"README.md has no row `| {left[0][0]} · … |` for {left[0][1]} in its table of lessons. Add it.")
    return "".join(lines)


def _notebooks() -> Iterator[tuple[str, str]]:
    """The number of each notebook's lesson, and the page of JupyterLab that opens it."""
    for number in layout.lessons():
        for source in layout.read_lesson(number):
            yield str(number), f"lab/tree/lesson-{number}/{source.name}.ipynb"
