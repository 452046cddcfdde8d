"""The kit in a real kernel without a front end, as nbclient and grading have it; and what importing it costs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import pytest

CELLS = [
    """
import sys
from airlock.checks import catalogue
catalogue.load = lambda: None
from tests.lesson.conftest import register_tasks
register_tasks()
from airlock.lesson import cards, check, hints, lab, matrix, me, myth, predict, reveal, start, watch
""",
    'predict("1-a", "Which?", {"a": "This", "b": "That"})',
    'reveal("1-a", observed="a", because="So.")',
    'myth("1-x", "It is so.", truth=False, because="It is not.")',
    'hints("1.1")',
    "cards(1)",
    'uri = "p%40ss"\ncheck("1.1")  # right',
    'uri = "p@ss"\ncheck("1.1")',
    'check("9.9")',
    "me.shop",
    "me",
    "lab.status()",
    'watch("select 1")',
    "matrix()",
    "matrix(run=True)",
    'matrix(predict={"require": {"moon": "safe"}})',
    "start()",
    """
import asyncio
from airlock.lesson import progress
from airlock.lesson.living import show_living
show_living(lambda: (f"{(seen := progress.current().visited('watch', 'elsewhere'))}", f"watched: {seen}"))
progress.current().visit("watch", "elsewhere")
await asyncio.sleep(5)  # living
""",
    '"airflow" in sys.modules',
]


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """What each cell put out, by its last line."""
    return _run(CELLS, tmp_path_factory.mktemp("kernel"))


def _run(sources: list[str], folder: Path, **more: str) -> dict[str, list[Any]]:
    root = Path(__file__).resolve().parents[2]
    notebook: Any = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    kept = {
        "AIRLOCK_STATE": str(folder / "state"),
        "AIRLOCK_WORK": str(folder / "work"),
        "PYTHONPATH": str(root),
    }
    environment = {**os.environ, **kept}
    for name in ("AIRLOCK_SEED", "NBGRADER_EXECUTION"):
        environment.pop(name, None)
    client = nbclient.NotebookClient(notebook, timeout=120, allow_errors=True, kernel_name="python3")
    client.execute(env=environment | more, cwd=str(folder))
    return {cell.source.strip().splitlines()[-1]: cell.outputs for cell in notebook.cells}


def _texts(cell: list[Any]) -> str:
    return "\n".join(output.data["text/plain"] for output in cell if "data" in output)


def _error(cell: list[Any]) -> list[str]:
    return [line for output in cell if output.output_type == "error" for line in output.traceback]


def test_nothing_is_written_to_standard_error(outputs: dict[str, list[Any]]) -> None:
    loud = [o.text for cell in outputs.values() for o in cell if o.output_type == "stream" and o.name == "stderr"]
    assert loud == []


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (CELLS[1], "Predict: Which?"),
        (CELLS[3], "True or not? It is so."),
        ("cards(1)", "Flash cards of lesson 1"),
        ("matrix()", "You predicted none of 63."),
    ],
)
def test_a_widget_carries_a_text_for_where_it_cannot_live(
    outputs: dict[str, list[Any]], source: str, text: str
) -> None:
    shown = outputs[source][0].data
    assert "application/vnd.jupyter.widget-view+json" in shown
    assert text in shown["text/plain"]


def test_reports_come_rich_and_plain(outputs: dict[str, list[Any]]) -> None:
    (shown,) = outputs['check("1.1")  # right']
    assert "[PASSED]" in shown.data["text/plain"]
    report = outputs['check("1.1")'][0].data
    assert "[NOT YET]" in report["text/plain"]
    assert "Not yet" in report["text/html"]
    assert "<script" not in report["text/html"], "it would be said again whenever the notebook is opened"


@pytest.mark.parametrize("way", ["autograde", "validate"])
def test_nbgrader_gets_a_number(tmp_path: Path, way: str) -> None:
    right = CELLS[6]
    shown, number = _run([CELLS[0], right], tmp_path, NBGRADER_EXECUTION=way)[right.splitlines()[-1]]
    assert "[PASSED]" in shown.data["text/plain"]
    assert number.output_type == "execute_result"
    assert number.data["text/plain"] == "4.0"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('check("1.1")', "Task 1.1: not passed yet."),
        ('check("9.9")', "There is no task '9.9'"),
        ("me.shop", "The lab is not running. In a terminal, run: ./airlock up"),
        ("lab.status()", "The lab is not running. In a terminal, run: ./airlock up"),
        ('watch("select 1")', "The lab is not running. In a terminal, run: ./airlock up"),
        ("matrix(run=True)", "The lab is not running. In a terminal, run: ./airlock up"),
        ('matrix(predict={"require": {"moon": "safe"}})', "The matrix has no situation 'moon'; it has passive, "),
    ],
)
def test_an_error_is_one_line(outputs: dict[str, list[Any]], source: str, said: str) -> None:
    lines = _error(outputs[source])
    assert len(lines) == 1
    assert lines[0].startswith(said)


def test_what_needs_no_lab_works_without_one(outputs: dict[str, list[Any]]) -> None:
    assert "The lab is not running." in _texts(outputs["me"])
    assert "Hints for 1.1" in _texts(outputs['hints("1.1")'])
    assert "No prediction" in _texts(outputs[CELLS[2]])
    assert "not in this release" in _texts(outputs["start()"])


def test_what_is_shown_follows_the_progress(outputs: dict[str, list[Any]]) -> None:
    shown = next(cell for source, cell in outputs.items() if source.endswith("# living"))
    assert _texts(shown) == "watched: True"


def test_airflow_is_not_imported(outputs: dict[str, list[Any]]) -> None:
    assert _texts(outputs['"airflow" in sys.modules']) == "False"


def test_importing_the_kit_loads_nothing_heavy() -> None:
    heavy = ("airflow", "psycopg", "hvac", "httpx", "ipywidgets", "nbformat", "sqlalchemy")
    program = f"import sys, airlock.lesson; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
