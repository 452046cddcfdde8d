"""Judge of task 6.5: the judge is the thief, and comes back as fast as he can."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import psycopg

from airlock.checks.catalogue import task
from airlock.checks.report import Report, failed, passed
from airlock.checks.world import CallFailed, NotAttempted, World
from airlock.lab import View
from airlock.lab.dynamic import Dynamic, Lease
from airlock.lab.postgres import Session
from airlock.lab.warehouse import Refused, Warehouse

_SETTLE = 0.5  # seconds in which a thief who can come back is back


@dataclass
class _Thief:
    """Somebody who has the leaked login and keeps a session open; opens another when it is taken from him.

    Attributes:
        number: the login's `oid`.
        first: the process id of his first session at the server; 0 before he has one.
    """

    dynamic: Dynamic
    lease: Lease
    number: int = 0
    first: int = 0
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Hold a session until told to stop."""
        while not self.stop.is_set():
            with suppress(psycopg.Error), self.dynamic.connect(self.lease) as session:
                self.first = self.first or session.info.backend_pid
                while not self.stop.wait(0.02):
                    session.execute("select 1")


@dataclass(frozen=True)
class _Left:
    """What is left after `contain` has returned.

    Attributes:
        login: whether the thief's login is still there.
        sessions: the process ids of his sessions.
        report: whether the other login's session, and the login, are still there.
    """

    login: bool
    sessions: set[int]
    report: bool


@task(
    "6.5",
    "Contain a leaked login",
    3,
    hints=(
        "Two things have to end: the login, and the sessions that are open with it. In which order? If the sessions "
        "end first, the thief opens another while the login is still there.",
        "Revoke first. But then the login has no name any more, and `pg_stat_activity` has none either: note what you "
        "need before. A login's number (`oid` in `pg_roles`) is `usesysid` in `pg_stat_activity`, and stays there.",
        "In `with server.admin() as admin:` read the number, `select oid from pg_roles where rolname = %s`. Then "
        '`lab.vault.admin.write_data("sys/leases/revoke", data={"lease_id": leak["lease"], "sync": True})`, '
        "which waits until the login is gone. Then `select pg_terminate_backend(pid) from pg_stat_activity where "
        "usesysid = %s`.",
    ),
)
def contained(world: World) -> Report:
    """`contain` ends a leaked login and its sessions, with the thief awake, and leaves everybody else alone."""
    view = world.view
    try:
        with _leaked(view) as (thief, report):
            world.call("contain", {"lease": thief.lease.id, "user": thief.lease.user})
            time.sleep(_SETTLE)
            left = _look(view, thief, report)
    except CallFailed as error:
        return failed(
            f"`contain` raises: {error}",
            "It is run at night, once, by somebody who has not written it.",
            "The check calls it with a dict that has `lease` and `user`, both text.",
            "contain-fails",
        )
    return _judged(left, thief.first)


@contextmanager
def _leaked(view: View) -> Iterator[tuple[_Thief, tuple[Lease, Session]]]:
    dynamic = Dynamic(view)
    try:
        leaked, other = dynamic.credentials(), dynamic.credentials()
    except (ValueError, Refused) as why:
        raise NotAttempted(f"No login to be had: {why}") from None
    thief = _Thief(dynamic, leaked, _number(view, leaked.user))
    thread = threading.Thread(target=thief.run, daemon=True)
    try:
        session = dynamic.connect(other)
        thread.start()
        deadline = time.monotonic() + 5
        while not thief.first and time.monotonic() < deadline:
            time.sleep(0.02)
        if not thief.first:
            raise NotAttempted("Your warehouse lets nobody in: run `renew_certificate` once, and try again.")
        yield thief, (other, session)
    except psycopg.OperationalError as error:
        words = str(error).strip().splitlines()[-1]
        raise NotAttempted(f"Your warehouse does not let a new login in: {words}") from None
    finally:
        thief.stop.set()
        if thread.is_alive():
            thread.join()
        for lease in (leaked, other):
            with suppress(ValueError):
                dynamic.revoke(lease)


def _number(view: View, user: str) -> int:
    with Warehouse(view).admin() as admin:
        found = admin.execute("select oid from pg_roles where rolname = %s", [user]).fetchone()
    return int(found[0]) if found else 0


def _look(view: View, thief: _Thief, report: tuple[Lease, Session]) -> _Left:
    other, session = report
    with Warehouse(view).admin() as admin:
        names = {name for (name,) in admin.execute("select rolname from pg_roles").fetchall()}
        # By number: a session whose login is gone has no name any more.
        mine = "select pid from pg_stat_activity where usesysid = %s"
        sessions = {int(pid) for (pid,) in admin.execute(mine, [thief.number]).fetchall()}
        alive = admin.execute("select 1 from pg_stat_activity where pid = %s", [session.info.backend_pid]).fetchone()
    return _Left(thief.lease.user in names, sessions, alive is not None and other.user in names)


def _judged(left: _Left, first: int) -> Report:
    if left.login and left.sessions:
        untouched = first in left.sessions
        return failed(
            "The login is still there, and so is the thief."
            if untouched
            else "The thief was thrown out, and is back: his login is still there.",
            "A session that is ended is opened again, as long as somebody may.",
            "What takes the login away? And has that happened when `contain` returns?",
            "nothing-done" if untouched else "not-revoked",
        )
    if left.login:
        return failed(
            "No session is open, and the login is still there.",
            "Tomorrow he tries again.",
            "`sync` makes the revocation wait until the login is gone.",
            "not-revoked",
        )
    if left.sessions:
        back = first not in left.sessions
        return failed(
            "The thief was thrown out, was back before his login was gone, and is still there."
            if back
            else "The login is gone. The session that was open with it is still there.",
            "It has no name any more, so nobody finds it by name. It holds what it has read, and its place.",
            "First the login, then the sessions." if back else "By what else than its name can a session be found?",
            "came-back" if back else "session-survives",
            share=0.5,
        )
    if not left.report:
        return failed(
            "The thief is out. So is the report, which had a login of its own.",
            "Whoever throws everybody out is asked next time to wait until morning.",
            "This lease and this login, and no others.",
            "collateral",
            share=0.5,
        )
    return passed(
        "The thief's login is gone, and he is out. He tried to come back, and could not. The report, with a login of "
        "its own, did not notice.",
        "This is what short-lived logins are for: the one that leaked can be taken away, alone, at once.",
    )
