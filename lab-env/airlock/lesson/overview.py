"""``overview.ipynb``: the whole course in one read, made of the lessons' own words and pictures.

Nothing is written a second time: of each lesson it takes what one can do afterwards, the mental model, every picture
and the takeaways. It is ordinary Markdown, so JupyterLab's table of contents knows its headings.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from airlock import paths
from airlock.lesson import progress
from airlock.lesson.page import code, prose, write_page
from airlock.lesson.syllabus import Lesson, lessons

_INTRODUCTION = """\
# The course on one page

A **connection** is how a task finds a database and logs in. It holds a password, and it sends that password, your
statements and your rows over links that others share. This page follows one connection through six lessons: what it is,
who reads it, what encryption can promise, what Airflow does by itself, how every link is put on verified TLS, and how
it stays there, until an attacker at any place brings home **zero bytes**.

Reading takes about {minutes} minutes. Everything on it is taken from the lessons; each has a link to where you do it
yourself. *Rather do than read?* The [start page](start.ipynb) says what is next. *Like to guess first?* Do the lessons
first: their pictures stand here with no question before them.
"""
_DONE = 'from airlock.lesson import finished\n\nfinished("overview")'
_PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)")
_WAYS = (("watch", "watch it"), ("predict", "predict"), ("check", "do it"), ("cards", "recall"))
_WORDS_A_MINUTE = 220
_REST = " …"


def build_overview(work: Path) -> Path:
    """Write ``overview.ipynb`` into the learner's work folder; returns its path."""
    here = [lesson for lesson in lessons(work) if lesson.notebook]
    told = [_of(lesson) for lesson in here]
    minutes = max(1, round(sum(len(_PICTURE.sub("", text).split()) for text in told) / _WORDS_A_MINUTE))
    ending = "## Read?\n\nThen say so: click the cell below and press Ctrl+Enter."
    return write_page(
        work,
        "overview",
        prose("title", _INTRODUCTION.format(minutes=minutes)),
        *(prose(f"lesson-{lesson.number}", text) for lesson, text in zip(here, told, strict=True)),
        prose("end", ending),
        code("done", _DONE),
    )


def finished(way: str) -> None:
    """Note that a way that leaves no other trace was taken to its end, e.g. ``"overview"``."""
    progress.current().visit(way, "course")
    print("Noted. The start page (start.ipynb) says what comes next.")


def _of(lesson: Lesson) -> str:
    parts = [f"## {lesson.number} · {lesson.title}", _links(lesson)]
    for number, name in enumerate(lesson.notebooks):
        sections = _sections(paths.course_root() / "notebooks" / name)
        marks = "####" if number else "###"  # a second notebook has a heading of its own
        parts += [
            f"### {_stem(name).capitalize()}" if number else "",
            _part(sections, "What you will be able to do", f"{marks} Afterwards you can"),
            _part(sections, "The mental model", f"{marks} The picture"),
            *_more_pictures(sections),
            _part(sections, "Takeaways", f"{marks} To take away"),
        ]
    return _PICTURE.sub(rf"![\1]({lesson.folder}/\2)", "\n\n".join(part for part in parts if part))


def _links(lesson: Lesson) -> str:
    whole = [
        f"[{'the lesson' if number == 0 else _stem(name)}]({name})" for number, name in enumerate(lesson.notebooks)
    ]
    some = [f"[{label}]({lesson.sections[call]})" for call, label in _WAYS if call in lesson.sections]
    return f"*{lesson.level.capitalize()}* · {' · '.join(whole + some)}"


def _stem(name: str) -> str:
    return Path(name).stem.replace("-", " ")


def _part(sections: dict[str, str], title: str, called: str) -> str:
    return f"{called}\n\n{sections[title]}" if sections.get(title) else ""


def _more_pictures(sections: dict[str, str]) -> list[str]:
    """The pictures outside the mental model, each with the heading it stands under."""
    return [
        f"**{_caption(title)}**\n\n{picture[0]}"
        for title, text in sections.items()
        if title.removesuffix(_REST) not in ("The mental model", "Takeaways")
        for picture in _PICTURE.finditer(text)
    ]


def _caption(title: str) -> str:
    """Nothing is predicted or watched here: the picture has the answer."""
    said = title.removesuffix(_REST).removeprefix("Predict: ").removeprefix("Watch: ")
    return said[:1].upper() + said[1:]


def _sections(file: Path) -> dict[str, str]:
    """The text under each heading of a released notebook, up to the first code; the rest under ``<heading> …``."""
    found: dict[str, str] = {}
    try:
        cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError):
        return found
    title = ""
    for cell in cells:
        if cell["cell_type"] != "markdown":
            title = title.removesuffix(_REST) + _REST
            continue
        for piece in re.split(r"^(?=#{1,6} )", "".join(cell["source"]), flags=re.MULTILINE):
            heading = re.match(r"#{1,6} (.+)\n?", piece)
            title = heading[1].strip() if heading else title
            text = piece[heading.end() :] if heading else piece
            found[title] = "\n\n".join(each for each in (found.get(title, ""), text.strip()) if each)
    return found
