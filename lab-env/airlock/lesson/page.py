"""Write one of the course's own pages, a notebook in the learner's work folder, so that JupyterLab trusts it."""

from __future__ import annotations

import json
import platform
from pathlib import Path
from typing import Any

_METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    # What the kernel will say of itself: JupyterLab then has nothing to add, and the page opens unchanged.
    "language_info": {
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
        "version": platform.python_version(),
    },
}
Cell = dict[str, Any]


def prose(name: str, source: str) -> Cell:
    """A Markdown cell; ``name`` is its id, unique on the page."""
    return {"cell_type": "markdown", "id": name, "source": source, "metadata": {}}


def code(name: str, source: str, shown: tuple[str, str] | None = None) -> Cell:
    """A code cell. With ``shown`` (HTML, text) its output is there already, and its source is folded away."""
    cell: Cell = {"cell_type": "code", "id": name, "source": source, "execution_count": None}
    if shown is None:
        return cell | {"metadata": {}, "outputs": []}
    data = {"text/html": shown[0], "text/plain": shown[1]}
    output = {"output_type": "display_data", "data": data, "metadata": {}}
    return cell | {"metadata": {"jupyter": {"source_hidden": True}}, "outputs": [output]}


def write_page(work: Path, name: str, *cells: Cell) -> Path:
    """Write ``<name>.ipynb`` into the work folder, signed; returns its path."""
    work.mkdir(parents=True, exist_ok=True)
    file = work / f"{name}.ipynb"
    partial = file.with_suffix(".partial")
    notebook = {"cells": list(cells), "metadata": _METADATA, "nbformat": 4, "nbformat_minor": 5}
    partial.write_text(json.dumps(notebook, indent=1))
    partial.replace(file)
    _trust(file)
    return file


def _trust(file: Path) -> None:
    # Signed as read back: the signature covers exactly what JupyterLab will load.
    import nbformat
    import nbformat.sign

    read: Any = nbformat.read  # nbformat's own signatures are not typed
    notary: Any = nbformat.sign.NotebookNotary
    notary().sign(read(file, as_version=4))
