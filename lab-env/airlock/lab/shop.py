"""The shop: a small real dataset, kept once as a template database that every learner gets a copy of."""

from __future__ import annotations

import random

from airlock.lab.description import Lab
from airlock.lab.postgres import Session, connect_admin
from airlock.lab.seed import Seed

TEMPLATE = "shop_template"

_PRODUCTS = (
    ("field notebook", "9.50"),
    ("brass compass", "34.00"),
    ("rain cover", "18.75"),
    ("head torch", "27.90"),
    ("camp stove", "59.00"),
    ("water filter", "42.40"),
    ("climbing rope", "119.00"),
    ("wool blanket", "64.20"),
)
_CUSTOMERS = (
    "Ada Bergström",
    "Bruno Costa",
    "Chiara Conti",
    "Deniz Aydın",
    "Elin Haugen",
    "Farid Rahimi",
    "Grace Okafor",
    "Hana Kowalska",
)
_ORDERS = 400

_SCHEMA = """
create table products (id int primary key, name text not null, price numeric(8, 2) not null);
create table orders (
    id int generated always as identity primary key,
    customer text not null,
    product_id int not null references products,
    quantity int not null check (quantity > 0),
    placed_at timestamptz not null
);
create table reports (
    run_id text not null,
    conn_id text not null,
    orders int not null,
    revenue numeric(12, 2) not null,
    written_at timestamptz not null default now()
);
revoke all on schema public from public;
"""


def make_shop_template(lab: Lab) -> None:
    """Create and fill the template database unless it is complete already."""
    with connect_admin(lab, "postgres") as session:
        row = session.execute("select datistemplate from pg_database where datname = %s", [TEMPLATE]).fetchone()
        if row == (True,):
            return
        session.execute(f"drop database if exists {TEMPLATE}")
        session.execute(f"create database {TEMPLATE}")
    with connect_admin(lab, TEMPLATE) as session:
        fill(session)
    with connect_admin(lab, "postgres") as session:
        # Marked last, so that an interrupted start is noticed and done again.
        session.execute(f"alter database {TEMPLATE} with is_template true allow_connections false")


def fill(session: Session) -> None:
    """Make the shop's tables, and the rows that every shop has."""
    session.execute(_SCHEMA)
    dice = random.Random("airlock")  # the same shop in every lab; what is personal comes with the view
    with session.cursor() as cursor:
        cursor.executemany(
            "insert into products values (%s, %s, %s)",
            [(number, name, price) for number, (name, price) in enumerate(_PRODUCTS, start=1)],
        )
        cursor.executemany(
            "insert into orders (customer, product_id, quantity, placed_at)"
            " values (%s, %s, %s, now() - make_interval(mins => %s))",
            [
                (dice.choice(_CUSTOMERS), dice.randint(1, len(_PRODUCTS)), dice.randint(1, 5), dice.randint(1, 40000))
                for _ in range(_ORDERS)
            ],
        )


def add_personal_orders(session: Session, seed: Seed) -> None:
    """Orders that only this learner's shop has: totals and counts differ from every neighbour's."""
    with session.cursor() as cursor:
        cursor.executemany(
            "insert into orders (customer, product_id, quantity, placed_at)"
            " values (%s, %s, %s, now() - make_interval(mins => %s))",
            [
                (
                    seed.word(f"customer/{number}"),
                    seed.number(f"product/{number}", 1, 8),
                    seed.number(f"quantity/{number}", 1, 9),
                    number,
                )
                for number in range(seed.number("orders", 7, 60))
            ],
        )
