"""`airlock matrix`: every client setting in every situation on the wire, run for real."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, get_args

import typer
from rich.console import Console
from rich.table import Table

from airlock.lab import Lab, View
from airlock.lab.experiments import run
from airlock.wire import matrix
from airlock.wire.matrix import Authentication, Result, ServerRule

console = Console(highlight=False)
_LEGEND = """
read     the attacker read the session, or got the password
safe     it worked, and he saw encrypted bytes only
refused  the client did not get in"""
_COLOURS = {"read": "red", "safe": "green", "refused": "yellow"}


def register(app: typer.Typer) -> None:
    """Add this command to ``app``."""
    app.command("matrix")(matrix_command)


def matrix_command(
    full: Annotated[
        bool, typer.Option(help="Also md5 and password authentication, and three more situations.")
    ] = False,
    export: Annotated[
        Path | None, typer.Option("--json", help="Write every result with its loot to this file.")
    ] = None,
) -> None:
    """Run every client setting in every situation and say what the attacker got."""
    lab = Lab.current()
    situations = matrix.SITUATIONS if full else matrix.CORE
    begin = time.monotonic()
    chosen = [
        (rule, how) for rule in get_args(ServerRule) for how in get_args(Authentication) if full or how == "scram"
    ]
    with console.status("Attacking …"):
        results = run(View.current(lab), chosen, situations=situations)
    for rule, authentication in chosen:
        part = [r for r in results if (r.server_rule, r.authentication) == (rule, authentication)]
        for columns in _fitting(situations):
            console.print(_as_table(f"{rule}, {authentication}", part, columns))
    surprises = [result for result in results if result.outcome != result.expected]
    for result in surprises:
        where = f"{result.client} in {result.situation} ({result.server_rule}, {result.authentication})"
        console.print(f"[bold red]{where}: {result.outcome}, expected {result.expected}[/] {result.error}")
    seconds = time.monotonic() - begin
    console.print(f"{len(results)} experiments in {seconds:.1f} s.", _LEGEND)
    if export:
        export.write_text(json.dumps([result.to_plain() for result in results], indent=1))
        console.print(f"Every result is in {export}", soft_wrap=True)
    if surprises:
        raise typer.Exit(1)


def _fitting(situations: Sequence[str]) -> list[Sequence[str]]:
    """The situations in as many tables as the terminal needs: the core fits 80 columns, all of them 112."""
    if len(situations) <= len(matrix.CORE) or console.width >= 112:
        return [situations]
    half = len(situations) // 2
    return [situations[:half], situations[half:]]


def _as_table(title: str, results: list[Result], situations: Sequence[str]) -> Table:
    outcomes = {(result.client, result.situation): result.outcome for result in results}
    table = Table(title=f"\nServer: {title}", title_justify="left", box=None, padding=(0, 1, 0, 0))
    table.add_column("client", no_wrap=True)
    for situation in situations:  # in two lines, so that the core fits a terminal of 80 columns
        table.add_column(situation.replace("-", "-\n", 1) if len(situation) > 9 else situation)
    for client in dict.fromkeys(result.client for result in results):
        cells = [outcomes[client, situation] for situation in situations]
        table.add_row(client, *(f"[{_COLOURS[cell]}]{cell}[/]" for cell in cells))
    return table
