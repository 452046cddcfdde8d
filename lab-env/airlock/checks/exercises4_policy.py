"""Judge of lesson 4's exercise about a policy that is too wide."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from string import Template

from airlock.checks.exercises import exercise
from airlock.checks.lesson4_rights import BadPolicy, Rights, granted
from airlock.checks.report import Report, failed, passed
from airlock.lab import View


@dataclass(frozen=True)
class Paths:
    """Paths to try on one mount, with names that nobody could have foreseen.

    Attributes:
        connection, variable: of orders, to be read.
        shop: the one connection that is also changed.
        like_shop: another connection whose name begins like it.
        refused: by what they are, paths on which nothing may be done.
    """

    connection: str
    variable: str
    shop: str
    like_shop: str
    refused: dict[str, tuple[str, ...]]

    @classmethod
    def of(cls, mount: str) -> Paths:
        """The paths of one KV v2 mount."""
        one, two = f"x{secrets.token_hex(4)}", f"x{secrets.token_hex(4)}"
        data, names = f"{mount}/data", f"{mount}/metadata"
        hr = (f"{data}/connections/hr/{one}", f"{data}/variables/hr/{one}", f"{names}/connections/hr/{one}")
        old = tuple(f"{mount}/{verb}/connections/hr/{one}" for verb in ("delete", "undelete", "destroy"))
        refused = {
            "something of HR": hr + old,
            "something else of the mount": (f"{data}/{one}", f"{mount}/config", f"{data}/connections/{one}"),
            "names or history": (
                *(f"{names}/", f"{names}/connections", f"{names}/connections/"),
                *(f"{names}/connections/orders/", f"{names}/connections/orders/{one}"),
            ),
            "a neighbour whose name begins alike": (
                *(f"{data}/connections/orders-{two}/{one}", f"{data}/connections/orders{two}"),
                f"{data}/variables/orders-{two}/{one}",
            ),
            "something outside the mount": (f"{two}/data/connections/orders/{one}", "sys/mounts", "sys/seal"),
        }
        orders = f"{data}/connections/orders"
        return cls(
            f"{orders}/{one}", f"{data}/variables/orders/{two}", f"{orders}/shop", f"{orders}/shop{two}", refused
        )

    def every(self) -> list[str]:
        """All of them."""
        mine = (self.connection, self.variable, self.shop, self.like_shop)
        return [*mine, *(path for paths in self.refused.values() for path in paths)]


@exercise("lesson-4/friday-policy")
def friday_policy(folder: Path, view: View) -> Report:
    """A token with the policy may do what the Airflow of orders needs, and nothing else."""
    mount = f"{view.prefix}-friday"
    paths = Paths.of(mount)
    policy = Template((folder / "orders.hcl").read_text()).safe_substitute(MOUNT=mount)
    try:
        rights = granted(view, policy, paths.every())
    except BadPolicy as why:
        return failed(
            f"The server does not take the policy: {why}.",
            "A policy that cannot be read gives nothing.",
            'One block for each path: `path "…" { capabilities = ["…"] }`.',
            "not-a-policy",
        )
    return (
        _lacking(rights, paths)
        or _reaching(rights, paths, mount)
        or _doing(rights, paths)
        or passed(
            "A real token with this policy reads connections and variables of orders, changes the one it has to, and "
            "was "
            f"refused on {sum(map(len, paths.refused.values()))} other paths.",
            "It says what may be done. What may not be done, nobody has to think of.",
        )
    )


def _lacking(rights: Rights, paths: Paths) -> Report | None:
    for what, path in (("connections", paths.connection), ("variables", paths.variable)):
        if "read" not in rights[path]:
            return failed(
                f"A token with this policy cannot read the {what} of orders.",
                "To a task that looks like a connection that does not exist. It fails, or uses an old copy in silence.",
                f"`${{MOUNT}}/data/{what}/orders/*`: mount, `data`, folder, and whatever id is asked for.",
                "reads-nothing",
            )
    if "read" not in rights[paths.shop]:
        return failed(
            "A token with this policy reads every connection of orders, except `shop`.",
            "Of all rules that fit a path the most specific one counts, alone. Yours for `shop` does not say `read`.",
            "What the rule for `shop` has to give, it has to say itself.",
            "specific-rule-alone",
        )
    if "update" not in rights[paths.shop]:
        return failed(
            "The nightly job cannot change `connections/orders/shop` with this policy.",
            "The rotation fails, somebody notices on a Friday evening, and the story begins again.",
            "One rule for this one path.",
            "rotation-broken",
        )
    return None


def _reaching(rights: Rights, paths: Paths, mount: str) -> Report | None:
    for what, refused in paths.refused.items():
        for path in refused:
            if rights[path]:
                why, look, misconception = _WIDE[what]
                shown = "/".join("…" if part[:1] == "x" and len(part) == 9 else part for part in path.split("/"))
                saw = f"`{shown.replace(mount, '${MOUNT}')}` ({', '.join(sorted(rights[path]))})"
                return failed(f"A token with this policy reaches {what}: {saw}.", why, look, misconception)
    return None


def _doing(rights: Rights, paths: Paths) -> Report | None:
    if extra := (rights[paths.connection] | rights[paths.variable] | rights[paths.like_shop]) - {"read"}:
        return failed(
            f"A token with this policy may do more with what it reads: {', '.join(sorted(extra))}.",
            "Whoever can write a connection decides to which host a task sends its password.",
            "Only `shop` is changed, by one job: its path, and no `*`.",
            "writes-all",
        )
    if extra := rights[paths.shop] - {"read", "create", "update", "patch"}:
        return failed(
            f"With this policy the nightly job may also: {', '.join(sorted(extra))}.",
            "It writes a new version. Taking versions away is what somebody does who has something to hide.",
            "`read` and `update`; `create` for the first time.",
            "writes-all",
        )
    return None


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
