"""Judge of task 5.3: which attacker beats which `sslmode`, and a connection that all but one of them leave alone."""

from __future__ import annotations

from itertools import pairwise

from airlock.checks.catalogue import task
from airlock.checks.lesson1_forms import Fields, Unreadable
from airlock.checks.lesson1_login import Refused, is_shop, log_in
from airlock.checks.lesson2_links import Trial, attempt
from airlock.checks.plain import Plain
from airlock.checks.report import Report, failed, passed
from airlock.checks.world import World
from airlock.lab import View
from airlock.wire.matrix import CA, CLIENTS

RUNGS = ("disable", "prefer", "require", "verify-ca", "verify-full")
# Whoever has the server's key is the server, to every client. Everybody else has to be left with nothing.
ATTACKERS = (
    *("eavesdropper", "downgrade", "cleartext", "self-signed", "cleartext-forged"),
    *("expired", "not-yet-valid", "wrong-host", "mis-issued"),
)


@task(
    "5.3",
    "Climb the ladder, and one rung more",
    2,
    hints=(
        "Try it: `attacked(door, sslmode=…)` shows what he has. You look for a door that reads one rung and not "
        "the next: "
        "what is it that the next one adds? TLS at all, insisting on it, the authority, the name.",
        "`prefer` uses TLS when it is on offer, so it beats whoever only listens. `require` insists. `verify-ca` "
        "wants an "
        "authority that it knows. `verify-full` also compares the name. And a certificate that an authority gave "
        "to the "
        "wrong person has the right name: only something that is bound to *this* channel notices that.",
        "`eavesdropper`, `downgrade`, `self-signed`, `wrong-host`. `climbed` has `sslmode=verify-full`, "
        "`sslrootcert` and "
        "`channel_binding=require` in its extra.",
    ),
)
def climb(world: World) -> Report:
    """`beaten` names an attacker for each rung, `climbed` leaves nothing to any of them but the one with the key."""
    view, value = world.view, world.value("climbed")
    if report := _beaten(view, world.value("beaten")):
        return report
    if not isinstance(value, dict) or value.get("__type__") != "Connection":
        return _half(
            "`beaten` is right. `climbed` is no Connection.",
            "The check lets a hook's session use it.",
            "`climbed = connection(me.shop, sslmode=…, …)`",
            "not-a-connection",
        )
    try:
        return _climbed(view, Fields.of(value))
    except (Unreadable, Refused) as error:
        return _half(
            f"`beaten` is right. No session comes about with `climbed`: {error}.",
            "A connection that nobody can use leaves nothing to an attacker, and nothing to you.",
            "The names of the extras are libpq's; `sslrootcert` names a file: `lab.ca_file`.",
            "no-session",
        )


def _beaten(view: View, given: Plain) -> Report | None:
    if not isinstance(given, dict) or (missing := [rung for rung in RUNGS[:-1] if rung not in given]):
        lacking = f"has no entry {missing[0]!r}" if isinstance(given, dict) else "is no dict"
        return failed(
            f"`beaten` {lacking}.",
            "Each rung was added to libpq because somebody beat the one below it.",
            f"A door for each of {', '.join(RUNGS[:-1])}.",
            "rung-missing",
        )
    for rung, above in pairwise(RUNGS):
        door = str(given[rung])
        if door not in view.lab.wire.doors or door.startswith("http"):
            return failed(
                f"For `{rung}` you name {door!r}, and the wire has no such door in front of the database.",
                "An attack is worth what it does. This one cannot be tried.",
                f"The doors: {', '.join((*ATTACKERS, 'stolen-key'))}.",
                "no-such-door",
            )
        if not _read(view, rung, door):
            return failed(
                f"A client with `sslmode={rung}` was sent through `{door}`. He read nothing of its session.",
                "A rung stands until somebody has beaten it. Guessing at attacks leads to guessing at settings.",
                f"What does `{above}` demand that `{rung}` does not? Who could come without it?",
                "not-beaten",
            )
        if _read(view, above, door):
            return failed(
                f"`{door}` reads a client with `sslmode={rung}`. He reads one with `{above}` just as well.",
                "Then this attack is no reason to climb from the one to the other.",
                f"Find one whom `{rung}` lets in and `{above}` does not.",
                "beats-the-next-too",
            )
    return None


def _read(view: View, rung: str, door: str) -> bool:
    here = view.shop
    unset = {"sslrootcert": f"{view.lab.ca_file}.none", "channel_binding": "prefer"}
    settings = unset | {n: view.lab.ca_file if v == CA else v for n, v in CLIENTS[rung].items()}
    fields = Fields("postgres", here.host, here.port, here.user, here.password, here.database, settings)
    return bool(attempt(view, fields, door).got)


def _climbed(view: View, fields: Fields) -> Report:
    if not is_shop(log_in(view, fields), view.shop):
        raise Refused("it logs in as somebody else")
    for door in ATTACKERS:
        trial = attempt(view, fields, door)
        if trial.got:
            return _fallen(door, trial)
        if door == "eavesdropper" and not trial.works:
            raise Refused(trial.said)
    return passed(
        f"Each rung was beaten by the attacker that you named, and the next one refused him. `climbed` logged in, and "
        f"left nothing to {len(ATTACKERS)} attackers.",
        "The one with the server's own key reads it still. Against him helps only a new key, and mutual TLS.",
    )


def _fallen(door: str, trial: Trial) -> Report:
    had = f"`beaten` is right. `climbed` was sent through `{door}`, and he has {' and '.join(trial.got)}."
    if door == "mis-issued":
        return _half(
            had,
            "An authority that you trust signed the right name for the wrong person. It happens: by mistake, by theft, "
            "or because somebody asked nicely.",
            "Which setting ties the login to the one TLS session in which it is made?",
            "authority-may-err",
        )
    return _half(
        had,
        "What one attacker reads, he may also change. The rung above would have refused him.",
        "Which rung refuses this door? You have just found that out.",
        "not-at-the-top",
    )


def _half(saw: str, why: str, look: str, misconception: str) -> Report:
    return failed(saw, why, look, misconception, share=0.5)
