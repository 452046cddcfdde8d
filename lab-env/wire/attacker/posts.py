"""Which attacker stands at which port, and in front of what: the lab's own services, and the warehouses of its teams.

A warehouse comes and goes while the wire runs. The lab tells of it in a file, ``<team>.json`` in one folder of its own
state: the port of the server and those of its doors. There is no way to say a host: it is always this machine.
"""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

HOST = "localhost"
_LISTEN = "127.0.0.1"

# Protocol and kind of link -> which of the lab's services is called.
_LINKS = {
    "postgres": {"plain": "postgres", "tls": "postgres"},
    "http": {"plain": "billing-http", "tls": "billing-https"},
}


@dataclass(frozen=True)
class Post:
    """Where an attacker stands.

    Attributes:
        name: the door's.
        upstream: ports of the server by kind of link, ``plain`` and ``tls``.
        certificates, captures: folders of what it shows, and of what it records.
    """

    name: str
    upstream: dict[str, int]
    certificates: Path
    captures: Path

    def mode(self, port: int) -> str:
        """What mitmproxy is told to listen at ``port`` for this."""
        return f"reverse:tcp://{HOST}:{self.upstream['plain']}@{_LISTEN}:{port}"


def lab_posts() -> dict[int, Post]:
    """The posts that the wire has from its start on, by port."""
    services = _pairs("AIRLOCK_SERVICES")
    certificates, captures = Path(os.environ["AIRLOCK_CERTIFICATES"]), Path(os.environ["AIRLOCK_CAPTURES"])
    posts = {}
    for name, port in _pairs("AIRLOCK_DOORS").items():
        links = _LINKS["http" if name.startswith("http-") else "postgres"]
        upstream = {link: services[service] for link, service in links.items()}
        posts[port] = Post(name, upstream, certificates, captures)
    return posts


class Warehouses:
    """The registrations in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[str, int] | None = None

    def changed(self) -> bool:
        """Whether there is another set of them than when this was asked last."""
        seen = dict(self._times())
        changed, self._seen = seen != self._seen, seen
        return changed

    def posts(self) -> dict[int, Post]:
        """Their posts, by port."""
        posts = {}
        for file in self._files():
            try:
                said = json.loads(file.read_text())
                server, doors = int(said["server"]), {str(name): int(port) for name, port in said["doors"].items()}
            except (OSError, ValueError, KeyError, TypeError, AttributeError):
                continue  # gone meanwhile, or nothing that the lab has written
            folder = self._folder / file.stem
            for name, port in doors.items():
                upstream = {"plain": server, "tls": server}
                posts[port] = Post(name, upstream, folder / "certificates", folder / "captures")
        return posts

    def _times(self) -> Iterator[tuple[str, int]]:
        for file in self._files():
            with suppress(FileNotFoundError):  # gone since the folder was read
                yield file.name, file.stat().st_mtime_ns

    def _files(self) -> Iterator[Path]:
        return self._folder.glob("*.json")


def _pairs(variable: str) -> dict[str, int]:
    """``name=port,name=port``."""
    return {name: int(port) for name, port in (pair.split("=") for pair in os.environ[variable].split(","))}
