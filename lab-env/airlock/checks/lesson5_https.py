"""Judge of task 5.6: billing over HTTPS through HttpHook, with an authority that only the company knows."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from airlock.checks.catalogue import task
from airlock.checks.for_hook import for_hook
from airlock.checks.hook import invoices
from airlock.checks.lesson1_forms import Fields
from airlock.checks.lesson2_http import reachable
from airlock.checks.report import Report, failed, passed
from airlock.checks.world import World
from airlock.lab import View
from airlock.wire.captures import Recording, record
from airlock.wire.loot import Loot, loot

HONEST = "http-eavesdropper"
ATTACKERS = ("http-strip", "http-self-signed", "http-wrong-host", "http-expired")
_GENERIC = {"ssl_ca_cert", "ssl_cert", "ssl_key", "sslrootcert", "sslmode", "ca_cert", "cafile"}


@dataclass(frozen=True)
class Call:
    """What became of one call through a door.

    Attributes:
        gained: what the attacker read.
        headers: the names of the request's headers, in lower case, as far as he could read them.
        said: the hook's last words; empty when it got its invoices.
    """

    gained: Loot
    headers: tuple[str, ...]
    said: str

    @property
    def answered(self) -> bool:
        """The hook got its invoices."""
        return not self.said


def calls(view: View, fields: Fields, doors: tuple[str, ...] = (HONEST, *ATTACKERS)) -> dict[str, Call]:
    """HttpHook with these fields through each door, by door. The process trusts nobody but whom the fields name.

    Raises:
        LabDown: billing does not answer.
    """
    reachable(view.lab)
    given = [_through(fields, view, view.lab.wire.doors[door]) for door in doors]
    with ExitStack() as tapes:
        recordings = [tapes.enter_context(record(view.lab.wire, door, patience=1.0)) for door in doors]
        came = invoices(given)
    return {
        door: Call(loot(tape.connections), _headers(tape), each.said.replace(view.shop.password, "…")[:400])
        for door, tape, each in zip(doors, recordings, came, strict=True)
    }


def _headers(tape: Recording) -> tuple[str, ...]:
    sent = b"".join(chunk.data for each in tape.connections for chunk in each.readable() if chunk.sender == "client")
    lines = sent.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]
    return tuple(line.partition(b":")[0].decode("latin-1").lower() for line in lines)


def _through(fields: Fields, view: View, port: int) -> str:
    """The connection as JSON, led through a door: the port is the attacker's, everything else is the learner's."""
    own = (str(view.lab.billing.tls_port), str(view.lab.billing.port))
    host = fields.host or ""
    for each in own:
        host = host.replace(f":{each}", f":{port}")
    written: dict[str, Any] = {
        "conn_type": fields.conn_type or "http",
        "login": fields.login,
        "password": fields.password,
        "schema": fields.schema,
        "host": host,
        "port": port if str(fields.port) in own else fields.port,
        "extra": dict(fields.extra),
    }
    return json.dumps({name: value for name, value in written.items() if value is not None})


@task(
    "5.6",
    "Call billing over HTTPS, with a private authority",
    2,
    hints=(
        "Two things decide: whether the URL begins with `https`, and by whom the certificate is verified. "
        "HttpHook builds the "
        "one from `schema` and `host`, and takes the other from the extras.",
        "`requests` knows the public authorities. Yours it has to be told: the extra is `verify`, and its value "
        "is the path "
        "of a file. Extras that HttpHook does not know become headers of the request.",
        '`schema="https"`, `port=me.view.lab.billing.tls_port`, `extra=json.dumps({"verify": lab.ca_file})`.',
    ),
)
def https(world: World) -> Report:
    """HttpHook gets its invoices with `billing`, and nobody on the link reads or forges them."""
    fields = for_hook(world.value("billing"), "billing", '"http"', "HttpHook use it")
    if isinstance(fields, Report):
        return fields
    made = calls(world.view, fields)
    return _clear(world.view, made[HONEST]) or _honest(fields, made[HONEST]) or _attacked(made)


def _clear(view: View, made: Call) -> Report | None:
    if not made.gained.requests:
        return None
    had = "your password" if made.gained.password == view.shop.password else "the request"
    return failed(
        f"HttpHook called in clear: somebody on the link has {had}.",
        "No extra makes it TLS. `verify` says how to verify, once there is something to verify.",
        "The URL is built from `schema` and `host`. What do yours say, and which port listens for TLS?",
        "in-clear",
    )


def _honest(fields: Fields, made: Call) -> Report | None:
    if made.answered:
        return None
    if "suitable TLS CA" in made.said or "invalid path" in made.said:
        return failed(
            f"HttpHook takes `verify` for the name of a file, and there is none: {made.said[:160]}",
            "Text is a path, whatever it says. In a URI every value is text.",
            "`verify` is the path of the authority's file: `lab.ca_file`.",
            "verify-is-no-path",
        )
    if "CERTIFICATE_VERIFY_FAILED" in made.said or "SSLError" in made.said:
        if names := sorted(_GENERIC & set(fields.extra)):
            return failed(
                f"HttpHook does not know the extra `{names[0]}`. It verified against the public authorities, and "
                f"refused.",
                "What HttpHook does not know, it sends: as a *header*, with the path on your disk in it.",
                "Each provider has its own names. What is HttpHook's for the authority?",
                "other-providers-name",
            )
        return failed(
            "HttpHook met the real billing service, and did not trust its certificate.",
            "Refusing is right. The public authorities do not know the company's own.",
            "The connection says by whom to verify. Its extras have a name for that.",
            "authority-not-told",
        )
    return failed(
        f"HttpHook called, and got no invoices. It says: {made.said[:200]}",
        "A link that nobody uses is easy to protect.",
        "Compare host, port, login and password with the connection above the task.",
        "other-place",
    )


def _attacked(made: dict[str, Call]) -> Report:
    for door in ATTACKERS:
        if made[door].gained.is_session:
            return failed(
                f"The invoices come. Through the door `{door}` they come just as well, and he has the password.",
                "The session is encrypted, with whoever happens to be there. Encryption without verification keeps out "
                "nobody who can sit in the link.",
                "What does `verify` say? What should it say?",
                "verify-off",
            )
    return passed(
        f"HttpHook got the invoices, and refused {len(ATTACKERS)} attackers. None of them has anything.",
        "The trust stands in the connection: it holds in every task, whatever the worker's environment says.",
    )
