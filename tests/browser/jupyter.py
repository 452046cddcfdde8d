"""JupyterLab as a person uses it: keys and looks, in headless Chromium."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

# A cell that runs a DAG or loads Airflow takes seconds; a loaded CI machine takes longer.
PATIENCE = 120_000
# Playwright searches all 40,000 elements of a notebook for shadow roots at each look; light is without.
_PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"
_SHOWN = f"css:light={_PANEL} .jp-Notebook"
_PRESSES, _HEARD = 3, 10_000  # how often to press Shift+Enter, and milliseconds until it should have been heard


def chromium() -> str | None:
    """The system's Chromium; Playwright's own browser would have to be downloaded."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def is_said(page: Page, words: str) -> None:
    """The page's live region says it: a screen reader reads that out, wherever the focus is."""
    expect(page.get_by_role("status").filter(has_text=words)).to_have_count(1, timeout=PATIENCE)


def press(page: Page, *keys: str) -> None:
    """Press one key after another."""
    for each in keys:
        page.keyboard.press(each)


class Notebook:
    """An open notebook."""

    def __init__(self, page: Page, screenshots: Path) -> None:
        self.page = page
        self.screenshots = screenshots
        self.taken = 0

    def open(self, address: str) -> Notebook:
        """Open a notebook and wait for its kernel."""
        self.page.goto(address)
        name = address.split("?", maxsplit=1)[0].rsplit("/", 1)[-1]
        current = self.page.locator("#jp-main-dock-panel .lm-TabBar-tab.lm-mod-current", has_text=name)
        expect(current).to_be_visible(timeout=PATIENCE)
        expect(self.cells().first).to_be_visible(timeout=PATIENCE)
        self.idle()
        return self

    def cells(self) -> Locator:
        """The cells of the notebook that is shown."""
        return self.page.locator(f"{_SHOWN} .jp-Cell")

    def run(self, index: int) -> Locator:
        """Run a cell with Shift+Enter and wait until it is done; returns its outputs."""
        cell = self.cells().nth(index)
        cell.scroll_into_view_if_needed()
        prompt = cell.locator(".jp-InputPrompt")
        folded = cell.locator(".jp-Placeholder-prompt").count() > 0  # its source is hidden, and so is its number
        code = "jp-CodeCell" in (cell.get_attribute("class") or "") and not folded
        if code:  # a page that is still loading shows the cell first, and the brackets of its prompt later
            expect(prompt).to_have_text(re.compile(r"\["), timeout=PATIENCE)
        before = prompt.text_content() if code else ""
        for attempt in range(_PRESSES):
            cell.locator(".jp-InputPrompt, .jp-MarkdownOutput").first.click()
            expect(cell).to_have_class(re.compile("jp-mod-selected"))
            self.page.keyboard.press("Escape")
            self.page.keyboard.press("Shift+Enter")
            if not code or self._taken_up(prompt, before or "", last=attempt == _PRESSES - 1):
                break
        if code:
            expect(prompt).to_have_text(re.compile(r"\[\d+\]"), timeout=PATIENCE)
        self.idle()
        return cell.locator(".jp-OutputArea")

    def type_into(self, index: int, source: str) -> None:
        """Replace the source of a code cell by typing."""
        cell = self.cells().nth(index)
        cell.scroll_into_view_if_needed()
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(source)

    def save(self) -> None:
        """Save, and wait until it is on disk: leaving the page before that would lose it."""
        self.page.keyboard.press("Control+s")
        shown = self.page.locator("#jp-main-dock-panel .lm-TabBar-tab.lm-mod-current")
        expect(shown).not_to_have_class(re.compile("jp-mod-dirty"), timeout=PATIENCE)

    def theme(self, name: str) -> None:
        """Choose a theme by its name in the Settings menu, e.g. ``JupyterLab Dark``."""
        self.page.get_by_role("menuitem", name="Settings").click()
        self.page.locator(".lm-Menu-item", has_text="Theme").first.hover()
        self.page.locator(".lm-Menu-item", has_text=name).first.click()
        expect(self.page.locator(f"body[data-jp-theme-name='{name}']")).to_be_attached(timeout=PATIENCE)
        expect(self.page.locator("#jupyterlab-splash")).to_have_count(0, timeout=PATIENCE)

    def photograph(self, name: str, shown: Locator | None = None) -> Path:
        """Keep a picture of what is on the screen, or of ``shown`` alone."""
        self.taken += 1
        file = self.screenshots / f"{self.taken:02}-{name}.png"
        (shown or self.page).screenshot(path=str(file))
        return file

    def is_accessible(self) -> None:
        """axe finds nothing serious in what a lesson shows: prose, pictures, reports and widgets (WCAG 2, A and AA).

        JupyterLab's own parts, and the editors, are not looked at.
        """
        ours = [[f"{_PANEL} {part}"] for part in (".jp-RenderedHTMLCommon", ".jp-OutputArea-output")]
        assert serious(self.page, {"include": ours, "exclude": [[".cm-editor"]]}) == []

    def _taken_up(self, prompt: Locator, before: str, last: bool) -> bool:
        # The brackets change at once when JupyterLab has heard the keys, whatever the kernel does. A page that is busy
        # with itself may miss them; a person presses again.
        try:
            expect(prompt).not_to_have_text(before, timeout=PATIENCE if last else _HEARD)
        except AssertionError:
            if last:
                raise
            return False
        return True

    def idle(self) -> None:
        """Wait until everything that was asked for has run."""
        prompts = self.page.locator(f"{_SHOWN} .jp-InputPrompt", has_text="[*]")
        expect(prompts).to_have_count(0, timeout=PATIENCE)
        # Of the status bar: the toolbar's own sign goes into a menu when the window is narrow.
        status = self.page.locator("css:light=#jp-main-statusbar [title^='Change kernel for']")
        expect(status).to_have_text(re.compile(r"\| Idle$"), timeout=PATIENCE)


def serious(page: Page, context: dict[str, Any] | None = None) -> list[str]:
    """What axe finds serious or critical: on the page, or in those parts of it that ``context`` includes."""
    found = Axe().run(page, context, {"resultTypes": ["violations"]}).response["violations"]
    return [_told(each) for each in found if each["impact"] in ("serious", "critical")]


def _told(violation: dict[str, Any]) -> str:
    """What axe complains of, and the first place where."""
    places = violation["nodes"]
    return f"{violation['id']}: {violation['help']}, {len(places)} times: {places[0]['html'][:200]}"
