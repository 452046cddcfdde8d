"""Judge of task 4.2: the Fernet key was rotated while a task was looking a connection up, and nobody noticed."""

from __future__ import annotations

from airlock.checks.catalogue import task
from airlock.checks.report import Report, failed, passed
from airlock.checks.world import NotAttempted, World
from airlock.lab import View, fernet, metadata
from airlock.lab.fernet import Ring, opens
from airlock.lab.steady import Steady, runs


@task(
    "4.2",
    "Rotate the Fernet key under a running task",
    4,
    hints=(
        "At no moment may there be a row that no key on the ring opens. So the new key has to be there before anything "
        "is encrypted with it, and the old one until nothing is encrypted with it any more. Three steps.",
        "`lab.fernet.configure(first, …)` puts keys on the ring: the first one encrypts, every one opens. "
        "`lab.fernet.rotate()` writes every row anew under the first. All of it inside `with lab.steady(watched) as "
        "seen:`.",
        "`new = Fernet.generate_key().decode()`, then `lab.fernet.configure(new, *lab.fernet.keys())`, "
        "`lab.fernet.rotate()`, `lab.fernet.configure(new)`.",
    ),
)
def rotated(world: World) -> Report:
    """A steady run saw the change of keys and no failed look-up; no key of before opens anything of the team."""
    view = world.view
    watched = f"{view.prefix}_watched"
    ended = [run for run in runs(view) if run.conn_id == watched and run.ended]
    if not ended:
        raise NotAttempted("No task has watched yet: there is no ended run of the DAG `steady` with your connection.")
    rings = fernet.history(view.lab) or [Ring(0.0, fernet.keys(view.lab))]
    run = max(ended, key=lambda each: (_changed_first(each, rings), _changed(each, rings), each.ended))  # the best one
    return (
        _not_throughout(run, rings)
        or _failures(run)
        or _old_keys(view, run, rings)
        or passed(
            f"A task looked the connection up {run.good} times while the key was changed under it, and no look-up "
            "failed; "
            f"the slowest look-up took {run.slowest:.1f} s. Of your team's rows, no key of before opens one.",
            "Nobody had to be told, and nothing had to be stopped. So it can be done every quarter, by a machine.",
        )
    )


def ring_at(rings: list[Ring], moment: float) -> tuple[str, ...]:
    """The keys on the ring at a moment, in seconds since 1970."""
    return tuple(next(ring.keys for ring in reversed(rings) if ring.at <= moment))


def _changed(run: Steady, rings: list[Ring]) -> bool:
    return any(run.began < ring.at < run.ended for ring in rings)


def _changed_first(run: Steady, rings: list[Ring]) -> bool:
    return ring_at(rings, run.began)[0] != ring_at(rings, run.ended)[0]


def _not_throughout(run: Steady, rings: list[Ring]) -> Report | None:
    if not _changed(run, rings):
        return failed(
            "A task watched, and while it did, the keys stayed what they were.",
            "That nobody notices is shown by somebody who is there all the time.",
            "All steps belong inside `with lab.steady(watched) as seen:`.",
            "not-throughout",
        )
    if not _changed_first(run, rings):
        return failed(
            "While the task watched, a key was added. The one that encrypts is still the old one.",
            "Of the keys on the ring the *first* one encrypts. A rotation writes every row anew, under the same key.",
            "In which order do you give the keys?",
            "old-key-first",
        )
    return None


def _failures(run: Steady) -> Report | None:
    if not run.failed:
        return None
    return failed(
        f"{len(run.failed)} of {run.good + len(run.failed)} look-ups failed while the keys were changed: "
        f"{run.failed[0]['why'][:120]}",
        "To the task the connection is not there: what cannot be decrypted is not defined.",
        "Was there a moment at which no key on the ring opened the row?",
        "look-ups-failed",
    )


def _old_keys(view: View, run: Steady, rings: list[Ring]) -> Report | None:
    before, now = ring_at(rings, run.began), fernet.keys(view.lab)
    rows = metadata.rows(view)
    if not any(row["conn_id"] == run.conn_id for row in rows):
        return failed(
            f"The connection `{run.conn_id}` is not there any more.",
            "A rotation changes how it is encrypted, and nothing else.",
            "Run the cell above the task again, and then the rotation.",
            "row-gone",
        )
    tokens = [
        row[column]
        for row in rows
        for column, flag in (("password", "is_encrypted"), ("extra", "is_extra_encrypted"))
        if row[flag] and row[column]
    ]
    if opened := [token for token in tokens if any(opens(key, token) for key in before)]:
        return failed(
            f"The new key encrypts from now on. {_count(opened)} of your team's rows opens with a key of before.",
            "A new key changes nothing that is stored. Who has the old key reads these, and the ring cannot do without "
            "it.",
            "The step in the middle writes every row anew: `lab.fernet.rotate()`.",
            "rows-not-rotated",
        )
    kept = set(before) & set(now)
    if not kept and set(before) & set(ring_at(rings, run.ended)):
        return failed(
            "All of it is done. The task had stopped watching before the last step.",
            "Taking a key away is the step at which a rotation goes wrong, if it does.",
            "All three steps belong inside `with lab.steady(watched) as seen:`.",
            "not-throughout",
            share=0.5,
        )
    if kept:
        return failed(
            "Every row is encrypted with the new key, and a key of before is still on the ring.",
            "It encrypts nothing. But whoever has it can write rows that Airflow takes for its own, and it is kept, "
            "copied "
            "and backed up like a key that matters.",
            "The last step: a ring without it.",
            "old-key-kept",
            share=0.5,
        )
    return None


def _count(values: list[str]) -> str:
    return "One value" if len(values) == 1 else f"Each of {len(values)} values"
