"""Small pieces of HTML that read well in JupyterLab's light and dark themes and in a static page.

Colours come from JupyterLab's variables, each with a fallback for pages that have none. Text is always drawn in
the theme's own ink; colour only tints, so contrast holds in every theme.
"""

from __future__ import annotations

import html
import re
from typing import Literal
from urllib.parse import quote

Tone = Literal["good", "bad", "wait", "plain"]

INK = "var(--jp-content-font-color1, #1f2328)"
MUTED = "var(--jp-content-font-color2, #57606a)"
LINE = "var(--jp-border-color2, #d0d7de)"
SURFACE = "var(--jp-layout-color2, #f6f8fa)"
ACCENT = "var(--jp-brand-color1, #1976d2)"
LINK = "var(--jp-content-link-color, #1565c0)"
SANS = "var(--jp-content-font-family, system-ui, sans-serif)"
MONO = "var(--jp-code-font-family, ui-monospace, monospace)"

# Two dollar signs in a password are no formula: MathJax 3 (JupyterLab) and MathJax 2 (nbgrader's pages) stay away.
VERBATIM = 'class="mathjax_ignore tex2jax_ignore"'

_TONES: dict[Tone, str] = {
    "good": "var(--jp-success-color1, #2e7d32)",
    "bad": "var(--jp-error-color1, #c62828)",
    "wait": "var(--jp-warn-color1, #b26a00)",
    "plain": "var(--jp-border-color1, #8c959f)",
}


# One word or a few, not a product or a wildcard: `select * from a` and `2*3*4` have no letter inside both stars.
_EMPHASIS = re.compile(r"(?<![\w*])\*(\w(?:[^*\n]*\w)?)\*(?![\w*])")


def inline(text: str) -> str:
    """Escaped text in which ``` `code` ```, ``*emphasis*`` and ``**strong**`` are marked up and line breaks kept."""
    pieces = re.split(r"(`[^`]+`|\*\*)", text)
    marks = pieces.count("**") // 2 * 2  # an odd one out stays as it is
    result, seen = "", 0
    for piece in pieces:
        if piece == "**" and seen < marks:
            seen += 1
            result += "<strong>" if seen % 2 else "</strong>"
        elif len(piece) > 2 and piece[0] == piece[-1] == "`":
            result += _code(piece[1:-1])
        else:
            result += _EMPHASIS.sub(r"<em>\1</em>", html.escape(piece)).replace("\n", "<br>")
    return result


def plain(text: str) -> str:
    """The same text for a terminal: without the marks of ``*emphasis*`` and ``**strong**``."""
    pieces = re.split(r"(`[^`]+`)", text)
    pieces[::2] = [_EMPHASIS.sub(r"\1", re.sub(r"\*\*(.+?)\*\*", r"\1", piece)) for piece in pieces[::2]]
    return "".join(pieces)


def badge(word: str, tone: Tone) -> str:
    """An outcome in a tinted box. The word carries the meaning, the colour only repeats it."""
    colour = _TONES[tone]
    style = (
        f"display:inline-block;padding:1px 8px;border:1px solid {colour};border-radius:4px;"
        f"background:color-mix(in srgb, {colour} 16%, transparent);color:{INK};"
        "font-size:0.85em;font-weight:600;white-space:nowrap"
    )
    return f'<span style="{style}">{html.escape(word)}</span>'


def card(body: str, tone: Tone = "plain", label: str = "") -> str:
    """A bordered block with a coloured edge. ``label`` names it for screen readers."""
    style = (
        f"box-sizing:border-box;max-width:880px;margin:4px 0;padding:10px 14px;color:{INK};"
        f"font-family:{SANS};font-size:14px;line-height:1.5;border:1px solid {LINE};"
        f"border-left:4px solid {_TONES[tone]};border-radius:4px;overflow-wrap:anywhere"
    )
    role = f' role="group" aria-label="{html.escape(label, quote=True)}"' if label else ""
    return f'<div {VERBATIM}{role} style="{style}">{body}</div>'


def eyebrow(text: str) -> str:
    """The small line above a card's text that says what kind of card it is."""
    style = f"font-size:0.8em;font-weight:600;letter-spacing:0.04em;color:{MUTED}"
    return f'<div style="{style}">{html.escape(text)}</div>'


def rows(pairs: list[tuple[str, str]], width: str = "5.5em") -> str:
    """Label and text beside each other; the texts are HTML already, ``width`` is that of the labels."""
    label = f"width:{width};flex:none;color:{MUTED};font-weight:600"
    lines = (
        f'<div style="display:flex;gap:10px;margin-top:6px"><div style="{label}">{html.escape(name)}</div>'
        f'<div style="flex:1;min-width:0">{text}</div></div>'
        for name, text in pairs
    )
    return "".join(lines)


def table(heads: tuple[str, ...], lines: list[list[str]]) -> str:
    """A table of HTML cells, without JupyterLab's stripes; no head line when every head is empty."""
    cell = f"padding:5px 14px 5px 0;border:none;border-bottom:1px solid {LINE};text-align:left;vertical-align:top"
    named = f'<th scope="col" style="{cell};color:{MUTED};font-weight:600">{{}}</th>'
    head = "".join(named.format(name) if name else f'<td style="{cell}"></td>' for name in heads)
    top = f'<thead style="background:none"><tr style="background:none">{head}</tr></thead>' if any(heads) else ""
    body = "".join(
        f'<tr style="background:none">{"".join(f"""<td style="{cell}">{text}</td>""" for text in line)}</tr>'
        for line in lines
    )
    style = "border-collapse:collapse;table-layout:auto;width:100%;margin:4px 0 0;font-size:14px"
    return f'<table style="{style}">{top}<tbody>{body}</tbody></table>'


def link(target: str, label: str) -> str:
    """A link relative to the notebook it is shown in. JupyterLab looks for a heading as it is written: colons stay."""
    return f'<a href="{quote(target, safe="/#.-_?=&:,()")}" style="color:{LINK}">{html.escape(label)}</a>'


def muted(text: str) -> str:
    """Text of lesser weight; HTML in, HTML out."""
    return f'<span style="color:{MUTED}">{text}</span>'


def _code(text: str) -> str:
    style = f"font-family:{MONO};font-size:0.92em;background:{SURFACE};color:{INK};padding:1px 4px;border-radius:3px"
    return f'<code style="{style}">{html.escape(text)}</code>'
