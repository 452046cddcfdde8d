"""Lesson 2's recordings: four colleagues of a view log in and work, and an eavesdropper is on the link.

The sessions are real and run when they are asked for. Who they are, their passwords and what they read follow from
the view's seed, so that the same question has the same answer every time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from psycopg import sql

from airlock.lab.postgres import Session, connect, connect_admin, local_port
from airlock.lab.rules import ensure_login
from airlock.lab.seed import Seed
from airlock.lab.view import Login, View
from airlock.wire.captures import Connection, record
from airlock.wire.matrix import Authentication

DOOR = "eavesdropper"


@dataclass(frozen=True)
class Colleague:
    """Somebody whose session is overheard.

    Attributes:
        role: the first half of the login's name.
        authentication: how the server asks this login for its password.
        sslmode: libpq's setting on the colleague's side.
        statement: what the colleague asks the database, for a seed.
    """

    role: str
    authentication: Authentication
    sslmode: str
    statement: Callable[[Seed], str]


CLERK = Colleague(
    "clerk",
    "password",
    "disable",
    lambda seed: f"select id, quantity from orders where customer = '{seed.word('customer/0')}'",
)
BOOKKEEPER = Colleague(
    "bookkeeper",
    "md5",
    "disable",
    lambda seed: f"select sum(quantity) from orders where product_id = {seed.number('overheard/product', 1, 8)}",
)
PLANNER = Colleague(
    "planner",
    "scram",
    "disable",
    lambda seed: f"select worth, code from vouchers where holder = '{seed.word('overheard/holder')}'",
)
DIRECTOR = Colleague("director", "scram", "require", lambda _: "select sum(worth) from vouchers")
COLLEAGUES = (CLERK, BOOKKEEPER, PLANNER, DIRECTOR)

_READERS = (PLANNER, DIRECTOR)  # of the vouchers: the shop's own logins may not
_VOUCHERS = """
create table if not exists vouchers (holder text primary key, worth numeric(8, 2) not null, code text not null)
"""


def login(view: View, colleague: Colleague) -> Login:
    """A colleague's login, with the password that the recordings may or may not give away."""
    user = f"{colleague.role}_{view.prefix}"
    return replace(view.shop, user=user, password=view.seed.password(f"overheard/{colleague.role}"))


def voucher(seed: Seed) -> str:
    """The code on the voucher that the planner looks up."""
    return seed.password("overheard/voucher", 10)


def letters(view: View) -> dict[str, Colleague]:
    """Which recording, ``a`` to ``d``, is whose: another order for every view."""
    order = sorted(COLLEAGUES, key=lambda each: view.seed.password(f"overheard/order/{each.role}"))
    return dict(zip("abcd", order, strict=True))


def prepare(view: View) -> None:
    """Make the colleagues' logins and what they read. Idempotent; everything goes with the view.

    Raises:
        LabDown: PostgreSQL does not answer.
    """
    with connect_admin(view.lab, view.database) as session:
        for colleague in COLLEAGUES:
            ensure_login(session, login(view, colleague), colleague.authentication, [view.shop.user])
        _fill(session, view)


def overheard(view: View | None = None) -> dict[str, Connection]:
    """Let the colleagues work, and return what the eavesdropper kept of each session, by letter.

    ``view`` defaults to this process's own. Takes about a second.

    Raises:
        LabDown: a service does not answer.
    """
    view = view or View.current()
    prepare(view)
    return {letter: _overhear(view, colleague) for letter, colleague in letters(view).items()}


def _overhear(view: View, colleague: Colleague) -> Connection:
    with record(view.lab.wire, DOOR) as recording:
        through = replace(login(view, colleague), port=recording.port)
        with connect(through, ca_file=view.lab.ca_file, sslmode=colleague.sslmode) as session:
            client = local_port(session)
            session.execute(colleague.statement(view.seed).encode()).fetchall()
    return next(each for each in recording.connections if each.client[1] == client)


def _fill(session: Session, view: View) -> None:
    session.execute(_VOUCHERS)
    mine = (view.seed.word("overheard/holder"), view.seed.number("overheard/worth", 20, 400), voucher(view.seed))
    others = [(f"guest-{n}", 10 * n, view.seed.password(f"overheard/voucher/{n}", 10)) for n in range(1, 6)]
    for row in (mine, *others):
        session.execute("insert into vouchers values (%s, %s, %s) on conflict (holder) do nothing", row)
    for colleague in _READERS:
        reader = sql.Identifier(login(view, colleague).user)
        session.execute(sql.SQL("grant select on vouchers to {}").format(reader))
