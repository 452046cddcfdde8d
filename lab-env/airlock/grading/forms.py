"""The form of an answer: its text without what a copyist changes first, and without what differs for everybody.

Code is tokenised as Python does it. Comments, blank lines and layout go; names that the answer itself chose are
numbered in the order in which they appear; texts and numbers, which hold each learner's personal values, count as
"some text" and "some number". Keywords, attributes, named arguments and the names that the lesson gives stay.
"""

from __future__ import annotations

import builtins
import io
import keyword
import re
import tokenize
from collections.abc import Set as AbstractSet

_KNOWN = {*dir(builtins), *keyword.kwlist, *keyword.softkwlist}
_LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
_WORD = re.compile(r"\w+|[^\w\s]")
_TEXT, _NUMBER = "some text", "some number"
Form = tuple[str, ...]


def of_code(source: str, given: AbstractSet[str]) -> Form:
    """The form of Python code; ``given`` are the names that the lesson itself uses. Code that is none: of its words."""
    try:
        tokens = [each for each in tokenize.generate_tokens(io.StringIO(source).readline) if each.type not in _LAYOUT]
    except (tokenize.TokenError, SyntaxError):
        return of_prose(source)
    form: list[str] = []
    numbered: dict[str, str] = {}
    depth = 0
    for index, token in enumerate(tokens):
        text = token.string
        depth += (text in "([{") - (text in ")]}") if token.type == tokenize.OP else 0
        if token.type == tokenize.STRING:
            form.append(_TEXT)
        elif token.type == tokenize.NUMBER:
            form.append(_NUMBER)
        elif token.type == tokenize.NAME and text not in _KNOWN and text not in given:
            attribute = index > 0 and tokens[index - 1].string == "."
            named = depth > 0 and index + 1 < len(tokens) and tokens[index + 1].string == "="
            form.append(text if attribute or named else numbered.setdefault(text, f"name {len(numbered)}"))
        else:
            form.append(text)
    return tuple(form)


def of_prose(text: str) -> Form:
    """The form of a written answer: its words and signs, whatever their case and layout."""
    return tuple(_WORD.findall(text.lower()))


def names(source: str) -> set[str]:
    """Every word in a given cell that could be a name."""
    return set(re.findall(r"[^\W\d]\w*", source))
