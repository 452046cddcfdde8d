"""Put something on the learner's page: rich where there is a notebook, text where there is none.

A widget carries its text along, so a kernel without a front end (nbclient) shows the text.
"""

from __future__ import annotations

import os
import sys
from typing import Any


def shell() -> Any:
    """The IPython kernel's shell, or None outside a Jupyter kernel. Never imports IPython."""
    ipython = sys.modules.get("IPython")
    found = ipython.get_ipython() if ipython else None
    return found if getattr(found, "kernel", None) else None


def live() -> bool:
    """Whether somebody can press what is shown. Where a hand-in is graded, nobody can: its page outlives the kernel,
    a widget would be an empty place on it, and making one takes longer than the rest of most cells.
    """
    return bool(shell()) and not os.environ.get("NBGRADER_EXECUTION")


def show(html: str, text: str) -> None:
    """Show ``html`` in a notebook, ``text`` elsewhere."""
    _emit({"text/html": html, "text/plain": text}, text)


def show_widget(widget: Any, text: str) -> None:
    """Show an ipywidget in a notebook, ``text`` where no widget can live."""
    bundle = {**widget._repr_mimebundle_(), "text/plain": text}
    _emit(bundle, text)


class Slot:
    """A place on the page whose content can be replaced, for progress. Text goes out once, at the end."""

    def __init__(self, html: str, text: str = "") -> None:
        self._handle: Any = None
        if shell():
            from IPython.core import display_functions as page

            handle: Any = page.DisplayHandle  # IPython's own signature is not typed
            self._handle = handle()
            self._handle.display({"text/html": html, "text/plain": text}, raw=True)

    def replace(self, html: str, text: str) -> None:
        """Replace what is shown; outside a notebook print ``text``."""
        if self._handle:
            self._handle.update({"text/html": html, "text/plain": text}, raw=True)
        else:
            print(text)


def _emit(bundle: dict[str, Any], text: str) -> None:
    if shell():
        from IPython.core import display_functions as page

        display: Any = page.display  # IPython's own signature is not typed
        display(bundle, raw=True)
    else:
        print(text)
