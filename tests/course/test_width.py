"""A lesson's code can be read without scrolling sideways."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.conftest import ROOT

LONGEST = 107  # characters of a line that fit a cell at 1280 pixels, with JupyterLab's file browser open
NOTEBOOKS = sorted((ROOT / "notebooks").glob("lesson-*/*.ipynb"))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda file: file.stem)
def test_every_visible_line_of_code_fits_its_cell(notebook: Path) -> None:
    read: Any = nbformat.read
    cells = [cell for cell in read(notebook, as_version=4).cells if cell.cell_type == "code"]
    shown = [cell for cell in cells if not cell.metadata.get("jupyter", {}).get("source_hidden")]
    assert shown
    assert [line for cell in shown for line in cell.source.splitlines() if len(line) > LONGEST] == []
