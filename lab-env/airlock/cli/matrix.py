"""`airlock matrix`: every client setting in every situation on the wire, run for real, for PostgreSQL or for HTTP."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Protocol, get_args

import typer
from rich.console import Console
from rich.table import Table

from airlock.lab import View
from airlock.lab.experiments import run
from airlock.wire import matrix, matrix_http
from airlock.wire.grid import Outcome
from airlock.wire.matrix import Authentication, ServerRule

console = Console(highlight=False)
_LEGEND = """
read     the attacker read the session, or got what opens the next
safe     it worked, and he saw encrypted bytes only
refused  the client did not get in"""
_HTTP_LEGEND = """

http        "schema" is http, or left out
unverified  https, with "verify": false
system-ca   https as it comes: to it a private authority is a stranger,
            so the honest server is refused, too (passive)
private-ca  https, with "verify" set to the authority's file"""
_COLOURS = {"read": "red", "safe": "green", "refused": "yellow"}


class Result(Protocol):
    """One experiment of either grid."""

    @property
    def client(self) -> str: ...
    @property
    def situation(self) -> str: ...
    @property
    def outcome(self) -> Outcome: ...
    @property
    def expected(self) -> Outcome: ...
    @property
    def error(self) -> str: ...
    def to_plain(self) -> dict[str, Any]: ...


def register(app: typer.Typer) -> None:
    """Add this command to ``app``."""
    app.command("matrix")(matrix_command)


def matrix_command(
    full: Annotated[
        bool, typer.Option(help="Also md5 and password authentication, and three more situations.")
    ] = False,
    http: Annotated[
        bool, typer.Option("--http", help="The same for HTTP: requests to billing in every situation.")
    ] = False,
    export: Annotated[
        Path | None, typer.Option("--json", help="Write every result with its loot to this file.")
    ] = None,
) -> None:
    """Run every client setting in every situation and say what the attacker got."""
    begin = time.monotonic()
    tables = _over_http() if http else _over_postgres(full=full)
    results = [result for part in tables.values() for result in part]
    for title, part in tables.items():
        for columns in _fitting(list(dict.fromkeys(result.situation for result in part))):
            console.print(_as_table(title, part, columns))
    surprises = [(title, each) for title, part in tables.items() for each in part if each.outcome != each.expected]
    for title, each in surprises:
        where = f"{each.client} in {each.situation} ({title})"
        console.print(f"[bold red]{where}: {each.outcome}, expected {each.expected}[/] {each.error}")
    seconds = time.monotonic() - begin
    console.print(f"{len(results)} experiments in {seconds:.1f} s.", _LEGEND + (_HTTP_LEGEND if http else ""))
    if export:
        export.write_text(json.dumps([result.to_plain() for result in results], indent=1))
        console.print(f"Every result is in {export}", soft_wrap=True)
    if surprises:
        raise typer.Exit(1)


def _over_postgres(*, full: bool) -> dict[str, list[matrix.Result]]:
    situations = matrix.SITUATIONS if full else matrix.CORE
    chosen = [
        (rule, how) for rule in get_args(ServerRule) for how in get_args(Authentication) if full or how == "scram"
    ]
    with console.status("Attacking …"):
        results = run(View.current(), chosen, situations=situations)
    return {
        f"Server: {rule}, {way}": [each for each in results if (each.server_rule, each.authentication) == (rule, way)]
        for rule, way in chosen
    }


def _over_http() -> dict[str, list[matrix_http.Result]]:
    view = View.current()
    with console.status("Attacking …"):
        return {"Server: billing, HTTP": matrix_http.run(view.lab.wire, view.shop, view.lab.ca_file)}


def _fitting(situations: Sequence[str]) -> list[Sequence[str]]:
    """The situations in as many tables as the terminal needs: the core fits 80 columns, all of them 112."""
    if len(situations) <= len(matrix_http.SITUATIONS) or console.width >= 112:
        return [situations]
    half = len(situations) // 2
    return [situations[:half], situations[half:]]


def _as_table(title: str, results: Sequence[Result], situations: Sequence[str]) -> Table:
    outcomes = {(result.client, result.situation): result.outcome for result in results}
    table = Table(title=f"\n{title}", title_justify="left", box=None, padding=(0, 1, 0, 0))
    table.add_column("client", no_wrap=True)
    for situation in situations:  # in two lines, so that the core fits a terminal of 80 columns
        table.add_column(situation.replace("-", "-\n", 1) if len(situation) > 9 else situation)
    for client in dict.fromkeys(result.client for result in results):
        cells = [outcomes[client, situation] for situation in situations]
        table.add_row(client, *(f"[{_COLOURS[cell]}]{cell}[/]" for cell in cells))
    return table
