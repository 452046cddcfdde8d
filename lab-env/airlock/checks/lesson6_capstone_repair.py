"""Judges of tasks 6.9 and 6.10: a deployment that is repaired and still works, and what all attackers read of it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from airlock.checks.catalogue import task
from airlock.checks.report import Report, failed, passed
from airlock.checks.world import NotAttempted, World
from airlock.lab import View
from airlock.lab.deployment import FAULTS, LINKS, Deployment, Finding, generate, of
from airlock.lab.deployment.generate import SOCKET
from airlock.lab.deployment.planted import is_planted
from airlock.lab.deployment.raid import PROOF, Theft, raid
from airlock.lab.deployment.resolve import resolved
from airlock.lab.deployment.snapshot import same, snapshot
from airlock.lab.deployment.work import Day, working_day


@dataclass(frozen=True)
class Tested:
    """A deployment, a working day of it, and everything that was stolen from it."""

    planted: Deployment
    day: Day
    thefts: list[Theft]


@task(
    "6.9",
    "Repair your deployment",
    6,
    hints=(
        "Let your auditor say what is wrong, and repair one kind after the other; `lab.deployment.working_day()` says "
        "after each whether everything still works. A repair changes what a connection *is told*, where it *lies*, or "
        "what the other end *takes*. What it is for stays.",
        "Links: `sslmode=verify-full` with `sslrootcert`, or `https` with `verify`; `lab.ca_file`. Homes: write the "
        "connection to your mount (`lab.vault.admin.secrets.kv.v2`) or into a row (`POST`, `PATCH` of the API), then "
        "take the other copies away: `lab.environment.unset`, `DELETE`, `lab.vault.delete_connection`. Ends: "
        "`lab.deployment.rules(lines)`, `lab.backend.use`, `lab.vault.admin.sys.create_or_update_policy`.",
        "One loop does the connections: for each id take the entry that tasks get today (vault, else environment, else "
        "database), set its link right, store it on your mount, delete it everywhere else. Then rules of "
        '`hostssl … scram-sha-256` for every login, `lab.backend.use("vault", **arguments)` with those of '
        "`lab.backend.settings()` and `verify` set to `lab.ca_file`, and a policy `<team>-deployment`: `read` on "
        "`<mount>/data/connections/*`.",
    ),
)
def repaired(world: World) -> Report:
    """Every planted fault is gone, as the attackers who live off it see, none is new, and every connection works."""
    tested = _tested(world.view)
    return _broken(world.view, tested) or _still_open(world.view, tested)


@task(
    "6.10",
    "Let the attackers loose",
    5,
    hints=(
        "`lab.deployment.let_loose()` shows who read what, and of whom. Begin with the one who read most, and ask what "
        "this attacker needs: a link without TLS? A name that nobody checks? A file?",
        "An attacker on the wire reads because of a link, whoever else reads because of a home or of an end. What you "
        "wrote *while repairing* counts, too: a password in a description is in the next backup.",
        "Go back to 6.9 until your auditor finds nothing in `lab.deployment.describe()`. If the attackers still read "
        "something, your auditor has a gap. `lab.deployment.reset()` begins anew.",
    ),
)
def let_loose(world: World) -> Report:
    """All attackers at once: the fewer bytes they read, the more points. Zero is a pass."""
    world.value("stolen")
    tested = _tested(world.view)
    return _broken(world.view, tested) or _counted(world.view, tested)


def share_of(read: int) -> float:
    """The share of the points for so many bytes: each factor of ten costs a fifth, and the first byte costs one."""
    return 1.0 if read == 0 else max(0.0, 0.8 - 0.2 * math.log10(read))


def _tested(view: View) -> Tested:
    if not is_planted(view):
        raise NotAttempted("There is no deployment yet: the cell with `lab.deployment.open()` has not run.")
    planted = generate(view.seed, of(view))
    if same(planted.plain, snapshot(view)):
        raise NotAttempted("Your deployment is as it was at the beginning: nothing has been repaired.")
    wanted = sorted({entry["conn_id"] for entry in planted.plain["connections"]})
    day = working_day(view, wanted)
    return Tested(planted, day, raid(view, wanted, day))


def _broken(view: View, tested: Tested) -> Report | None:
    """A report when a connection does not do its job any more."""
    wanted = {entry["conn_id"] for entry in tested.planted.plain["connections"]}
    gone = sorted(conn_id for conn_id in wanted if not resolved(view, conn_id))
    if gone:
        return failed(
            f"A task that asks for {_names(view, gone)} gets nothing: the connection is in none of its homes.",
            "What is not there cannot leak, and cannot work. The people who used it put their own copy somewhere.",
            "Store it where tasks find it: your mount with `lab.backend.use(…)`, or a row. "
            "`lab.deployment.reset()` brings all of them back.",
            "connection-gone",
        )
    if tested.day.failed:
        conn_id, why = sorted(tested.day.failed.items())[0]
        return failed(
            f"In the running Airflow {_names(view, sorted(tested.day.failed))} did not do the job. "
            f"`{_name(view, conn_id)}` says: {why[:220]}",
            "A repair that stops the work is taken back the same evening, with everything else that was repaired.",
            "`lab.deployment.working_day()` lets all of them work, and shows what each says.",
            "does-not-work",
        )
    socket = resolved(view, f"{view.prefix}_{SOCKET}")
    if socket and not socket.host.startswith("/"):
        return failed(
            f"`{SOCKET}` used a socket on its own machine, and is sent over the network now.",
            "There was nothing to repair. A link that nobody can be in between of needs no encryption.",
            "Put its host back: it began with a slash.",
            "repaired-what-was-right",
        )
    return None


def _still_open(view: View, tested: Tested) -> Report:
    planted = tested.planted.findings
    left, new = still_there(planted, tested.thefts), brought_in(planted, tested.thefts)
    count = len(planted)
    if not left and not new:
        return passed(
            f"All {count} faults are gone: whoever lived off one of them was sent again, and read nothing. "
            f"{len(tested.day.done)} connections did their job in the running Airflow ({tested.day.seconds:.0f} s).",
            "It works, and it is quiet. Next: everybody at once, with everything they have.",
        )
    finding = min(left or new, key=lambda each: (list(FAULTS).index(each.fault), each.subject))
    theft, name = (left or new)[finding], f"`{_name(view, finding.subject)}`"
    share = 0.95 * max(0, count - len(left) - len(new)) / count
    if left:
        return failed(
            f"{count - len(left)} of {count} faults are gone{f', {len(new)} are new' if new else ''}, and everything "
            f"works. Still open is, for example, {name}: the attacker “{theft.attacker}” read {theft.what}, "
            f"{theft.bytes} bytes.",
            FAULTS[finding.fault],
            "Does your auditor find it in `lab.deployment.describe()`? If it does, look at what your repair left; if "
            "not, the auditor has a gap.",
            f"still-{finding.fault}",
            share,
        )
    return failed(
        f"All {count} faults are gone, and everything works. But the repair has brought in others ({len(new)}), "
        f"for example at {name}: the attacker “{theft.attacker}” read {theft.what}, {theft.bytes} bytes.",
        FAULTS[finding.fault],
        "What did your repair write for this one? It asks for less than it did, or its secret lies where more people "
        "read. Your auditor finds it in `lab.deployment.describe()`.",
        f"new-{finding.fault}",
        share,
    )


def still_there(planted: Iterable[Finding], thefts: Iterable[Theft]) -> dict[Finding, Theft]:
    """The faults that somebody still lives off, each with what was stolen."""
    stolen = {(theft.attacker, theft.victim): theft for theft in thefts}
    found: dict[Finding, Theft] = {}
    for finding in planted:
        for attacker in PROOF[finding.fault]:
            if theft := stolen.get((attacker, finding.subject)):
                found.setdefault(finding, theft)
    return found


def brought_in(planted: Iterable[Finding], thefts: Iterable[Theft]) -> dict[Finding, Theft]:
    """The faults that were not there before: a link that was right and asks for less now, a copy in another place.

    A link has one fault at most, so what else is read through one that is still open is no other fault.
    """
    known = {(finding.subject, _place(finding.fault)) for finding in still_there(planted, thefts)}
    found: dict[Finding, Theft] = {}
    for fault, attackers in PROOF.items():  # of a link's faults the first that fits
        for theft in thefts:
            place = theft.victim, _place(fault)
            if theft.attacker in attackers and place not in known:
                known.add(place)
                found[Finding(theft.victim, fault)] = theft
    return found


def _place(fault: str) -> object:
    """What has only one fault at a time: a link, or what the same attackers live off."""
    return "link" if fault in LINKS else PROOF[fault]


def _counted(view: View, tested: Tested) -> Report:
    read = sum(theft.bytes for theft in tested.thefts)
    if not read:
        return passed(
            f"Twenty-two attackers, {len(tested.day.done)} connections at work, 0 bytes.",
            "That is the proof which no configuration file can give: somebody tried.",
        )
    worst = max(tested.thefts, key=lambda theft: (theft.bytes, theft.attacker))
    others = len({theft.attacker for theft in tested.thefts}) - 1
    also = f" {others} more of them read something." if others > 0 else ""
    return failed(
        f"The attackers read {read:,} bytes of secret. Most went to “{worst.attacker}”, at "
        f"`{_name(view, worst.victim)}`: {worst.what}, {worst.bytes:,} bytes.{also}",
        "Each factor of ten costs a fifth of the points. The first byte costs one, too: a password is short.",
        "`lab.deployment.let_loose()` shows all of them. What does this one need, and where does it get it?",
        "bytes-were-read",
        share_of(read),
    )


def _name(view: View, subject: str) -> str:
    return subject.removeprefix(f"{view.prefix}_").removesuffix(f"_{view.prefix}")


def _names(view: View, subjects: list[str]) -> str:
    return ", ".join(f"`{_name(view, each)}`" for each in subjects[:3]) + (" and others" if len(subjects) > 3 else "")
