"""The other ends of a deployment: the database's rules for its logins, and the tasks' way to the vault."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from airlock.lab.backend import BACKENDS
from airlock.lab.deployment.links import AUTHORITY, ODD, Trust
from airlock.lab.deployment.place import Place


@dataclass(frozen=True)
class Rule:
    """The lines of pg_hba.conf for one login; ``{who}`` stands for database, login and network."""

    name: str
    fault: str | None
    lines: tuple[str, ...]
    odd: bool = False

    def written(self, place: Place, login: str) -> list[str]:
        """The lines as they stand in the file."""
        who = f"{place.database}  {login}  {place.network}"
        return [line.format(who=who) for line in self.lines]


RULES: tuple[Rule, ...] = (
    Rule("a line for every link", "server-takes-clear-text", ("host      {who}  scram-sha-256",)),
    Rule("the password in clear", "server-takes-clear-text", ("host      {who}  password",)),
    Rule(
        "two lines, the wide one first",
        "server-takes-clear-text",
        ("host      {who}  scram-sha-256", "hostnossl {who}  reject"),
    ),
    Rule("trust", "server-trusts-anybody", ("hostssl   {who}  trust",)),
    Rule("TLS only", None, ("hostssl   {who}  scram-sha-256",)),
    Rule("clear text is rejected first", None, ("hostnossl {who}  reject", "host      {who}  scram-sha-256"), odd=True),
)  # fmt: skip
FIRST = ("# TYPE    DATABASE  USER  ADDRESS  METHOD", "local     all  all  peer")
LAST = ("host      all  all  0.0.0.0/0  reject",)
"""Whoever comes through the socket is a user of the server's own machine; whoever no line is for is refused."""


@dataclass(frozen=True)
class Policy:
    """What the tasks' token may do; the keys are paths below the team's mount, or anywhere with a slash in front."""

    name: str
    fault: str | None
    paths: dict[str, list[str]]
    odd: bool = False

    def written(self, place: Place) -> dict[str, Any]:
        """The policy as JSON."""
        named = {path[1:] if path[:1] == "/" else f"{place.mount}/{path}": can for path, can in self.paths.items()}
        return {"path": {path: {"capabilities": can} for path, can in named.items()}}


_CONNECTIONS = {"data/connections/*": ["read"]}
POLICIES: tuple[Policy, ...] = (
    Policy("the whole mount", "policy-too-wide", {"*": ["read"]}),
    Policy("all data of the mount", "policy-too-wide", {"data/*": ["read"]}),
    Policy("any folder of the mount", "policy-too-wide", _CONNECTIONS | {"data/+/*": ["read"]}),
    Policy("connections", None, _CONNECTIONS),
    Policy("connections, and its own token", None, _CONNECTIONS | {"/auth/token/renew-self": ["update"]}, odd=True),
    Policy("connections, all else denied", None, _CONNECTIONS | {"*": ["deny"]}, odd=True),
)


@dataclass(frozen=True)
class Vault:
    """How the tasks verify the vault; ``trusts`` is a kind of certificate file, or None for not at all."""

    name: str
    fault: str | None
    trusts: str | None
    odd: bool = False

    def written(self, place: Place, trust: Trust) -> dict[str, Any]:
        """Airflow's section ``[secrets]``, without the login."""
        arguments: dict[str, Any] = {
            **{"url": place.vault, "mount_point": place.mount, "connections_path": "connections"},
            **{"auth_type": "approle", "verify": trust.paths[self.trusts] if self.trusts else False},
        }
        return {"backend": BACKENDS["vault"], "backend_kwargs": arguments}


VAULTS: tuple[Vault, ...] = (
    Vault("verify is false", "vault-not-verified", None),
    Vault("verified", None, AUTHORITY),
    Vault("verified with an odd file", None, ODD, odd=True),
)
