"""Judges of lesson 1's written forms: build (1.1), encode (1.2), repair (1.4)."""

from __future__ import annotations

from airlock.checks.catalogue import task
from airlock.checks.lesson1_diagnosis import explain, wrong_type
from airlock.checks.lesson1_forms import Fields, Unreadable, read_uri
from airlock.checks.lesson1_login import Refused, Session, is_shop, log_in
from airlock.checks.report import Report, failed, passed
from airlock.checks.world import Plain, World
from airlock.lab import Login
from airlock.lab.mystery import application_name


@task(
    "1.1",
    "Describe a connection that logs in",
    2,
    hints=(
        "Everything the server needs is in `me.shop`. The first query of this lesson did the same for another login.",
        "Airflow has no field called database: for PostgreSQL it is kept in `schema`. And `extra` is one piece of "
        "JSON *text*, not a dict.",
        "`Connection(conn_id=…, conn_type=…, host=…, port=…, schema=me.shop.database, login=…, password=…, "
        'extra=json.dumps({"application_name": …}))`',
    ),
)
def describe(world: World) -> Report:
    """The connection `shop` logs in as the application and says who is calling."""
    value = world.value("shop")
    if not isinstance(value, dict) or value.get("__type__") != "Connection":
        return failed(
            f"`shop` is {_kind(value)}.",
            "Hooks take a Connection object; a text or a dict becomes one when Airflow reads it from a home.",
            "Make it with `Connection(conn_id=…, …)`; a finished URI goes in as `Connection(conn_id=…, uri=…)`.",
            "not-a-connection",
        )
    session = _session(world, _object_fields(value), world.view.shop)
    if isinstance(session, Report):
        return session
    if session.application != world.view.seed.word("desk"):
        seen = (
            f"The server knows the caller as {session.application!r}, which is not the name it should see."
            if session.application
            else "But the server does not know who is calling: the application name is empty."
        )
        return failed(
            f"The login works. {seen}",
            "`application_name` is how a database administrator tells your jobs from everybody else's.",
            'It goes into `extra`, under the key "application_name"; the value is `me.word("desk")`.',
            "no-application-name",
            share=0.5,
        )
    return passed(
        f"The server saw {session.user} in {session.database}, calling itself {session.application}.",
        "That is the server's own list of sessions, not what the notebook says.",
    )


def _object_fields(value: dict[str, Plain]) -> Fields | Report:
    if isinstance(value.get("extra"), dict):
        return failed(
            "`extra` is a dict.",
            "`airflow.sdk.Connection` takes it without a word, and the hook fails later with a TypeError.",
            "Turn the dict into text: `json.dumps({…})`.",
            "extra-not-json",
        )
    try:
        return Fields.of(value)
    except Unreadable as error:
        if "port" in str(error):
            return failed(
                f"Reading the connection fails: {error}.",
                "A port is a number; the driver refuses anything else.",
                "`me.shop.port` is one.",
                "wrong-port",
            )
        return failed(
            f"Reading the connection fails: {error}.",
            "`extra` holds whatever has no field of its own, as the text of one JSON object.",
            'It should look like `{"application_name": "…"}` when printed: double quotes, braces. '
            "`json.dumps` writes it for you.",
            "extra-not-json",
        )


@task(
    "1.2",
    "Write an awkward password into a URI",
    2,
    hints=(
        "`Connection(conn_id='x', uri=courier_uri)` shows what Airflow reads: compare each field with `me.courier`.",
        "`urllib.parse.quote` writes a character as a percent sign and two digits. By default it leaves `/` alone, "
        "which is right for paths and wrong here.",
        '`quote(me.courier.password, safe="")`, or describe the connection by its fields and let `get_uri()` write it.',
    ),
)
def encode(world: World) -> Report:
    """`courier_uri` is a URI that Airflow reads back into the courier's login."""
    fields = _uri_fields(world.value("courier_uri"), "courier_uri")
    session = _session(world, fields, world.view.courier)
    if isinstance(session, Report):
        return session
    return passed(
        f"Airflow reads the URI back into the right fields, and the server let {session.user} in.",
        "A round trip is the only proof of an encoding: write it, read it, use it.",
    )


