"""The package is layered: a module imports only from its own part and from the rows above it (design.md)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "lab-env" / "airlock"
ROWS = ("paths", "pki", "wire", "lab", "checks", "lesson", "course", "grading", "cli")
LONGEST = 300


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def part_of(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_parts(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        match node:
            case ast.ImportFrom(module="airlock", names=names):
                yield from (name.name for name in names)
            case ast.ImportFrom(module=str(module)) if module.startswith("airlock."):
                yield module.split(".")[1]
            case ast.Import(names=names):
                yield from (name.name.split(".")[1] for name in names if name.name.startswith("airlock."))


@pytest.mark.parametrize("file", modules(), ids=lambda file: str(file.relative_to(PACKAGE)))
def test_a_module_imports_only_from_above(file: Path) -> None:
    part = part_of(file)
    if part == "__init__":
        return
    below = set(ROWS[ROWS.index(part) + 1 :])
    assert not below & set(imported_parts(file))


def test_every_part_has_its_row() -> None:
    assert {part_of(file) for file in modules()} - {"__init__"} == set(ROWS)


def test_no_module_has_grown_beyond_one_duty() -> None:
    long = {str(f.relative_to(PACKAGE)): n for f in modules() if (n := len(f.read_text().splitlines())) > LONGEST}
    assert long == {}
