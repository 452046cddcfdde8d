"""Binder badges in README.md: one beside each lesson, which opens what is there, and none twice."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from typer.testing import CliRunner

from airlock.cli.main import app
from airlock.course import layout
from airlock.course.badges import NoBadges, with_badges

README = (Path(__file__).parents[2] / "README.md").read_text()
_BADGE = re.compile(r"^\| (\d) · .* \[!\[(.*)\]\(https://mybinder\.org/badge_logo\.svg\)\]\((.*?)\) \| ", re.MULTILINE)


def _links(readme: str) -> list[tuple[str, str, str]]:
    return _BADGE.findall(readme)


@pytest.mark.parametrize(
    "repository", ["teach/airlock", "https://github.com/teach/airlock.git", "git@github.com:teach/airlock"]
)
def test_each_lesson_has_one_that_opens_it(repository: str) -> None:
    made = with_badges(README, repository, "v1/a")
    opened = []
    for number, alternative, link in _links(made):
        assert alternative == f"Open lesson {number} in Binder"
        parts = urlsplit(link)
        assert (parts.netloc, parts.path) == ("mybinder.org", "/v2/gh/teach/airlock/v1%2Fa")
        [page] = parse_qs(parts.query)["urlpath"]
        assert page.startswith(f"lab/tree/lesson-{number}/")
        opened.append(page.removeprefix("lab/tree/"))
    released = layout.released_dir()
    assert opened == sorted(str(file.relative_to(released)) for file in released.glob("lesson-*/*.ipynb"))


def test_a_second_time_they_are_put_in_place_of_the_first() -> None:
    assert with_badges(with_badges(README, "one/course", "v1"), "teach/airlock", "v2") == with_badges(
        README, "teach/airlock", "v2"
    )


def test_what_cannot_be_is_said_and_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NoBadges, match=re.escape("no row `| 6 · … |` for lab/tree/lesson-6/the-capstone.ipynb")):
        with_badges(README.replace("| 6 · The capstone", "| The capstone"), "teach/airlock", "v1")
    (tmp_path / "README.md").write_text(README)
    (tmp_path / "solutions").symlink_to(layout.sources_dir().parent)
    monkeypatch.setenv("AIRLOCK_ROOT", str(tmp_path))
    said = CliRunner().invoke(app, ["badges", "https://example.org/teach/airlock"])
    assert said.exit_code == 2
    assert "is no repository on GitHub" in said.output
    assert (tmp_path / "README.md").read_text() == README
    said = CliRunner().invoke(app, ["badges", "teach/airlock", "--at", "v1"])
    assert said.exit_code == 0
    assert len(_links((tmp_path / "README.md").read_text())) == 7
