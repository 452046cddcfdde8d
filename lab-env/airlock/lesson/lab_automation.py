"""What lesson 6 adds to `lab`: certificates and logins that renew themselves, a watch, a scanner, an HSM."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Literal

from airlock.lab import View
from airlock.lesson import progress
from airlock.lesson.errors import LessonError, guarded, lab_needed, told

if TYPE_CHECKING:
    from airlock.lab.alerts import Alert
    from airlock.lab.callers import Seen
    from airlock.lab.dynamic import Dynamic
    from airlock.lab.hsm import Hsm
    from airlock.lab.pki_engine import PkiEngine
    from airlock.lab.scan import Scan
    from airlock.lab.shortcuts import Attack
    from airlock.lab.watch import Watch


class Automation:
    """Encryption that runs without anybody looking at it."""

    @property
    def pki(self) -> PkiEngine:
        """Your team's certificate authority in OpenBao. ``lab.pki.open()`` makes it."""
        from airlock.lab.pki_engine import PkiEngine

        with lab_needed():
            return guarded(PkiEngine(View.current()))

    @property
    def dynamic(self) -> Dynamic:
        """Logins of your warehouse that OpenBao makes, for a minute each. ``lab.dynamic.open()`` sets it up."""
        from airlock.lab.dynamic import Dynamic

        with lab_needed():
            return guarded(Dynamic(View.current()))

    @property
    def watch(self) -> Watch:
        """What the DAG `keep_watch` needs to look. ``lab.watch.open()`` gives it a login and a pager."""
        from airlock.lab.watch import Watch

        with lab_needed():
            return guarded(Watch(View.current()))

    def attack(self, row: dict[str, Any], door: str = "") -> Attack:
        """Let Airflow's HttpHook use a stored connection, with somebody at ``door`` on its link, or with nobody.

        ``.answered`` says whether it got its invoices, ``.gained`` what somebody read. The row is one of
        `airlock.lab.shortcuts.stored`.
        """
        from airlock.lab.shortcuts import attack

        with lab_needed():
            found = attack(View.current(), row, door)
        if door:
            progress.current().visit("watch")  # lesson 6 has no other viewer
        return found

    def callers(self, clients: int = 3, ca_file: str | None = None, **libpq: Any) -> AbstractContextManager[Seen]:
        """``with lab.callers() as seen:`` clients open verified sessions with your warehouse all the time.

        ``seen.good``, ``.failed``, ``.slowest`` and ``.serials`` say what came of it. ``ca_file`` is whom they trust:
        the root of your PKI when left out.
        """
        from airlock.lab.callers import callers

        with lab_needed():
            return told(callers(View.current(), clients, ca_file, **libpq))

    def alerts(self, since: float = 0.0) -> list[Alert]:
        """The alerts that your team's DAGs have sent, from ``since`` (`time.time()`) on."""
        from airlock.lab.alerts import alerts

        with lab_needed():
            return alerts(View.current(), since)

    def scan(
        self, host: str | None = None, port: int | None = None, starttls: Literal["postgres"] | None = None
    ) -> Scan:
        """Ask a server for every TLS version and cipher suite there is; your warehouse when nothing is named."""
        from airlock.lab.scan import scan
        from airlock.lab.warehouse import Warehouse

        with lab_needed():
            if port is None:
                login = Warehouse(View.current()).login
                host, port, starttls = login.host, login.port, "postgres"
            try:
                return scan(host or "localhost", port, starttls)
            except ValueError as error:
                raise LessonError(f"Not done: {error}.") from None

    def hsm(self) -> Hsm | None:
        """Make a key in SoftHSM, sign with it, and try to take it out. Without SoftHSM: one sentence."""
        from airlock.lab.hsm import NoHsm, demonstrate

        try:
            return demonstrate()
        except NoHsm as why:
            print(why)
            return None
