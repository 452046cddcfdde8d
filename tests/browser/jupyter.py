"""JupyterLab as a person uses it: keys and looks, in headless Chromium."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

# A cell that runs a DAG or loads Airflow takes seconds; a loaded CI machine takes longer.
PATIENCE = 120_000


def chromium() -> str | None:
    """The system's Chromium; Playwright's own browser would have to be downloaded."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


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
        self._idle()
        return self

    def cells(self) -> Locator:
        """The cells of the notebook that is shown."""
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook .jp-Cell")

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
        cell.locator(".jp-InputPrompt, .jp-MarkdownOutput").first.click()
        expect(cell).to_have_class(re.compile("jp-mod-selected"))
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("Shift+Enter")
        if code:
            # The kernel may still look idle when the keys have just been pressed: wait for a new number.
            expect(prompt).not_to_have_text(before or "", timeout=PATIENCE)
            expect(prompt).to_have_text(re.compile(r"\[\d+\]"), timeout=PATIENCE)
        self._idle()
        return cell.locator(".jp-OutputArea")

    def type_into(self, index: int, source: str) -> None:
        """Replace the source of a code cell by typing."""
        cell = self.cells().nth(index)
        cell.scroll_into_view_if_needed()
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(source)

    def theme(self, name: str) -> None:
        """Choose a theme by its name in the Settings menu, e.g. ``JupyterLab Dark``."""
        self.page.get_by_role("menuitem", name="Settings").click()
        self.page.locator(".lm-Menu-item", has_text="Theme").first.hover()
        self.page.locator(".lm-Menu-item", has_text=name).first.click()
        expect(self.page.locator(f"body[data-jp-theme-name='{name}']")).to_be_attached()
        expect(self.page.locator("#jupyterlab-splash")).to_have_count(0)

    def photograph(self, name: str) -> Path:
        """Keep a picture of what is on the screen."""
        self.taken += 1
        file = self.screenshots / f"{self.taken:02}-{name}.png"
        self.page.screenshot(path=str(file))
        return file

    def _idle(self) -> None:
        prompts = self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-InputPrompt", has_text="[*]")
        expect(prompts).to_have_count(0, timeout=PATIENCE)
        status = self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook-ExecutionIndicator")
        expect(status.first).to_have_attribute("data-status", "idle", timeout=PATIENCE)
