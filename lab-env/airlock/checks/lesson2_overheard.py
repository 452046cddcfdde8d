"""Judges of lesson 2's recordings: the password (2.1), the statement (2.2), the voucher (2.3)."""

from __future__ import annotations

import re
from dataclasses import replace

import psycopg

from airlock.checks.catalogue import task
from airlock.checks.report import Report, failed, passed
from airlock.checks.world import Plain, World
from airlock.lab import View
from airlock.lab.overheard import BOOKKEEPER, CLERK, COLLEAGUES, DIRECTOR, PLANNER, login, prepare, voucher
from airlock.lab.postgres import connect

_LOOK = "Print the messages of each recording: `for m in decode(tapes[letter].messages): print(m.kind, …)`."


@task(
    "2.1",
    "Recover a password from a recording",
    3,
    hints=(
        "A server can ask for a password in several ways. Only one of them makes the client send the password itself. "
        "Look for the recording in which the server asks that way.",
        "`decode(tapes[letter].messages)` gives the messages. `m.get(name)` gives a field of one: the StartupMessage "
        "names the login, the PasswordMessage holds the answer. An answer that begins with `md5` is a hash.",
        'In one recording a message has the kind "PasswordMessage" and a `password` that does not begin with `md5`. '
        "`loot([tapes[letter]])` has both values, too: `.user` and `.password`.",
    ),
)
def password(world: World) -> Report:
    """Whoever has `stolen` can log in as the colleague who was overheard."""
    given = world.value("stolen")
    if not (isinstance(given, list) and len(given) == 2 and all(isinstance(part, str) for part in given)):
        return failed(
            "`stolen` is no pair of two texts.",
            "A password is worth something together with the login it belongs to.",
            "`stolen = (user, password)`, both as they stand in the recording.",
            "no-pair",
        )
    user, answer = str(given[0]), str(given[1])
    prepare(world.view)
    mine = login(world.view, CLERK)
    if report := _no_password(world.view, user, answer) or _other_user(world.view, user):
        return report
    if not _lets_in(world.view, answer):
        return failed(
            f"The server does not let {user} in with that password ({len(answer)} characters).",
            "A password that is off by one character is worth nothing, to you and to an attacker.",
            "Copy the field by code, not by hand: `message.get(…)`.",
            "wrong-password",
        )
    return passed(
        f"The server let the check in as {mine.user}, with nothing but what you read off the wire.",
        "The server cannot tell you from the clerk. Neither can its log.",
    )


def _no_password(view: View, user: str, answer: str) -> Report | None:
    if re.fullmatch(r"(md5)?[0-9a-f]{32}(:[0-9a-f]{8})?", answer):
        return failed(
            "What you give as the password is an md5 answer: a hash of password, user and a salt.",
            "It logs nobody in: the next salt is another one. Passwords can be guessed against it offline, fast.",
            "Another recording gives away more. Which one has an answer that is no hash?",
            "hash-for-password",
        )
    if re.search(r"(^|,)[cprsv]=", answer) or re.fullmatch(r"[A-Za-z0-9+/]{43}=", answer):
        return failed(
            "What you give as the password is a part of a SCRAM exchange.",
            "SCRAM proves that both sides know the password, and never sends it.",
            "There is no password in that recording. Try the others.",
            "proof-for-password",
        )
    if answer in (view.shop.password, view.courier.password):
        return failed(
            "That is a password of your own.",
            "The task is about what somebody else's session gives away.",
            _LOOK,
            "own-password",
        )
    if user == answer:
        return failed("Login and password are the same text.", "The login alone opens nothing.", _LOOK, "login-only")
    return None


def _other_user(view: View, user: str) -> Report | None:
    if user == login(view, CLERK).user:
        return None
    colleagues = [login(view, each).user for each in COLLEAGUES]
    if user in colleagues:
        return failed(
            f"{user} was overheard, and the recording holds no password of that login.",
            "User and password have to come from the same session.",
            _LOOK,
            "other-session",
        )
    return failed(
        f"Nobody called {user!r} is in your recordings.",
        "The recordings are your own. A neighbour's colleagues have other names and other passwords.",
        "The login stands in the first message of the session: `StartupMessage`.",
        "unknown-user",
    )


