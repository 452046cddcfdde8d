"""Judge of task 4.3: the smallest policy with which Airflow's secrets backend works."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from airlock.checks.catalogue import task
from airlock.checks.lesson4_rights import BadPolicy, Rights, granted
from airlock.checks.report import Report, failed, passed
from airlock.checks.world import World
from airlock.lab.vault_team import mount as mount_of


@dataclass(frozen=True)
class Paths:
    """Paths to try on one mount, with names that nobody could have foreseen.

    Attributes:
        needed: what the backend reads.
        without_data: the same as the command line writes them.
        neighbours: other things whose path begins alike.
        listed: the names of what is stored, and its history.
        mount: everything else of the mount.
        beyond: everything outside the mount.
    """

    needed: tuple[str, ...]
    without_data: tuple[str, ...]
    neighbours: tuple[str, ...]
    listed: tuple[str, ...]
    mount: tuple[str, ...]
    beyond: tuple[str, ...]

    @classmethod
    def of(cls, mount: str) -> Paths:
        """The paths of one KV v2 mount."""
        one, two = (f"conn_{secrets.token_hex(4)}" for _ in range(2))
        return cls(
            needed=(f"{mount}/data/connections/{one}", f"{mount}/data/connections/{two}"),
            without_data=(f"{mount}/connections/{one}",),
            neighbours=(f"{mount}/data/connections-{two}/{one}", f"{mount}/data/connections_{one}"),
            listed=(
                f"{mount}/metadata/connections",
                f"{mount}/metadata/connections/",
                f"{mount}/metadata/connections/{one}",
            ),
            mount=(
                *(f"{mount}/data/{two}/{one}", f"{mount}/data/variables/{one}", f"{mount}/config"),
                *(f"{mount}/{verb}/connections/{one}" for verb in ("delete", "undelete", "destroy")),
                *(f"{mount}/metadata/", f"{mount}/metadata/{two}"),
            ),
            beyond=(
                *(f"{two}/data/connections/{one}", "sys/mounts", "sys/seal", f"sys/policies/acl/{two}"),
                *("auth/token/create", f"auth/approle/role/{two}/secret-id", f"identity/entity/name/{two}"),
            ),
        )

    def every(self) -> list[str]:
        """All of them."""
        return [*self.needed, *self.without_data, *self.neighbours, *self.listed, *self.mount, *self.beyond]


@task(
    "4.3",
    "Write the smallest policy that works",
    3,
    hints=(
        "A policy names paths and what may be done there; everything else is refused. One path and one capability are "
        "enough. Look at the audit log for the path that the backend really asked for.",
        "Version 2 of the key-value engine has `data/` between the mount and the name: what the command line calls "
        "`connections/x` is read at `<mount>/data/connections/x`. A `*` at the end stands for any rest, also within a "
        "name, so the slash before it matters.",
        '`policy = f\'path "{lab.vault.mount}/data/connections/*" {{ capabilities = ["read"] }}\'`',
    ),
)
def policy(world: World) -> Report:
    """A token with `policy` reads the team's connections, and is refused everything else."""
    text = world.value("policy")
    if not isinstance(text, str) or not text.strip():
        return failed(
            "`policy` is no text.",
            "A policy is a text in HCL, or the same in JSON. The server reads it, not Python.",
            'It begins with `path "…" {`.',
            "no-text",
        )
    mount = mount_of(world.view)
    paths = Paths.of(mount)
    try:
        rights = granted(world.view, text, paths.every())
    except BadPolicy as refused:
        return failed(
            f"The server does not take the policy: {refused}.",
            "A policy that cannot be read gives nothing, and its author finds out at night.",
            'One block for each path: `path "…" { capabilities = ["…"] }`.',
            "not-a-policy",
        )
    return (
        _cannot_read(rights, paths, mount)
        or too_wide(rights, paths, mount)
        or passed(
            f"A real token with your policy reads any connection below {mount}, and was refused on the other "
            f"{len(paths.every()) - len(paths.needed)} paths that were tried.",
            "Whoever steals it from a worker can read what that worker reads. Nothing more.",
        )
    )


def _cannot_read(rights: Rights, paths: Paths, mount: str) -> Report | None:
    if all("read" in rights[path] for path in paths.needed):
        return None
    if rights[paths.without_data[0]]:
        return failed(
            f"A token with your policy may use `{mount}/connections/…`, and the backend does not ask for that.",
            "The command line hides it: version 2 of the key-value engine keeps data, metadata and versions apart, "
            "each "
            "below a word of its own.",
            "What path stands in the audit log when a task looks a connection up?",
            "data-missing",
        )
    if any(rights[path] for path in paths.needed):
        return failed(
            "A token with your policy reaches the team's connections, and may not *read* them.",
            "`list` shows names, `update` writes. A task needs neither.",
            "Which capability does a look-up need?",
            "cannot-read",
        )
    return failed(
        f"A token with your policy cannot read a connection below {mount}.",
        "The backend asks for whatever id a DAG names, also for one that is added tomorrow. A refusal looks to the "
        "task "
        "as if there were no such connection.",
        "Is it your own mount, `lab.vault.mount`? Does the path end in `/*`, for every id?",
        "reads-nothing",
    )


def too_wide(rights: Rights, paths: Paths, mount: str) -> Report | None:
    """What a policy gives beyond reading the needed paths; None when that is nothing."""
    if touched := [path for path in paths.beyond if rights[path]]:
        return failed(
            f"A token with your policy also reaches `{_readable(touched[0])}`, which is not on your mount at all.",
            "Whoever has the token of one worker has then the secrets of every team, or of the server itself.",
            "Begin the path with your own mount.",
            "beyond-the-mount",
        )
    if touched := [path for path in paths.mount if rights[path]]:
        return failed(
            f"A token with your policy also reaches `{_readable(touched[0])}`.",
            f"The mount `{mount}` holds more than connections, and a version that was deleted can be brought back "
            "there.",
            "Name the folder that the backend reads, not the whole mount.",
            "whole-mount",
        )
    if touched := [path for path in paths.listed if rights[path]]:
        return failed(
            f"A token with your policy also reaches `{_readable(touched[0])}`: "
            f"{', '.join(sorted(rights[touched[0]]))}.",
            "Names are what an attacker looks for first. The backend never lists: it asks for one id.",
            "Leave everything under `metadata/` out.",
            "may-list",
        )
    if touched := [path for path in paths.neighbours if rights[path]]:
        return failed(
            f"A token with your policy also reaches `{_readable(touched[0])}`.",
            "A `*` stands for any rest, also for the rest of a *name*. Next year somebody makes `connections-hr`.",
            "What stands before the `*`?",
            "slash-missing",
        )
    more = frozenset().union(*(rights[path] for path in paths.needed)) - {"read"}
    if more:
        return failed(
            f"A token with your policy may do more with the team's connections than read: {', '.join(sorted(more))}.",
            "Whoever can write a connection decides to which host a task sends its password.",
            "One capability is enough.",
            "may-write" if more != {"list"} else "may-list",
        )
    return None


def _readable(path: str) -> str:
    """A probed path with its invented names left out."""
    parts = path.split("/")
    return "/".join(
        "…" if len(part) == 13 and part.startswith("conn_") else part.split("conn_")[0] or part for part in parts
    )