@task(
    "1.4",
    "Repair a URI that is misread in silence",
    3,
    hints=(
        "`Connection(conn_id='x', uri=broken)` shows what Airflow makes of it. Look at the password and at the "
        "keys of `extra_dejson`: two things are not what they were meant to be.",
        "One part was encoded too often and one not at all. In a query, `&` ends a value and `#` ends the whole URI.",
        '`unquote` once takes one layer off. `urlencode({"sslmode": "require", "application_name": …})` writes a '
        "query with every value encoded.",
    ),
)
def repair(world: World) -> Report:
    """`fixed_uri` logs in as the courier under the application name of the colleague's jobs."""
    fields = _uri_fields(world.value("fixed_uri"), "fixed_uri")
    if isinstance(fields, Report):
        return fields
    given = fields.extra.get("application_name")
    if stray := [key for key in fields.extra if key.strip() != key or key == "D"]:
        return failed(
            f"Airflow reads an extra with the name {stray[0]!r}, and the application name is {given!r}.",
            "In the query of a URI, `&` starts the next key and `#` ends everything. Airflow reads what is left.",
            "The value after `application_name=` needs encoding as well.",
            "extra-cut-off",
        )
    session = _session(world, fields, world.view.courier)
    if isinstance(session, Report):
        return session
    if session.application != application_name(world.view):
        return _half_repaired(session)
    return passed(
        f"The server let {session.user} in and knows the job as {session.application!r}.",
        "Both faults were silent: Airflow had read the broken URI without a word.",
    )


def _half_repaired(session: Session) -> Report:
    if "%" in session.application:
        return failed(
            f"The login works. As application name the server sees {session.application!r}.",
            "Airflow takes one layer of percent codes off, no more. What is left is sent to the server as it is.",
            "Encode the value once.",
            "encoded-twice",
            share=0.5,
        )
    seen = f"{session.application!r}" if session.application else "nothing at all"
    return failed(
        f"The login works. As application name the server sees {seen}.",
        "A repair that drops what it does not understand is found weeks later, by whoever needed it.",
        "The name stands in `broken` in clear, `&`, `#` and space included. All of it has to arrive at the server.",
        "extra-cut-off" if session.application else "extra-dropped",
        share=0.5,
    )


def _session(world: World, fields: Fields | Report, expected: Login) -> Session | Report:
    if isinstance(fields, Report):
        return fields
    if report := wrong_type(fields):
        return report
    try:
        session = log_in(world.view, fields)
    except Refused as refused:
        return explain(fields, expected, str(refused))
    if not is_shop(session, expected):
        return explain(fields, expected, f"the server let {session.user} into {session.database}")
    return session


def _uri_fields(value: Plain, name: str) -> Fields | Report:
    if not isinstance(value, str):
        return failed(
            f"`{name}` is {_kind(value)}.",
            "A URI is one line of text: that is what makes it fit into an environment variable.",
            "Assign the text itself; a Connection object writes it with `get_uri()`.",
            "not-a-text",
        )
    if value.lstrip().startswith("{"):
        return failed(
            f"`{name}` holds the JSON form.",
            "JSON needs no percent codes and is the better habit. Plenty of tools still want a URI, so here it is one.",
            "Start with `postgres://`.",
            "json-not-uri",
        )
    try:
        return read_uri(value.strip())
    except Unreadable as error:
        return failed(
            f"Airflow cannot read the URI: {str(error).split(' as ')[0]}.",
            "This time it is an error. In a task it would be less: Airflow passes over a connection that it "
            'cannot read, and the log only says "conn_id isn\'t defined".',
            "After the host's `:` a URI expects digits. Which character made Airflow take a piece of the password "
            "for a host and a port?",
            "slash-not-encoded",
        )


def _kind(value: Plain) -> str:
    if isinstance(value, dict):
        return "a Connection object" if value.get("__type__") == "Connection" else "a dict"
    names = {str: "a text", bool: "true or false", int: "a number", float: "a number", list: "a list"}
    return names.get(type(value), "nothing")
