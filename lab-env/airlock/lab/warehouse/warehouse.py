"""`Warehouse`: everything that a team can do with its own PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Any

from psycopg import sql

from airlock.lab import cluster
from airlock.lab.description import Lab, LabDown, WireEndpoint
from airlock.lab.ground import HOST
from airlock.lab.locks import exclusive
from airlock.lab.postgres import Session as Connection
from airlock.lab.shop import add_personal_orders
from airlock.lab.view import Login, View
from airlock.lab.warehouse import attack, doors, files, template
from airlock.lab.warehouse.files import Pem
from airlock.lab.warehouse.place import Place, places
from airlock.lab.warehouse.server import Refused, Server, Status, own_folder, since
from airlock.lab.warehouse.sessions import VIEW, Session, sessions
from airlock.wire.loot import Loot
from airlock.wire.matrix import Attempt


class Warehouse:
    """A team's own PostgreSQL: it begins without TLS, and everything about it is its owner's to change.

    Making this object does nothing; nothing runs until `start`.
    """

    def __init__(self, view: View) -> None:
        self._view = view
        self._place = Place(view.lab, view.prefix)
        self._server = Server(self._place)

    def __repr__(self) -> str:
        who = self.login
        return f"Your own PostgreSQL: {who.host}:{who.port}, database {who.database}, login {who.user}"

    @property
    def host(self) -> str:
        """The name that its certificate has to hold."""
        return HOST

    @property
    def port(self) -> int:
        """Where it listens when it runs, on loopback."""
        return self._place.port

    @property
    def login(self) -> Login:
        """The application's login."""
        team = self._view.prefix
        password = self._view.seed.password("warehouse")
        return Login(HOST, self.port, f"warehouse_{team}", f"loader_{team}", password)

    @property
    def folder(self) -> Path:
        """Its owner's files: `postgresql.conf`, `pg_hba.conf`, `server.crt`, `server.key`, `root.crt`."""
        self._begin_files()
        return self._place.folder

    @property
    def files(self) -> Path:
        """A folder for its clients' files: the root they trust, their certificate and key. Tasks may read it, too."""
        return self._place.client

    @property
    def doors(self) -> dict[str, int]:
        """The ports of the attackers in front of it, by situation."""
        return self._place.doors

    @property
    def ports(self) -> set[int]:
        """All of its ports."""
        return {self.port, *self.doors.values()}

    @property
    def wire(self) -> WireEndpoint:
        """Its doors and their recordings, as `airlock.wire.captures.record` wants them."""
        return doors.endpoint(self._place)

    def start(self) -> None:
        """Start it, and open its doors. Idempotent; takes about a second.

        Raises:
            Refused: PostgreSQL does not start; its own words are in the message.
            LabDown: the lab is not there.
        """
        with self._alone():
            self._start()

    def stop(self) -> None:
        """Stop it. What it has stored stays."""
        with self._alone():
            self._place.wanted.unlink(missing_ok=True)
            self._place.registration.unlink(missing_ok=True)
            self._server.stop()

    def restart(self) -> list[str]:
        """Stop and start it, and return what it said. Raises `Refused` and `LabDown` as `start` does."""
        with self._alone():
            self._server.stop()
            return self._start()

    def reload(self) -> list[str]:
        """Have it read its files anew, and return what it said: what has changed, and what it cannot use.

        What it cannot use it does not take over: "was not reloaded", and everything goes on as before.

        Raises:
            Refused: it does not run.
        """
        with self._alone():
            return self._server.reload(self._password)

    def reset(self) -> None:
        """Put it back to how it was at the beginning, at the same ports: running, without TLS."""
        with self._alone():
            self._place.complete.unlink(missing_ok=True)
            files.begin(self._place)
            doors.forge(self._place, self._place.ground.authority)
            self._start()

    def status(self) -> Status:
        """Whether it runs, and whether it offers TLS: asked now."""
        return self._server.status()

    def admin(self, database: str | None = None) -> Connection:
        """A session as the superuser, over a socket in the file system: no rule and no certificate is in its way.

        Raises:
            Refused: it does not run.
        """
        return self._server.administrator(self._password, database or self.login.database)

    def install(
        self,
        certificate: Pem | None = None,
        key: Pem | None = None,
        client_ca: Pem | None = None,
        key_mode: int = 0o600,
    ) -> None:
        """Put a certificate, its key, and the authority of clients' certificates into the folder, each as PEM or path.

        Raises:
            ValueError: something is no PEM.
        """
        self._begin_files()
        files.install(self._place, certificate, key, client_ca, key_mode)

    def configure(self, **settings: str | int | bool | None) -> None:
        """Write settings into its `postgresql.conf`; None takes one out. Raises `ValueError` for what is no setting."""
        self._begin_files()
        files.configure(self._place, settings)

    def rules(self, *lines: str) -> None:
        """Write its `pg_hba.conf`: these lines and no others."""
        self._begin_files()
        files.rule(self._place, lines)

    def settings(self) -> dict[str, str]:
        """Its settings in force: those about encryption and passwords, and those in the owner's file."""
        with self.admin() as session:
            query = (
                "select name, setting from pg_settings where name ~ '^ssl|^password_encryption$' or sourcefile = %s"
                " order by name"
            )
            return dict(session.execute(query, [str(self._place.folder / files.SETTINGS)]).fetchall())

    def sessions(self) -> list[Session]:
        """The sessions over the network that it has now, with what it says of their TLS."""
        with self.admin() as session:
            return sessions(session)

    def log(self, begin: float = 0.0) -> list[str]:
        """What it has said from ``begin`` (`time.time()`) on, up to now."""
        return list(since(self._server.said(self._password), begin))

    def impostors(self, ca_certificate: Pem | None = None, ca_key: Pem | None = None) -> None:
        """Have the doors show certificates of this authority from now on; without one, of the lab's.

        ``ca_certificate`` is the authority's own certificate; below a root, with those above it behind.

        Raises:
            ValueError: the authority cannot be read.
        """
        if ca_certificate is None or ca_key is None:
            doors.forge(self._place, self._place.ground.authority)
        else:
            doors.forge(self._place, doors.authority_of(ca_certificate, ca_key))

    def attack(
        self, *, doors: Collection[str] | None = None, login: Login | None = None, **libpq: Any
    ) -> dict[str, Attempt]:
        """Log in through every door (or those named) with these settings of libpq's, and say what came of it.

        Raises:
            Refused: it does not run.
            ValueError: there is no such door, or no such setting.
        """
        if not self._server.running():
            raise Refused("the warehouse does not run: lab.warehouse.start() starts it")
        return attack.attack(self.wire, login or self.login, libpq, doors)

    def loot(self, begin: float = 0.0) -> dict[str, Loot]:
        """By door, what its attacker has read of sessions that began from ``begin`` (`time.time()`) on."""
        return attack.looted(self.wire, begin)

    @property
    def _password(self) -> str:
        return self._view.seed.password("warehouse/admin")

    def _alone(self) -> Any:
        return exclusive(self._view.lab, self._place.name)

    def _begin_files(self) -> None:
        if not (self._place.folder / files.RULES).exists():
            files.begin(self._place)

    def _start(self) -> list[str]:
        place = self._place
        self._begin_files()
        said = _run(place, self._server)
        place.wanted.touch()
        if not place.complete.exists():
            self._settle()
        doors.await_doors(place)
        return said

    def _settle(self) -> None:
        """Make a fresh copy this team's: its password, its login, its rows."""
        login = self.login
        names = {"database": sql.Identifier(login.database), "user": sql.Identifier(login.user)}
        with self._server.administrator(template.password(self._place)) as session:
            for statement in (
                "create role {user} login password {password}",
                "alter database {fresh} rename to {database}",
                "revoke connect on database {database} from public",
                "grant connect on database {database} to {user}",
            ):
                fresh, password = sql.Identifier(template.DATABASE), sql.Literal(login.password)
                session.execute(sql.SQL(statement).format(**names, fresh=fresh, password=password))
        with self._server.administrator(template.password(self._place), login.database) as session:
            add_personal_orders(session, self._view.seed)
            session.execute(sql.SQL("grant usage on schema public to {user}").format(**names))
            session.execute(VIEW)
            session.execute(sql.SQL("grant select on products, orders, own_session to {user}").format(**names))
            session.execute(sql.SQL("grant select, insert on reports to {user}").format(**names))
            session.execute(
                sql.SQL("alter role {} password {}").format(sql.Identifier(cluster.ADMIN), sql.Literal(self._password))
            )
        self._place.complete.touch()


