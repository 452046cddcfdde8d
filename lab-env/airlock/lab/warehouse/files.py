"""The owner's files: settings, rules, certificates. Written whole or not at all; the server reads them when told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from airlock.lab import cluster
from airlock.lab.warehouse.place import Place
from airlock.pki import write_secret

SETTINGS, RULES = "postgresql.conf", "pg_hba.conf"
CERTIFICATE, KEY, CLIENT_CA = "server.crt", "server.key", "root.crt"

Pem = str | bytes | Path
"""A PEM text, or the path of a file that holds one."""

_NAME = re.compile(r"[a-z_][a-z0-9_.]*")
_PUBLIC = 0o644


def begin(place: Place) -> None:
    """The files that a warehouse begins with, in place of what is there."""
    for name in (CERTIFICATE, KEY, CLIENT_CA):
        (place.folder / name).unlink(missing_ok=True)
    for name in (SETTINGS, RULES):
        cluster.give(place.ground.render(f"postgres/warehouse/{name}", place.folder / name, folder=place.folder))


def render_main(place: Place) -> None:
    """The lab's own files, which include the owner's."""
    render, folder = place.ground.render, place.folder
    main = render("postgres/warehouse/main.conf", place.main, fragment=folder / SETTINGS)
    rules = render("postgres/warehouse/main_hba.conf", place.rules, rules=folder / RULES)
    cluster.give(place.main.parent, folder, main, rules)


def install(place: Place, certificate: Pem | None, key: Pem | None, client_ca: Pem | None, key_mode: int) -> None:
    """Put certificates and the key where the settings say they are.

    Raises:
        ValueError: there is no such file, or something in it that is no PEM.
    """
    # Everything is read before anything is written: half an installation is what a reload would stumble over.
    given = {KEY: (key, key_mode), CERTIFICATE: (certificate, _PUBLIC), CLIENT_CA: (client_ca, _PUBLIC)}
    wanted = {name: (pem(content), mode) for name, (content, mode) in given.items() if content is not None}
    for name, (content, mode) in wanted.items():
        _put(place, name, content, mode)
    if client_ca is not None:
        configure(place, {"ssl_ca_file": CLIENT_CA})


def configure(place: Place, settings: Mapping[str, str | int | bool | None]) -> None:
    """Write settings into the owner's file; None takes one out.

    Raises:
        ValueError: a name or a value that such a file cannot hold.
    """
    file = place.folder / SETTINGS
    lines = file.read_text().splitlines()
    for name, value in settings.items():
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not the name of a setting: lower-case letters and underscores")
        lines = [line for line in lines if not re.match(rf"\s*{re.escape(name)}\b", line)]
        if value is not None:
            lines.append(f"{name} = '{_value(place, name, value)}'")
    _put(place, SETTINGS, ("\n".join(lines) + "\n").encode(), 0o600)


def rule(place: Place, lines: tuple[str, ...]) -> None:
    """Write the owner's rules, in place of those that were there."""
    text = "\n".join(line.strip() for each in lines for line in each.splitlines())
    _put(place, RULES, (text.strip() + "\n").encode(), 0o600)


def pem(given: Pem) -> bytes:
    """A PEM text as bytes, from the file if a path was given. Raises `ValueError` as `install` does."""
    content = given.encode() if isinstance(given, str) else given
    if isinstance(content, bytes) and b"-----BEGIN" in content:
        return content if content.endswith(b"\n") else content + b"\n"
    if isinstance(given, bytes) or (isinstance(given, str) and "\n" in given):
        raise ValueError("this is no PEM: there is no line -----BEGIN … in it")
    file = Path(given)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ValueError(f"{file} cannot be read: {error.strerror}") from None
    if b"-----BEGIN" not in content:
        raise ValueError(f"{file} is no PEM file: there is no line -----BEGIN … in it")
    return content


def _put(place: Place, name: str, content: bytes, mode: int) -> None:
    partial = write_secret(place.folder / f".{name}", content)
    partial.chmod(mode)
    cluster.give(partial)
    partial.replace(place.folder / name)


def _value(place: Place, name: str, value: str | int | bool) -> str:
    text = ("on" if value else "off") if isinstance(value, bool) else str(value)
    if "\n" in text:
        raise ValueError(f"the value of {name} is one line")
    if name.endswith("_file") and text and "/" not in text:
        text = str(place.folder / text)  # PostgreSQL would look beside its data
    return text.replace("'", "''").replace("\\", "\\\\")