def _lets_in(view: View, answer: str) -> bool:
    try:
        connect(replace(login(view, CLERK), password=answer), ca_file=view.lab.ca_file).close()
    except (psycopg.OperationalError, ValueError):
        return False
    return True


@task(
    "2.2",
    "Read a statement off the wire",
    2,
    hints=(
        "Every session begins with a StartupMessage, and in clear it names the login. Which letter is the planner's?",
        "The statement is in a message from the client, after the login: `Query`, or `Parse`. Print kinds and fields.",
        "`[m.get('query') for m in decode(tapes[letter].messages) if m.get('query')]`, or `loot([tapes[letter]]).sql`.",
    ),
)
def statement(world: World) -> Report:
    """`statement` is what the planner asked the database."""
    given = _text(world.value("statement"))
    if given is None:
        return failed(
            "`statement` is no text.",
            "One statement was sent; it is text.",
            "Take the field out of the message, or the one element out of the list.",
            "no-text",
        )
    if "\0" in given:
        return failed(
            "`statement` holds the whole message: its type, its length, and zero bytes.",
            "The statement is a field of the message. What is around it belongs to the protocol.",
            "`decode` has taken the message apart already: `message.get('query')`.",
            "whole-message",
        )
    if _same(given, PLANNER.statement(world.view.seed)):
        return passed(
            "That is, word for word, what the planner asked.",
            "The planner logs in with SCRAM. It protected the password. It does not know of statements.",
        )
    return _other_statement(world.view, given)


def _other_statement(view: View, given: str) -> Report:
    for colleague in (CLERK, BOOKKEEPER, DIRECTOR):
        if _same(given, colleague.statement(view.seed)):
            return failed(
                "A colleague asked this. It was not the planner.",
                "Four sessions went over the same link. Who asked what is half of what an attacker wants to know.",
                "The session's first message names the login.",
                "other-session",
            )
    if "vouchers" not in given.lower():
        return failed(
            "This is not in the planner's session.",
            "An eavesdropper reads statements, not intentions: what you want is there literally.",
            _LOOK,
            "not-recorded",
        )
    return failed(
        "The table is right, and the statement is not the one that was sent.",
        "The interesting part of a statement is often its condition: it names the person.",
        "Copy it whole, by code.",
        "not-the-whole-statement",
    )


@task(
    "2.3",
    "Read a row off the wire",
    2,
    hints=(
        "The answer to a statement comes from the server: look at what it sends after the planner's statement.",
        "A `DataRow` has one `value` for each column; the `RowDescription` before it names the columns. "
        "A message with several fields of one name gives them all with `m.all('value')`.",
        "`loot([tapes[letter]]).rows[0]` is the row; the code is its last value.",
    ),
)
def row(world: World) -> Report:
    """`code` is the voucher's code in the row that the planner got."""
    given, seed = _text(world.value("code")), world.view.seed
    right = voucher(seed)
    if given is not None and given.strip() == right:
        return passed(
            "This voucher can be cashed in: you have its code.",
            "Your own login may not read that table. The database's permissions end where the link begins.",
        )
    if given is not None and right in given:
        return failed(
            "The code is in there, with other things around it.",
            "A cashier takes the code and nothing else.",
            "The row has one value for each column. Take the one that the statement calls `code`.",
            "more-than-the-code",
        )
    if given is not None and _is_number(given):
        return failed(
            "That is a number. The voucher's code has letters in it.",
            "A row has a value for each column of the statement, in its order.",
            "The `RowDescription` names the columns. Which one is `code`?",
            "other-column",
        )
    if given == seed.word("overheard/holder"):
        return failed(
            "That is the holder, from the statement.",
            "The statement went to the server. The row came back.",
            "Look at the messages whose sender is the server.",
            "from-the-statement",
        )
    return failed(
        f"`code` is {'no text' if given is None else 'not in the row that the planner got'}.",
        "What a session gives away is exactly what was sent, byte for byte.",
        _LOOK,
        "no-text" if given is None else "not-recorded",
    )


def _text(value: Plain) -> str | None:
    if isinstance(value, dict) and value.get("__type__") == "bytes":
        return bytes.fromhex(str(value["hex"])).decode(errors="replace")
    return value if isinstance(value, str) else None


def _same(given: str, statement: str) -> bool:
    return " ".join(given.split()).rstrip("; ").lower() == statement.lower()


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"\s*\d+([.,]\d+)?\s*", text))
