"""The ipywidgets that lessons are made of, styled once. Imported only when something interactive is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets as widgets

from airlock.lesson.markup import ACCENT, INK, LINE, SANS

# ipywidgets has no way to style a focus ring or long radio labels from Python; this is scoped to our cards.
_STYLE = f"""<style>
.airlock-card {{ box-sizing:border-box; max-width:880px; margin:4px 0; padding:10px 14px; border:1px solid {LINE};
  border-left:4px solid {ACCENT}; border-radius:4px; overflow:visible; }}
.airlock-card .widget-html, .airlock-card .widget-html-content, .airlock-card .jupyter-widgets {{ height:auto; }}
.airlock-card .widget-html-content {{ font-family:{SANS}; font-size:14px; line-height:1.5; color:{INK};
  overflow-wrap:anywhere; }}
.airlock-card .widget-html > label {{ display:none; }}
.airlock-card .airlock-style {{ display:none; }}
.airlock-card .widget-radio {{ width:auto; max-width:100%; margin:4px 0; }}
.airlock-card .widget-radio-box {{ max-width:100%; margin:0; }}
.airlock-card .widget-radio-box label {{ height:auto; padding:3px 4px; white-space:normal; font-family:{SANS};
  font-size:14px; line-height:1.45; color:{INK}; border-radius:3px; overflow-wrap:anywhere; }}
.airlock-card .widget-radio-box label:focus-within {{ outline:2px solid {ACCENT}; }}
.airlock-card button.jupyter-button {{ width:auto; height:auto; padding:4px 14px; line-height:1.4; font-size:13px;
  border-radius:4px; margin:0 8px 0 0; }}
.airlock-card button.jupyter-button:focus-visible {{ outline:2px solid {ACCENT}; outline-offset:2px; }}
.airlock-card code {{ font-size:0.92em; }}
</style>"""


def html(content: str) -> Any:
    """Text on a card."""
    return widgets.HTML(content, layout=widgets.Layout(width="100%", margin="0"))


def radio(options: Sequence[tuple[str, str]], chosen: str | None, name: str) -> Any:
    """One choice of several: pairs of label and value. ``name`` is read by screen readers and shown as tooltip."""
    return widgets.RadioButtons(
        options=list(options), value=chosen, tooltip=name, layout=widgets.Layout(width="100%")
    )


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
    style = widgets.HTML(_STYLE)
    style.add_class("airlock-style")
    box = widgets.VBox([*children, style], layout=widgets.Layout(overflow="visible"))
    box.add_class("airlock-card")
    return box


def visible(widget: Any, shown: bool) -> None:
    """Show or hide a widget."""
    widget.layout.display = None if shown else "none"
