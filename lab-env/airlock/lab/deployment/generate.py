"""`generate`: a deployment from a seed and a place, as pure data."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from airlock.lab.deployment.ends import FIRST, LAST, POLICIES, RULES, VAULTS, Rule
from airlock.lab.deployment.faults import LINKS, Finding, Way
from airlock.lab.deployment.homes import DATABASE, HOMES, OPEN_HOMES, Entry, Home
from airlock.lab.deployment.links import BY_TYPE, Link, Trust
from airlock.lab.deployment.place import Place
from airlock.lab.seed import Seed

STATUS, SOCKET = "status", "staging"
"""A connection without a secret, and one whose link never leaves the machine."""
NAMES: dict[str, tuple[str, ...]] = {
    "postgres": ("sales", "ledger", "stock", "returns", "loyalty", "forecast", "payouts", "catalogue"),
    "http": ("shipping", "billing", "tracking", "partners", "newsletter"),
}
"""Connections that have one. No lesson stores one of the same name: who runs it again would change the deployment."""
_COUNT = {"postgres": 6, "http": 4}
_FILES = ("trust", "bundle", "roots", "company", "chain", "ca-certificates", "anchors", "pki")


W = TypeVar("W", bound=Way)


@dataclass(frozen=True)
class Deployment:
    """One deployment.

    Attributes:
        plain: what an auditor gets: connections, files, authorities, pg_hba, settings, policy.
        findings: its faults.
        oddities: what is right and looks wrong: subject and a few words.
    """

    plain: dict[str, Any]
    findings: frozenset[Finding]
    oddities: frozenset[tuple[str, str]]

    @property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """What an auditor has to say: pairs of subject and fault."""
        return frozenset(finding.pair for finding in self.findings)


def generate(seed: Seed, place: Place) -> Deployment:
    """The deployment of a seed. The same seed in the same place gives the same one."""
    return _Draft(seed, place).deployment()


def password(seed: Seed, name: str) -> str:
    """The secret of one of the connections."""
    return seed.password(f"deployment/{name}", 20)


class _Draft:
    def __init__(self, seed: Seed, place: Place) -> None:
        self._seed, self._place = seed, place
        self._dice = random.Random(seed.key("deployment"))
        self._trust = Trust.of(place, self._dice.sample(_FILES, 4))
        self._findings: set[Finding] = set()
        self._oddities: set[tuple[str, str]] = set()
        self._hba: list[list[str]] = []

    def deployment(self) -> Deployment:
        chosen = {kind: self._dice.sample(NAMES[kind], _COUNT[kind]) for kind in NAMES}
        names = [(name, kind) for kind, found in chosen.items() for name in found]
        links, homes = self._links(names), self._homes(names)
        rules = self._rules([name for name, _ in names], links)
        entries = [entry for name, kind in names for entry in self._entries(name, kind, links[name], homes[name])]
        entries += [*self._without_a_secret(), *self._local()]
        self._dice.shuffle(entries)
        for name, _ in names:
            self._hba.append(rules[name].written(self._place, self._login(name)))
            self._note(self._login(name), rules[name])
        self._dice.shuffle(self._hba)
        vault, policy = self._any(VAULTS), self._any(POLICIES)
        if not (vault.fault or policy.fault):
            policy = self._dice.choice([each for each in POLICIES if each.fault])
        self._note("vault", vault)
        self._note("policy", policy)
        plain = {
            "team": self._place.team,
            "connections": entries,
            "files": self._trust.texts,
            "authorities": [self._place.authority, self._place.former],
            "pg_hba": [*FIRST, *(line for lines in self._hba for line in lines), *LAST],
            "settings": {"secrets": vault.written(self._place, self._trust)},
            "policy": policy.written(self._place),
        }
        return Deployment(plain, frozenset(self._findings), frozenset(self._oddities))

    def _links(self, names: Sequence[tuple[str, str]]) -> dict[str, Link]:
        """Four or five of the kinds of fault, one more of any, and the rest right; two of those look odd."""
        wanted = self._dice.sample(LINKS, self._dice.randint(4, 5))
        wanted += [self._dice.choice(LINKS)]
        left, chosen = list(names), {}
        self._dice.shuffle(left)
        # What only one type of connection can have comes first, so that it is not left without one.
        for fault in sorted(wanted, key=lambda fault: fault not in ("may-fall-back", "name-not-checked")):
            fitting = [pair for pair in left if any(link.fault == fault for link in BY_TYPE[pair[1]])]
            name, kind = fitting[0]
            left.remove((name, kind))
            chosen[name] = self._dice.choice([link for link in BY_TYPE[kind] if link.fault == fault])
        for index, (name, kind) in enumerate(left):
            right = [link for link in BY_TYPE[kind] if not link.fault and (link.odd or index > 1)]
            chosen[name] = self._dice.choice(right)
        return chosen

    def _homes(self, names: Sequence[tuple[str, str]]) -> dict[str, Home]:
        """Three or four of the kinds of fault, one more of any, and the rest right."""
        faults = sorted({home.fault for home in HOMES if home.fault})
        wanted = [*self._dice.sample(faults, self._dice.randint(3, 4)), self._dice.choice(faults)]
        left, chosen = list(names), {}
        self._dice.shuffle(left)
        for fault, (name, kind) in zip(wanted, left, strict=False):
            fitting = [home for home in HOMES if home.fault == fault and home.kind in ("", kind)]
            chosen[name] = self._dice.choice(fitting)
        for index, (name, _) in enumerate(left[len(wanted) :]):
            right = [home for home in HOMES if not home.fault and (home.odd or index > 0)]
            chosen[name] = self._dice.choice(right)
        return chosen

    def _rules(self, names: list[str], links: dict[str, Link]) -> dict[str, Rule]:
        """Who comes in clear has to be let in; one or two more faults, and the rest right."""
        clear = [name for name in names if links[name].name == "sslmode is disable"]
        others = [name for name in names if name not in clear]
        self._dice.shuffle(others)
        # Who insists on channel binding gets in with SCRAM only: not where the server asks for less, or for nothing.
        others.sort(key=lambda name: "channel_binding" in links[name].fields(self._place, self._trust)["extra"])
        faults = ["server-takes-clear-text", "server-trusts-anybody"]
        wanted = self._dice.sample(faults, self._dice.randint(1, 2))
        chosen = {name: self._faulty(RULES, "server-takes-clear-text") for name in clear}
        chosen |= {name: self._faulty(RULES, fault) for name, fault in zip(others, wanted, strict=False)}
        for index, name in enumerate(others[len(wanted) :]):
            right = [rule for rule in RULES if not rule.fault and (rule.odd or index > 1)]
            chosen[name] = self._dice.choice(right)
        return chosen

    def _entries(self, name: str, kind: str, link: Link, home: Home) -> Iterable[Entry]:
        conn_id = self._conn_id(name)
        self._note(conn_id, link)
        self._note(conn_id, home)
        connection = self._connection(name, kind, link)
        connection |= {"login": self._login(name), "password": password(self._seed, name)}
        return home.entries(connection, self._dice.randint(0, 5))

    def _without_a_secret(self) -> Iterable[Entry]:
        link = self._dice.choice([each for each in BY_TYPE["http"] if each.name == "https"])
        home = self._dice.choice(OPEN_HOMES)
        self._note(self._conn_id(STATUS), home)
        return home.entries(self._connection(STATUS, "http", link), 0)

    def _local(self) -> Iterable[Entry]:
        """A database on the machine itself: nothing to encrypt, nobody in between, no password."""
        self._oddities.add((self._conn_id(SOCKET), "sslmode is disable on a socket"))
        link = Link("", None, lambda *_: {"host": "/run/postgresql", "port": 5432, "schema": "staging", "extra": {}})
        connection = self._connection(SOCKET, "postgres", link) | {"login": "airflow", "extra": {"sslmode": "disable"}}
        return next(home for home in HOMES if home.places == (DATABASE,) and not home.fault).entries(connection, 0)

    def _connection(self, name: str, kind: str, link: Link) -> Entry:
        found = {"conn_id": self._conn_id(name), "conn_type": kind, "login": "", "password": ""}
        return found | link.fields(self._place, self._trust)

    def _conn_id(self, name: str) -> str:
        return f"{self._place.team}_{name}"

    def _login(self, name: str) -> str:
        return f"{name}_{self._place.team}"

    def _note(self, subject: str, way: Way) -> None:
        if way.fault:
            self._findings.add(Finding(subject, way.fault, way.name))
        if way.odd:
            self._oddities.add((subject, way.name))

    def _faulty(self, ways: Sequence[W], fault: str) -> W:
        return self._dice.choice([way for way in ways if way.fault == fault])

    def _any(self, ways: Sequence[W]) -> W:
        return self._dice.choice(ways)
