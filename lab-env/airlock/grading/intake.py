"""What can be seen of a hand-in before anything of it is copied: its notebooks, or why it cannot be graded."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from airlock.course.link import whole

_nbformat: Any = nbformat
_LARGEST = 64 << 20  # bytes of a notebook: more than a lesson with all its pictures
_ASK = "Ask for a hand-in of plain files."


class Refused(Exception):
    """The hand-in cannot be graded; the message says why and what to ask the learner for."""


def read(folder: Path) -> dict[str, NotebookNode]:
    """The notebooks in a folder that somebody handed in, by name. Raises `Refused`."""
    if why := " ".join(_not_plain(folder)):
        raise Refused(why)
    files = sorted(folder.glob("*.ipynb"))
    if not files:
        raise Refused("There is no notebook in it. Ask for the lesson's .ipynb file.")
    found: dict[str, NotebookNode] = {}
    refused: list[str] = []
    for file in files:
        try:
            found[file.stem] = _notebook(file)
        except Refused as said:
            refused.append(str(said))
    if refused:
        raise Refused(" ".join(refused))
    return found


def _not_plain(folder: Path) -> Iterator[str]:
    """What a link points to would be copied: the solution, or a file of the instructor's. A pipe has no end."""
    for each in sorted(folder.rglob("*")):
        if each.is_symlink():
            yield f"{each.name} is a link to another file. {_ASK}"
        elif not stat.S_ISREG(each.stat().st_mode) and not each.is_dir():
            yield f"{each.name} is neither a file nor a folder. {_ASK}"


def _notebook(file: Path) -> NotebookNode:
    if (size := file.stat().st_size) > _LARGEST:
        raise Refused(f"{file.name} has {size >> 20} MB. Ask for it without its outputs.")
    try:
        content = whole(file.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Refused(f"{file.name} is not in UTF-8, as notebooks are. Ask for it as JupyterLab saves it.") from None
    except (ValueError, RecursionError) as error:
        said = f"{file.name} is no JSON ({error}). It was cut off or edited by hand; ask for it again."
        raise Refused(said) from None
    if not isinstance(content, dict) or "nbformat" not in content:
        raise Refused(f"{file.name} is JSON, and no notebook. Ask for the lesson's .ipynb file.")
    try:
        notebook: NotebookNode = _nbformat.reads(json.dumps(content), 4)
    except Exception as error:  # whatever a version's reader stumbles over
        said = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no words'}"[:200]
        raise Refused(
            f"{file.name} is in a format that cannot be read ({said}). Ask for it as JupyterLab saves it."
        ) from None
    return notebook
