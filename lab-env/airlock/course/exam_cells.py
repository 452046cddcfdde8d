"""Which cells of a lesson an exam has: each task's text, answer and check, and the code that the answers stand on.

What explains, asks, shows and hints stays behind. A lesson's author may keep a cell by its tag ``exam``: text that
a task cannot be understood without, or code that changes the lab and defines nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

from airlock.course import bench
from airlock.course.prose import parsed
from airlock.course.source import Cell, Role, Source

KEPT = "exam"
_TASK = re.compile(r"^### \d+\.\d+ ", re.MULTILINE)
_NAMED = re.compile(r"`([A-Za-z_]\w*)")
_TELLS = {"print", "display"}
_ENDS = (Role.CHECK, Role.WRITTEN)


def examined(source: Source) -> list[Cell]:
    """The cells, in the lesson's order."""
    return list(_standing_on(list(_of_tasks(source))))


def _of_tasks(source: Source) -> Iterator[Cell]:
    """Everything that may be part of the exam: task by task, with all code that the lesson builds on between."""
    building = bench.before(source, len(source.cells))
    in_task = False
    for cell in source.cells:
        begins = _TASK.search(cell.source) if cell.kind == "markdown" else None
        if cell.role is not Role.PLAIN:
            yield cell
            in_task = in_task and cell.role not in _ENDS
        elif KEPT in cell.tags:
            yield cell
            in_task = in_task or bool(begins)
        elif cell.kind == "code":
            if cell in building or (in_task and cell in bench.code([cell])):
                # What stands between a task and its check belongs to it, whatever else it is.
                yield replace(cell, tags=(*cell.tags, KEPT)) if in_task else cell
        elif begins:
            yield replace(cell, source=cell.source[begins.start() :])
            in_task = True
        elif in_task:
            yield cell


def _standing_on(cells: list[Cell]) -> Iterator[Cell]:
    """Without the experiments: code that does nothing to the lab, and that nothing which is kept takes a name from."""
    wanted: set[str] = set()
    kept: list[Cell] = []
    for cell in reversed(cells):
        if cell.kind == "markdown":
            wanted |= set(_NAMED.findall(cell.source)) if cell.role is Role.PLAIN else set()
        elif cell.role is Role.PLAIN and KEPT not in cell.tags and not _needed(cell.source, wanted):
            continue
        else:
            wanted |= _used(cell.source)
        kept.append(cell)
    return reversed(kept)


def _needed(text: str, wanted: set[str]) -> bool:
    return bool(wanted) and (bool(_defined(text) & wanted) or _acts(text))


def _acts(text: str) -> bool:
    """Whether a cell calls something for what it does, e.g. ``lab.watch.open()``, and settles no prediction."""
    calls = [
        line.value for line in parsed(text).body if isinstance(line, ast.Expr) and isinstance(line.value, ast.Call)
    ]
    names = {call.func.id if isinstance(call.func, ast.Name) else "" for call in calls}
    return bool(names - _TELLS) and "reveal" not in names


def _defined(text: str) -> set[str]:
    """The names that a cell gives to the notebook."""
    found: set[str] = set()
    waiting: list[ast.AST] = [parsed(text)]
    while waiting:
        node = waiting.pop()
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
                continue  # what is bound inside stays inside
            case ast.alias(name=name, asname=asname):
                found.add(asname or name.split(".")[0])
            case ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
            case _:
                pass
        waiting += ast.iter_child_nodes(node)
    return found


def _used(text: str) -> set[str]:
    """The names that a cell takes from the notebook: those that it reads and does not bind anywhere itself."""
    read: set[str] = set()
    bound: set[str] = set()
    for node in ast.walk(parsed(text)):
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                read.add(name)
            case ast.Name(id=name) | ast.arg(arg=name):
                bound.add(name)
            case _:
                pass
    return read - bound
