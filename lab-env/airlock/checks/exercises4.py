"""Judges of lesson 4's exercises about policies and secrets backends."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from string import Template
from typing import Any

from airlock.checks.exercises import exercise
from airlock.checks.lesson4_rights import BadPolicy, granted
from airlock.checks.report import Report, failed, passed
from airlock.lab import View
from airlock.lab.vault import root


@exercise("lesson-4/friday-policy")
def friday_policy(folder: Path, view: View) -> Report:
    """A token with the policy may do what the Airflow of orders needs, and nothing else."""
    mount = f"{view.prefix}-friday"
    policy = Template((folder / "orders.hcl").read_text()).safe_substitute(MOUNT=mount)
    one, two = secrets.token_hex(4), secrets.token_hex(4)
    connection, variable = f"{mount}/data/connections/orders/{one}", f"{mount}/data/variables/orders/{two}"
    shop = f"{mount}/data/connections/orders/shop"
    refused = {
        "something of HR": (
            *(f"{mount}/{kind}/hr/{one}" for kind in ("data/connections", "data/variables", "metadata/connections")),
            *(f"{mount}/{verb}/connections/hr/{one}" for verb in ("delete", "undelete", "destroy")),
        ),
        "something else of the mount": (f"{mount}/data/{one}", f"{mount}/config", f"{mount}/data/connections/{one}"),
        "names or history": (
            *(f"{mount}/metadata/connections", f"{mount}/metadata/connections/", f"{mount}/metadata/"),
            *(f"{mount}/metadata/connections/orders/", f"{mount}/metadata/connections/orders/{one}"),
        ),
        "a neighbour whose name begins alike": (
            *(f"{mount}/data/connections/orders-{two}/{one}", f"{mount}/data/connections/orders{two}"),
            *(f"{mount}/data/variables/orders-{two}/{one}", f"{mount}/data/connections/orders/shop{two}"),
        ),
        "something outside the mount": (f"{mount}{two}/data/connections/orders/{one}", "sys/mounts", "sys/seal"),
    }
    # It begins like the shop's, and is a connection of orders like any other: it may be read.
    may_be_read = refused["a neighbour whose name begins alike"][-1]
    try:
        rights = granted(view, policy, [connection, variable, shop, *(path for each in refused.values() for path in each)])
    except BadPolicy as why:
        return failed(
            f"The server does not take the policy: {why}.",
            "A policy that cannot be read gives nothing.",
            'One block for each path: `path "…" { capabilities = ["…"] }`.',
            "not-a-policy",
        )
    if "read" not in rights[connection] or "read" not in rights[variable]:
        what = "connections" if "read" not in rights[connection] else "variables"
        return failed(
            f"A token with this policy cannot read the {what} of orders.",
            "To a task that looks like a connection that does not exist. It fails, or uses an old copy in silence.",
            f"`${{MOUNT}}/data/{what}/orders/*`: mount, `data`, folder, and whatever id is asked for.",
            "reads-nothing",
        )
    if "read" not in rights[shop]:
        return failed(
            "A token with this policy reads every connection of orders, except `shop`.",
            "Of all rules that fit a path the most specific one counts, alone. Yours for `shop` does not say `read`.",
            "What the rule for `shop` has to give, it has to say itself.",
            "specific-rule-alone",
        )
    if "update" not in rights[shop]:
        return failed(
            "The nightly job cannot change `connections/orders/shop` with this policy.",
            "The rotation fails, somebody notices on a Friday evening, and the story begins again.",
            "One rule for this one path.",
            "rotation-broken",
        )
    for what, paths in refused.items():
        for path in paths:
            if extra := rights[path] - ({"read"} if path == may_be_read else set()):
                shown = path.replace(mount, "${MOUNT}").replace(one, "…").replace(two, "…")
                return _too_wide(what, shown, extra)
    if extra := (rights[connection] | rights[variable]) - {"read"}:
        return failed(
            f"A token with this policy may do more with what it reads: {', '.join(sorted(extra))}.",
            "Whoever can write a connection decides to which host a task sends its password.",
            "Only `shop` is changed, by one job.",
            "writes-all",
        )
    if extra := rights[shop] - {"read", "create", "update", "patch"}:
        return failed(
            f"With this policy the nightly job may also: {', '.join(sorted(extra))}.",
            "It writes a new version. Taking versions away is what somebody does who has something to hide.",
            "`read` and `update`; `create` for the first time.",
            "writes-all",
        )
    return passed(
        "A real token with this policy reads connections and variables of orders, changes the one it has to, and was "
        f"refused on the other {sum(map(len, refused.values())) - 1} paths.",
        "It says what may be done. What may not be done, nobody has to think of.",
    )


_WIDE = {
    "something of HR": (
        "A `deny` closes the door that somebody thought of. HR has variables, names, and deleted versions too.",
        "Do not list what is closed. List what is open.",
        "deny-is-no-list",
    ),
    "something else of the mount": (
        "The mount has other tenants, also those of next year.",
        "Name the folders of orders.",
        "whole-mount",
    ),
    "names or history": (
        "The backend asks for one id and never lists. Names are what an attacker looks for first.",
        "Leave out everything below `metadata/`.",
        "may-list",
    ),
    "a neighbour whose name begins alike": (
        "A `*` stands for any rest, also for the rest of a name: `orders*` is also `orders-archive`.",
        "What stands before the `*`?",
        "slash-missing",
    ),
    "something outside the mount": (
        "A stolen token of one worker would open other tenants, or the server itself.",
        "Begin each path with `${MOUNT}/`.",
        "beyond-the-mount",
    ),
}


def _too_wide(what: str, path: str, rights: frozenset[str]) -> Report:
    why, look, misconception = _WIDE[what]
    return failed(
        f"A token with this policy reaches {what}: `{path}` ({', '.join(sorted(rights))}).", why, look, misconception
    )


@exercise("lesson-4/shadowing-backend")
def shadowing_backend(folder: Path, view: View) -> Report:
    """VaultBackend with these arguments finds what is stored for orders, and the shared ones where they are shared."""
    arguments, stored = (_json(folder / name) for name in ("backend.json", "vault.json"))
    if isinstance(arguments, Report) or isinstance(stored, Report):
        return arguments if isinstance(arguments, Report) else stored
    moved = {path: f"{path.rsplit('/', 1)[-1]}-{secrets.token_hex(3)}.internal" for path in _HOMES}
    with _mounted(view, stored) as (mount, kv):
        given = {"url": view.lab.vault.url, "verify": view.lab.ca_file, "auth_type": "token"}
        given |= {"token": root(view.lab).token, "mount_point": mount}
        first = {path: _found(arguments | given, path.rsplit("/", 1)[-1]) for path in _HOMES}
        for path in _HOMES:
            if path in stored:  # the next move: written where its home is, nowhere else
                kv.create_or_update_secret(path, {"conn_type": "generic", "host": moved[path]}, mount_point=mount)
        found = {path: _found(arguments | given, path.rsplit("/", 1)[-1]) for path in _HOMES}
    for path, host in found.items():
        if host != moved[path]:
            return _shadowed(path, host, first[path], path in stored)
    return passed(
        "The ledger and the shop came from orders, the archive from what is shared, each with the host that was written "
        "there a moment ago.",
        "One connection, one home, also within the vault.",
    )


_HOMES = ("connections/orders/ledger", "connections/orders/shop", "connections/common/archive")


def _shadowed(path: str, host: str | None, before: str | None, stored: bool) -> Report:
    name = path.rsplit("/", 1)[-1]
    if not stored:
        return failed(
            f"`vault.json` has no `{path}` any more; a task gets {f'`{host}`' if host else 'nothing'} for `{name}`.",
            "That was its home: what is corrected there next time reaches nobody.",
            "Two copies are one too many. Which of them does nobody else need, and is out of date?",
            "home-removed",
        )
    if host is None:
        return failed(
            f"A task that looks `{name}` up gets nothing from the vault.",
            "Airflow asks the next home then, in silence, and finds an old copy or none.",
            "`connections_path` names every folder in which a connection may be.",
            "not-found",
        )
    if host == "ledger-old.internal":
        return failed(
            f"A task that looks `{name}` up gets `{host}`, which is stored in `connections/common`.",
            "`connections_path` is a list. The first folder that has an entry of this name answers, and no other is asked.",
            "Which folder is asked first, and which should be?",
            "common-first",
        )
    return failed(
        f"`{name}` was moved where its home is, and a task still gets `{host}`"
        f"{', as before' if before == host else ''}.",
        "There is a second copy. It was right until a moment ago.",
        f"Where, besides `{path}`, is there an entry of this name?",
        "second-copy",
    )


@contextmanager
def _mounted(view: View, stored: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """A KV v2 mount of its own that holds ``stored``: path to fields."""
    server, mount = root(view.lab), f"{view.prefix}-practice-{secrets.token_hex(3)}"
    server.sys.enable_secrets_engine("kv", path=mount, options={"version": "2"})
    try:
        for path, fields in stored.items():
            server.secrets.kv.v2.create_or_update_secret(path, fields, mount_point=mount)
        yield mount, server.secrets.kv.v2
    finally:
        server.sys.disable_secrets_engine(mount)


def _found(arguments: dict[str, Any], conn_id: str) -> str | None:
    """The host that Airflow's VaultBackend gives; None for nothing, and for an error, as Airflow takes it."""
    from airflow.providers.hashicorp.secrets.vault import VaultBackend

    try:
        connection = VaultBackend(**arguments).get_connection(conn_id)
    except Exception:  # Airflow passes over whatever a backend raises
        return None
    return connection.host if connection else None


def _json(file: Path) -> dict[str, Any] | Report:
    try:
        read = json.loads(file.read_text())
    except ValueError as error:
        read = str(error)
    if isinstance(read, dict):
        return read
    return failed(
        f"`{file.name}` is no JSON object{f': {read}' if isinstance(read, str) else ''}.",
        "Airflow does not start its backend with it.",
        "Double quotes, commas between the entries and none after the last.",
        "no-json",
    )
