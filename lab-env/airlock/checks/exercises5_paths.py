"""Judge of lesson 5's exercise about a connection that is verified on one path of two."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from airlock.checks.exercises import exercise
from airlock.checks.exercises1 import variables
from airlock.checks.exercises5_words import SHOP, filled, unreadable
from airlock.checks.hook import PATHS, used
from airlock.checks.lesson1_forms import Unreadable, read
from airlock.checks.report import Report, failed, passed
from airlock.lab import View
from airlock.wire.captures import record
from airlock.wire.loot import Loot, loot

HONEST = "eavesdropper"
DOORS = (HONEST, "self-signed", "wrong-host")
QUERY = "select customer, quantity from orders order by id limit 1"


@exercise("lesson-5/one-path-of-two")
def one_path_of_two(folder: Path, view: View) -> Report:
    """Both paths reach the real server, and neither talks to anybody else."""
    lines = variables(filled((folder / "tasks.env").read_text(), view))
    try:
        if not lines.get(SHOP):
            raise Unreadable(f"no line begins with `{SHOP}=`")
        read(lines[SHOP])
    except Unreadable as error:
        return unreadable(error)
    said, read_there = _used(lines, view)
    for path, name in PATHS.items():
        if trouble := said[HONEST, path]:
            return failed(
                f"Over {name} the real server was not reached: {trouble[:200]}",
                "A path that works for nobody is verified, and useless.",
                "Login, place and authority are what the platform fills in.",
                "does-not-work",
            )
    if read_there[HONEST].is_session:
        return failed(
            "Both paths work, and one of them in clear: the eavesdropper reads its rows.",
            "Clear text needs no forged certificate to be read.",
            "`sslmode`, on each path.",
            "in-clear",
        )
    for door in DOORS[1:]:
        for path, name in PATHS.items():
            if not said[door, path]:
                return _deceived(door, path, name)
    return passed(
        f"Both paths reached the server, and both refused {len(DOORS) - 1} forged ones.",
        "A test of one path is a test of one path.",
    )


def _deceived(door: str, path: str, name: str) -> Report:
    if door == "wrong-host":
        return failed(
            f"Over {name}, the task talked to a server whose certificate is for another host.",
            "Every holder of a certificate of this authority can stand there.",
            "`verify-ca` does not compare names.",
            "name-not-compared",
        )
    if path == "get_conn":
        return failed(
            f"Over {name}, the task talked to a server with a certificate that anybody could make.",
            "This path was right before.",
            "`sslmode` and `sslrootcert` in the extras are for this path.",
            "first-path-broken",
        )
    return failed(
        f"Over {name}, the task talked to a server with a certificate that anybody could make, and took its rows.",
        "The engine gets a URL. Of the extras of the connection, one alone gets into it.",
        "Print `PostgresHook(…).sqlalchemy_url`. Where does its query come from?",
        "engine-not-verified",
    )


def _used(lines: dict[str, str], view: View) -> tuple[dict[tuple[str, str], str], dict[str, Loot]]:
    """By door and path, what was said; by door, what was read."""
    wire, port = view.lab.wire, str(view.shop.port)
    values = [lines[SHOP].replace(port, str(wire.doors[door])) for door in DOORS]
    # What libpq reads from the environment belongs to the deployment; a password does not.
    given = {name: value for name, value in lines.items() if name.startswith("PG") and name != "PGPASSWORD"}
    with ExitStack() as tapes:
        recordings = [tapes.enter_context(record(wire, door, patience=1.0)) for door in DOORS]
        came = used(values, QUERY, given)
    said = {
        (door, path): each.said.replace(view.shop.password, "…")
        for door, paths in zip(DOORS, came, strict=True)
        for path, each in paths.items()
    }
    return said, {door: loot(tape.connections) for door, tape in zip(DOORS, recordings, strict=True)}
