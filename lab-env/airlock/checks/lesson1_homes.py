"""Judge of task 1.7: which home of a connection answered, and with what."""

from __future__ import annotations

from airlock.checks.catalogue import task
from airlock.checks.report import Report, failed, passed
from airlock.checks.world import Plain, World
from airlock.lab.mystery import copies

_HOMES = ("vault", "environment", "database")


@task(
    "1.7",
    "Say which home answered",
    3,
    hints=(
        "Ask a real task first: `which_home` returns the host it got. Then look for that host: "
        "`lab.vault.get_connection(id)`, `lab.environment.connections()`, the API.",
        "An answer does not say where it came from. Only the host does: each copy has a different one.",
        'For each letter: `("vault" | "environment" | "database", host)`. The order is secrets backend, environment, '
        "metadata database; the first home that has a copy wins.",
    ),
)
def homes(world: World) -> Report:
    """`won` names, for each mystery id, the home that answered and the host it gave."""
    value = world.value("won")
    planted = copies(world.view)
    if not isinstance(value, dict):
        return _no_answer("`won` is not a dict.")
    wrong = [report for letter in planted if (report := _one_home(letter, value.get(letter), planted[letter]))]
    if not wrong:
        return passed(
            "All three: right home, right host.",
            "You have seen the order of search instead of remembering it.",
        )
    right = len(planted) - len(wrong)
    first = wrong[0]
    return failed(
        f"{first.saw} ({right} of {len(planted)} are right.)",
        first.why,
        first.look,
        first.misconception,
        right / 3,
    )


def _one_home(letter: str, given: Plain, planted: dict[str, str]) -> Report | None:
    if not isinstance(given, list) or len(given) != 2:
        return _no_answer(f"For mystery {letter}, `won` holds no pair of home and host.")
    home, host = str(given[0]).strip().lower(), str(given[1]).strip()
    winner = next(iter(planted))
    if (home, host) == (winner, planted[winner]):
        return None
    if host.lower() in _HOMES and home not in _HOMES:
        return _no_answer(f"For mystery {letter}, `won` holds the host before the home.")
    if host not in planted.values():
        return failed(
            f"Mystery {letter}: no home of your team ever held the host you gave.",
            "Hosts are minted for each team; somebody else's answer does not fit here.",
            f"Run `who_answers` for mystery {letter} and copy what it prints.",
            "not-a-copy",
        )
    if host == planted[winner]:
        return failed(
            f"Mystery {letter}: the host is the one a task gets. It did not come from the home you name.",
            "Whoever repairs a copy in the wrong home changes nothing.",
            "Look into each of the three homes for this very host.",
            "wrong-home-named" if home in planted else "home-without-a-copy",
        )
    return failed(
        f"Mystery {letter}: that host is in one of the homes, and a task gets another one.",
        "This copy is shadowed. It looks right where you found it, and no task ever sees it.",
        f"Ask a task: `who_answers` for mystery {letter}. Which homes come before the one you looked into?",
        "database-first" if home == "database" else "shadowed-copy",
    )


def _no_answer(saw: str) -> Report:
    return failed(
        saw,
        "The check needs both for each mystery: where the answer came from and what it was.",
        '`won = {"a": ("vault", "…"), "b": (…), "c": (…)}`, the homes being vault, environment and database.',
        "no-pair",
    )
