"""Judge of task 2.4: what each of four recordings gives away, beside what the attacker's own reader got out of it."""

from __future__ import annotations

from airlock.checks.catalogue import task
from airlock.checks.report import Report, failed, passed
from airlock.checks.world import Plain, World
from airlock.lab.overheard import overheard
from airlock.wire.loot import Loot, loot

KINDS = ("password", "hash", "sql", "rows")


def given_away(gained: Loot) -> set[str]:
    """Which of `KINDS` an attacker has."""
    return {kind for kind in KINDS if getattr(gained, kind)}


@task(
    "2.4",
    "Say what each recording gives away",
    3,
    hints=(
        "Two questions for each recording: how was the password shown, and was the rest of the session in clear?",
        "`loot([tapes[letter]])` shows everything that can be read in a recording. An empty field was not seen.",
        'Keep the names of the fields that are not empty, of these four: `"password"`, `"hash"`, `"sql"`, `"rows"`. '
        "A recording that gives nothing away has the empty set, `set()`.",
    ),
)
def leaks(world: World) -> Report:
    """`leaks` names for each letter what its recording gives away."""
    given = world.value("leaks")
    truth = {letter: given_away(loot([tape])) for letter, tape in overheard(world.view).items()}
    if not isinstance(given, dict) or set(given) != set(truth):
        return failed(
            "`leaks` has no entry for each of the four letters.",
            "One recording that nobody looked at may be the one that counts.",
            '`leaks = {"a": {…}, "b": {…}, "c": {…}, "d": {…}}`',
            "letter-missing",
        )
    named = {letter: _names(value) for letter, value in given.items()}
    if unknown := sorted(set().union(*named.values()) - set(KINDS)):
        return failed(
            f"`leaks` names {unknown[0]!r}.",
            "The check knows four kinds of things that a recording can give away.",
            f"Use {', '.join(KINDS)}; the empty set for nothing.",
            "unknown-kind",
        )
    wrong = [letter for letter in truth if named[letter] != truth[letter]]
    if wrong:
        return _explain(wrong, named, truth)
    return passed(
        "All four are right: the check let the attacker's reader loose on fresh recordings, and it got the same.",
        "The way to log in decides about the password. Only the encrypted link kept the rest.",
    )


def _names(value: Plain) -> set[str]:
    if isinstance(value, str):
        return {value}
    return {str(each) for each in value} if isinstance(value, list) else {"nothing" if value is None else str(value)}


def _explain(wrong: list[str], named: dict[str, set[str]], truth: dict[str, set[str]]) -> Report:
    share = 0.5 if len(wrong) == 1 else 0.0
    for letter in wrong:
        said, real = named[letter], truth[letter]
        if not real:
            return failed(
                f"Recording {letter}: you name something, and the attacker's reader got nothing out of it.",
                "Somebody who asks for the link to be encrypted, and gets it, leaves sizes and times behind. Not more.",
                "Look at what follows the server's one-letter answer to the SSLRequest.",
                "tls-leaks",
                share,
            )
        if "password" in said and "password" not in real:
            return failed(
                f"Recording {letter}: there is no password in it.",
                "To say that a password leaked starts a rotation; to say it wrongly costs a night.",
                "What exactly did the client send when it was asked? A hash, or a proof, is not the password.",
                "hash-is-a-password",
                share,
            )
        if {"sql", "rows"} - said:
            return failed(
                f"Recording {letter}: more of the session can be read than you say.",
                "A way to log in protects the login, at best. What follows goes over the same link.",
                "Look past the login: at the messages after AuthenticationOk.",
                "login-hides-the-rest" if "password" not in real else "stopped-at-the-password",
                share,
            )
        if real - said:
            return failed(
                f"Recording {letter}: how the login was shown is worth something to an attacker, and you leave it out.",
                "A hash is not the password. Millions of guesses a second can be tried against it, offline.",
                "Look at the client's answer to the server's demand.",
                "hash-is-nothing",
                share,
            )
    letter = wrong[0]
    return failed(
        f"Recording {letter}: you name a hash. There is no md5 answer in it.",
        "The four words are for four things; SCRAM's proof is none of them.",
        "`loot([…]).hash` is empty where the server did not ask for md5.",
        "proof-is-a-hash",
        share,
    )
