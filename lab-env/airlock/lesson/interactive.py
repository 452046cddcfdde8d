"""The ipywidgets that lessons are made of, styled once. Imported only when something interactive is shown."""

from __future__ import annotations

import base64
from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets as widgets

from airlock.lesson.markup import ACCENT, INK, LINE, SANS, plain
from airlock.lesson.spoken import SAY_OF_CARD

# ipywidgets has no way to style a focus ring or long radio labels from Python; this is scoped to our cards.
_STYLE = f"""<style>
.airlock-card {{ box-sizing:border-box; max-width:880px; margin:4px 20px 4px 0; padding:10px 14px;
  border:1px solid {LINE}; border-left:4px solid {ACCENT}; border-radius:4px; overflow:visible; }}
.airlock-card:focus-visible {{ outline:2px solid {ACCENT}; }}
.airlock-card .airlock-style, .airlock-card .widget-html > label {{ display:none; }}
.airlock-card .widget-html, .airlock-card .widget-html-content, .airlock-card .jupyter-widgets {{ height:auto; }}
.airlock-card .widget-html-content, .airlock-card .widget-radio-box label {{ font-family:{SANS}; font-size:14px;
  line-height:1.5; color:{INK}; overflow-wrap:anywhere; }}
.airlock-card .airlock-linked .jp-OutputPrompt {{ display:none; }}
.airlock-card .airlock-linked .jp-OutputArea-output {{ padding:0; overflow:visible; }}
.airlock-card .airlock-linked .jp-RenderedHTMLCommon {{ padding:0; font-family:{SANS}; font-size:14px;
  line-height:1.5; color:{INK}; overflow-wrap:anywhere; }}
.airlock-card .widget-radio {{ width:auto; max-width:100%; margin:3px 0 0; }}
.airlock-card .widget-radio-box {{ max-width:100%; margin:0; }}
.airlock-card .widget-radio-box label {{ display:flex; align-items:flex-start; gap:6px; height:auto;
  padding:2px 4px; white-space:normal; border-radius:3px; }}
.airlock-card .widget-radio-box input {{ order:-1; flex:none; margin:1px 0 0; accent-color:{ACCENT}; }}
.airlock-card .widget-radio-box label:has(:focus-visible) {{ outline:2px solid {ACCENT}; }}
.airlock-card .widget-radio-box input:focus-visible {{ outline:none; }}
.airlock-card button.jupyter-button {{ width:auto; height:auto; padding:4px 14px; line-height:1.4;
  font-size:13px; border-radius:4px; margin:8px 8px 0 0; }}
.airlock-card button.jupyter-button:focus-visible {{ outline:2px solid {ACCENT}; outline-offset:2px; }}
</style>"""

# A button that is gone once it was pressed takes the focus out of the notebook, where no key leads on: its card has it.
# And Escape leads from anything on a card to its cell, as it does from a cell's text. What a card answers is spoken.
_HOLD = (
    """(function hold(image, tries) {
  const card = image.closest('.airlock-card');
  if (!card) {  // not on the page yet
    if (tries) setTimeout(hold, 100, image, tries - 1);
    return;
  }
  card.addEventListener('focusout', event => setTimeout(() => {
    if (event.target.offsetParent || document.activeElement !== document.body) return;
    card.tabIndex = -1;
    card.focus({preventScroll: true});
  }));
  card.addEventListener('keydown', event => {
    if (event.key === 'Escape') card.closest('.jp-Cell')?.focus();
  }, true);  // before a text field, which keeps its keys to itself
  """
    + SAY_OF_CARD
    + """
})(this, 600);"""
)

# The smallest picture there is: a script in an HTML widget does not run, the handler of a picture's arrival does.
_PIXEL = (
    "data:image/gif;base64,"
    + base64.b64encode(
        b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\0\0\0!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;"
    ).decode()
)


def script(source: str) -> str:
    """HTML that runs JavaScript once it is on its way to the page; ``this`` is an unseen picture in its place."""
    return f'<img alt="" hidden src="{_PIXEL}" onload="{escape(source, quote=True)}">'


def html(content: str) -> Any:
    """Text on a card."""
    return widgets.HTML(content, layout=widgets.Layout(width="100%", margin="0"))


class Linked:
    """Text on a card with links to files of the work folder.

    JupyterLab follows such a link within itself where it stands in an output; in a widget's own HTML it would be the
    browser that goes there.

    Attributes:
        widget: what to put on a card.
    """

    def __init__(self) -> None:
        self.widget = widgets.Output()
        self.widget.add_class("airlock-linked")

    @property
    def value(self) -> str:
        """The HTML that is shown."""
        return str(self.widget.outputs[0]["data"]["text/html"]) if self.widget.outputs else ""

    @value.setter
    def value(self, content: str) -> None:
        data = {"text/html": content, "text/plain": ""}
        self.widget.outputs = ({"output_type": "display_data", "data": data, "metadata": {}},) if content else ()


class Choice:
    """One choice of several, each a radio of its own: Tab goes from one to the next and Space chooses.

    In one group the arrow keys would do that, but JupyterLab takes them to move between cells.

    Attributes:
        widget: what to put on a card.
    """

    def __init__(self, options: dict[str, str], chosen: str | None) -> None:
        self._radios: dict[str, Any] = {}
        for letter, label in options.items():
            text = plain(label).replace("`", "")  # a radio's label is text only
            radio = widgets.RadioButtons(
                options=[(text, letter)],
                value=letter if letter == chosen else None,
                layout=widgets.Layout(width="100%"),
            )
            radio.observe(self._changed, "value")
            self._radios[letter] = radio
        self.widget = widgets.VBox(list(self._radios.values()), layout=widgets.Layout(overflow="visible"))

    @property
    def value(self) -> str | None:
        """The letter that is chosen."""
        return next((letter for letter, radio in self._radios.items() if radio.value), None)

    def close(self) -> None:
        """Let nothing be changed any more."""
        for radio in self._radios.values():
            radio.disabled = True

    def _changed(self, change: dict[str, Any]) -> None:
        if change["new"]:
            for radio in self._radios.values():
                if radio is not change["owner"]:
                    radio.value = None


def button(label: str, action: Callable[[], None], primary: bool = False) -> Any:
    """A labelled button."""
    widget = widgets.Button(description=label, tooltip=label, button_style="primary" if primary else "")
    widget.on_click(lambda _: action())
    return widget


def row(*children: Any) -> Any:
    """Widgets side by side, wrapping when there is no room."""
    return widgets.HBox(
        list(children), layout=widgets.Layout(flex_flow="row wrap", align_items="center", overflow="visible")
    )


def card(*children: Any) -> Any:
    """Widgets on one card."""
    style = widgets.HTML(_STYLE + script(_HOLD))
    style.add_class("airlock-style")
    box = widgets.VBox([*children, style], layout=widgets.Layout(overflow="visible"))
    box.add_class("airlock-card")
    return box


def visible(widget: Any, shown: bool) -> None:
    """Show or hide a widget."""
    widget.layout.display = None if shown else "none"
