"""What can be seen of a hand-in's files before they are copied and read: why it cannot be graded, in words."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat

_nbformat: Any = nbformat
_LARGEST = 64 << 20  # bytes of a notebook: more than a lesson with all its pictures
_ASK = "Ask for a hand-in of plain files."


def refusals(folder: Path) -> list[str]:
    """Sentences for the instructor; none when the hand-in can be graded."""
    why = [*_not_plain(folder)]
    notebooks = sorted(folder.glob("*.ipynb"))
    if not why and not notebooks:
        why = ["There is no notebook in it. Ask for the lesson's .ipynb file."]
    return why or [said for said in map(_unreadable, notebooks) if said]


def _not_plain(folder: Path) -> Iterator[str]:
    """What a link points to would be copied: the solution, or a file of the instructor's. A pipe has no end."""
    for each in sorted(folder.rglob("*")):
        if each.is_symlink():
            yield f"{each.name} is a link to another file. {_ASK}"
        elif not stat.S_ISREG(each.stat().st_mode) and not each.is_dir():
            yield f"{each.name} is neither a file nor a folder. {_ASK}"


def _unreadable(file: Path) -> str:
    if (size := file.stat().st_size) > _LARGEST:
        return f"{file.name} has {size >> 20} MB. Ask for it without its outputs."
    try:
        content: Any = json.loads(file.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError:
        return f"{file.name} is not in UTF-8, as notebooks are. Ask for it as JupyterLab saves it."
    except (ValueError, RecursionError) as error:
        return f"{file.name} is no JSON ({error}). It was cut off or edited by hand; ask for it again."
    if not isinstance(content, dict) or "nbformat" not in content:
        return f"{file.name} is JSON, and no notebook. Ask for the lesson's .ipynb file."
    try:
        _nbformat.reads(json.dumps(content), 4)
    except Exception as error:  # whatever a version's reader stumbles over
        said = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no words'}"
        return f"{file.name} is in a format that cannot be read ({said[:200]}). Ask for it as JupyterLab saves it."
    return ""
