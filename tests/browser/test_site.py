"""The site in a browser: offline, in both themes and at two widths; axe finds nothing serious; the search works."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Request, expect

from airlock import paths
from airlock.course import layout, site

pytestmark = pytest.mark.browser
SHOWN = ("index", "notebooks/lesson-1/what-is-a-connection", "docs/learners", "docs/sources")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sources = [source for number in layout.lessons() for source in layout.read_lesson(number)]
    released = {each: layout.released_dir() / f"lesson-{each.lesson}" / f"{each.name}.ipynb" for each in sources}
    output = tmp_path_factory.mktemp("site")
    site.publish(released, output)
    return output


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 900])
def test_pages_need_nothing_from_elsewhere_and_fit(page: Page, made: Path, theme: str, width: int) -> None:
    asked: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith(("file:", "data:")):
            asked.append(request.url)

    page.on("request", note)
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 900})
    folder = paths.course_root() / ".airlock-screenshots" / "test_site"
    for name in SHOWN:
        page.goto((made / f"{name}.html").as_uri())
        expect(page.locator("h1")).to_have_count(1)
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider == 0, name
        found = Axe().run(page).response["violations"]
        assert [each["id"] for each in found if each["impact"] in ("serious", "critical")] == [], name
        page.screenshot(path=folder / f"{Path(name).name}-{theme}-{width}.png")
    page.remove_listener("request", note)
    assert asked == []


def test_search_works_from_a_file(page: Page, made: Path) -> None:
    page.goto((made / "search.html").as_uri() + "?q=shadowing")
    expect(page.locator("#search-results a", has_text="Glossary")).to_be_visible()
