"""The feedback page for those who hear it."""

from __future__ import annotations

from typing import Any

import nbformat
from bs4 import BeautifulSoup

from tests.grading.conftest import Class, code

_DRAWN = "from IPython.display import display\ndisplay({'image/png': 'iVBORw0KGgo='}, raw=True)\nprint('<img src=3>')"
_TEXT = '![](x.png) <img src="y.png"> <img alt="mine" src="z.png"> `<img src=1>`'
_NONE = "a picture that the notebook shows"


def test_every_picture_has_a_text_and_the_page_a_language(school: Class) -> None:
    notebook = school.solved()
    v4: Any = nbformat.v4
    notebook.cells += [code(_DRAWN), v4.new_markdown_cell(_TEXT)]
    school.grade(notebook, "ada")
    page = (school.root / "feedback" / "ada" / "lesson-9" / "lesson.html").read_text()
    soup = BeautifulSoup(page, "html.parser")
    texts = [picture.get("alt") for picture in soup.find_all("img")]
    assert texts[0] == "A box that holds\nthe number."
    assert texts[1:] == [_NONE, "", _NONE, "mine"]
    assert soup.html is not None
    assert soup.html["lang"] == "en"
    assert "<img src=3>" in soup.get_text()
    assert "<img src=1>" in soup.get_text()