def _run(place: Place, server: Server) -> list[str]:
    """Start the server on what is there, on a fresh copy where the last one was left half-made, and its doors."""
    if not place.complete.exists():
        server.stop()
        template.copy_to(place)
    if not server.running():
        # Where the doors are registered already, it is the wire that listens there.
        place.choose_ports(server=True, doors=not place.registration.exists())
        files.render_main(place)
        own_folder(place.socket_folder)
    doors.open_doors(place)
    return server.start()


def remove(view: View) -> None:
    """Take a team's warehouse away, with everything in it. Harmless when it has none."""
    place = Place(view.lab, view.prefix)
    if not place.exists:
        return
    with exclusive(view.lab, place.name):
        doors.close_doors(place)
        Server(place).forget()
        # A learner of a workshop has a hundred ports, and a warehouse takes thirteen.
        place.ground.give_ports_back({place.port, *place.doors.values()})
        shutil.rmtree(place.socket_folder, ignore_errors=True)
        shutil.rmtree(place.wanted.parent, ignore_errors=True)
        with suppress(OSError):  # who is shut in leaves it to whoever grades
            place.log.unlink()


def revive(lab: Lab) -> None:
    """Start the warehouses that ran when the lab was stopped. One that its owner has broken stays down."""
    for place in places(lab):
        if place.wanted.exists() and place.complete.exists():
            with exclusive(lab, place.name), suppress(Refused, LabDown):
                _run(place, Server(place))
                doors.await_doors(place)
