"""Where a team's warehouse is: its folders and its ports. Nothing here runs anything."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from airlock.lab.describe import DOORS
from airlock.lab.description import Lab
from airlock.lab.ground import Ground
from airlock.lab.locks import exclusive
from airlock.lab.ports import is_free
from airlock.pki import write_secret

SITUATIONS = tuple(door for door in DOORS if not door.startswith("http-"))
_SERVER = "server"
_CHOICE = "warehouse-ports"
# Longest path of a Unix socket (sockaddr_un: 104 bytes on macOS, 108 on Linux), less PostgreSQL's file name in it.
_SOCKET_FOLDER_LIMIT = 80


@dataclass(frozen=True)
class Place:
    """The place of one team's warehouse in a lab."""

    lab: Lab
    team: str

    @cached_property
    def ground(self) -> Ground:
        """What the lab stands on."""
        return Ground(Path(self.lab.state))

    @property
    def name(self) -> str:
        """What the supervisor and the log call it."""
        return f"warehouse-{self.team}"

    @property
    def exists(self) -> bool:
        """Whether this team has ever had one."""
        return self._root.exists()

    @property
    def folder(self) -> Path:
        """The owner's files: settings, rules, certificates."""
        return self.ground.folder("warehouse", self.team, "settings")

    @property
    def client(self) -> Path:
        """Files of clients, which the server never sees."""
        return self.ground.folder("warehouse", self.team, "client")

    @property
    def data(self) -> Path:
        """The cluster."""
        return self._root / "data"

    @property
    def main(self) -> Path:
        """The lab's own settings, which include the owner's."""
        return self.ground.folder("warehouse", self.team) / "main.conf"

    @property
    def rules(self) -> Path:
        """The lab's own rule, which includes the owner's."""
        return self.ground.folder("warehouse", self.team) / "main_hba.conf"

    @property
    def complete(self) -> Path:
        """There once the data is whole."""
        return self._root / "complete"

    @property
    def wanted(self) -> Path:
        """There while its owner wants it to run; `airlock up` looks for it."""
        return self._root / "wanted"

    @property
    def log(self) -> Path:
        """What the server has said."""
        return self.ground.log(self.name)

    @property
    def socket_folder(self) -> Path:
        """Where the server puts its Unix socket: beside its data, unless the path is too long for one."""
        inside = self._root / "socket"
        if len(os.fsencode(inside)) <= _SOCKET_FOLDER_LIMIT:
            return inside
        digest = hashlib.sha256(os.fsencode(inside)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"airlock-{digest}"

    @property
    def registration(self) -> Path:
        """The file that tells the wire of this warehouse; the wire looks into its folder all the time."""
        return self.ground.folder("wire", "warehouses") / f"{self.team}.json"

    @property
    def certificates(self) -> Path:
        """What its doors show."""
        return self.ground.folder("wire", "warehouses", self.team, "certificates")

    @property
    def captures(self) -> Path:
        """What its doors have recorded."""
        return self.ground.folder("wire", "warehouses", self.team, "captures")

    @property
    def port(self) -> int:
        """The server's."""
        return self._ports[_SERVER]

    @property
    def doors(self) -> dict[str, int]:
        """Each situation's."""
        return {name: port for name, port in self._ports.items() if name != _SERVER}

    def choose_ports(self, *, server: bool, doors: bool) -> None:
        """Choose others for those that somebody else has taken; ask only for those where nothing of ours listens."""
        ports = self._ports
        asked = {name for name in ports if (server if name == _SERVER else doors)}
        with exclusive(self.lab, _CHOICE):
            self._keep({name: port for name, port in ports.items() if name not in asked or is_free(port)})

    @property
    def _root(self) -> Path:
        return self.ground.state / "warehouse" / self.team

    @property
    def _ports(self) -> dict[str, int]:
        file = self._root / "ports.json"
        if not file.exists():
            with exclusive(self.lab, _CHOICE):
                if not file.exists():
                    self._keep({})
        ports: dict[str, int] = json.loads(file.read_text())
        return ports

    def _keep(self, ports: dict[str, int]) -> None:
        missing = [name for name in (_SERVER, *SITUATIONS) if name not in ports]
        if missing:
            free = self.ground.free_ports(len(missing), but={*ports.values(), *self._others()})
            ports |= dict(zip(missing, free, strict=True))
        write_secret(self.ground.folder("warehouse", self.team) / "ports.json", json.dumps(ports).encode())

    def _others(self) -> Iterable[int]:
        for file in self._root.parent.glob("*/ports.json"):
            if file.parent != self._root:
                yield from json.loads(file.read_text()).values()


def places(lab: Lab) -> list[Place]:
    """Every team's that this lab has."""
    return [Place(lab, file.parent.name) for file in sorted(Path(lab.state).glob("warehouse/*/ports.json"))]
