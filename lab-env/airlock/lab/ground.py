"""What is decided before any service starts: folders, ports, secrets, certificates, the lab's identity.

Everything here is kept in the state folder, so that `up` after a crash or a reboot finds the same lab again.
"""

from __future__ import annotations

import base64
import json
import os
import secrets as random_secrets
import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from string import Template

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from airlock import paths
from airlock.lab.ports import LOOPBACK, choosing
from airlock.pki import Authority, Identity, write_secret

# The name in every certificate. Clients verify it; listeners bind to LOOPBACK.
HOST = "localhost"

# What belongs to the learner, not to the lab.
_KEPT = ("learner.json", "progress.json*", "grading")
_RENEW_BEFORE = timedelta(days=7)


@dataclass(frozen=True)
class Ground:
    """The ground a lab stands on: one state folder."""

    state: Path

    @classmethod
    def prepare(cls, state: Path | None = None) -> Ground:
        """Make the state folder (mode 0700) when it is missing."""
        ground = cls(state or paths.state_dir())
        ground.state.mkdir(parents=True, exist_ok=True)
        ground.state.chmod(0o700)
        return ground

    def folder(self, *names: str) -> Path:
        """A folder of the state folder, made at first need."""
        folder = self.state.joinpath(*names)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    def log(self, service: str) -> Path:
        """The file a service's output goes to."""
        return self.folder("logs") / f"{service}.log"

    @cached_property
    def lab_id(self) -> str:
        """Names this lab among others on the machine."""
        return self.secret("lab-id", lambda: random_secrets.token_hex(4))

    def secret_file(self, name: str) -> Path:
        """Where a secret is kept (mode 0600)."""
        return self.folder("secrets") / name

    def secret(self, name: str, make: Callable[[], str] | None = None) -> str:
        """This lab's secret of that name: random, made once."""
        file = self.secret_file(name)
        if not file.exists():
            write_secret(file, (make or random_secrets.token_hex)().encode())
        return file.read_text()

    def key_base64(self, name: str) -> str:
        """A secret of 32 random bytes in URL-safe base64: the form of a Fernet key."""
        return self.secret(name, lambda: base64.urlsafe_b64encode(os.urandom(32)).decode())

    @cached_property
    def ports(self) -> dict[str, int]:
        """The ports chosen for this lab, by name. See `choose_ports`."""
        try:
            chosen: dict[str, int] = json.loads((self.state / "ports.json").read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return chosen

    def free_port(self) -> int:
        """A port that nobody listens on and that no lab has chosen."""
        return self.free_ports(1)[0]

    def free_ports(self, count: int, but: Collection[int] = ()) -> list[int]:
        """Several at once, other than ``but``: all that are chosen are kept in one file, written once each time."""
        chosen: list[int] = []
        with choosing(str(self.state)) as choice:
            while len(chosen) < count:
                if (port := choice.another()) not in {*self.ports.values(), *but}:
                    chosen.append(port)
        return chosen

    def give_ports_back(self, ports: Collection[int]) -> None:
        """Let others choose them, or this lab again, at once instead of some minutes later."""
        with choosing(str(self.state)) as choice:
            choice.give_back(ports)

    def choose_ports(self, names: list[str]) -> None:
        """Keep each port of the last time that is still free, choose another where it is taken.

        Call only while nothing of this lab is running.
        """
        with choosing(str(self.state)) as choice:
            kept = {name: port for name, port in self.ports.items() if name in names and choice.claim(port)}
            kept |= {name: choice.another() for name in names if name not in kept}
        (self.state / "ports.json").write_text(json.dumps(kept, indent=2))
        self.__dict__["ports"] = kept

    @cached_property
    def containers(self) -> dict[str, str]:
        """The container of each program, where the lab is containers: see `airlock.lab.containers`. Else empty."""
        try:
            chosen: dict[str, str] = json.loads((self.state / "containers.json").read_text())
        except FileNotFoundError:
            return {}
        return chosen

    @property
    def ca_file(self) -> Path:
        """The lab's trust anchor."""
        return self.state / "pki" / "ca.crt"

    @cached_property
    def authority(self) -> Authority:
        """The lab's own certificate authority, made once."""
        folder = self.folder("pki")
        if not (folder / "ca.key").exists():
            authority = Authority.root(f"Airlock lab {self.lab_id}")
            authority.identity.write(folder, "ca")
            return authority
        key = load_pem_private_key((folder / "ca.key").read_bytes(), password=None)
        certificate = x509.load_pem_x509_certificate((folder / "ca.crt").read_bytes())
        return Authority(Identity(key, certificate))  # type: ignore[arg-type]

    def server_certificate(self, folder: Path, name: str) -> tuple[Path, Path]:
        """A leaf for HOST and LOOPBACK, renewed a week before it runs out; returns certificate and key files."""
        certificate, key = folder / f"{name}.crt", folder / f"{name}.key"
        if certificate.exists() and key.exists():
            leaf = x509.load_pem_x509_certificate(certificate.read_bytes())
            if leaf.not_valid_after_utc - datetime.now(UTC) > _RENEW_BEFORE:
                return certificate, key
        return self.authority.server(f"airlock {name}", [HOST, LOOPBACK]).write(folder, name)

    def purge(self) -> None:
        """Delete all of the lab's data and secrets; the learner's seed and progress stay."""
        for entry in self.state.iterdir():
            if any(entry.match(kept) for kept in _KEPT):
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()

    def render(self, template: str, target: Path, **values: object) -> Path:
        """Fill in a configuration file of ``lab-env/`` and write it (mode 0600)."""
        source = paths.course_root() / "lab-env" / template
        text = Template(source.read_text()).substitute({k: str(v) for k, v in values.items()})
        return write_secret(target, text.encode())
