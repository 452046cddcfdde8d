"""Judge of task 3.2: which of six records are genuine, and what they say."""

from __future__ import annotations

from airlock.checks.catalogue import task
from airlock.checks.plain import from_plain
from airlock.checks.report import Report, failed, passed
from airlock.checks.world import Plain, World
from airlock.lab import View
from airlock.lab.sealed import kinds, lines


@task(
    "3.2",
    "Find what was tampered with",
    2,
    hints=(
        "`AESGCM(arrived.key).decrypt(nonce, rest, about)` raises `InvalidTag` for whatever is not exactly what was "
        "sealed for that purpose. Try each record under its own id.",
        'The nonce is `record[:12]`, the rest `record[12:]`, and the associated data the id as bytes: `b"order-…"`. '
        "Catch `InvalidTag`, and keep what opened.",
        "`for each, record in arrived.records.items():` with `try: genuine[each] = AESGCM(arrived.key).decrypt("
        "record[:12], record[12:], each.encode())` and `except InvalidTag: pass`.",
    ),
)
def genuine(world: World) -> Report:
    """`genuine` holds the lines of the records that nobody touched, by id."""
    given = world.value("genuine")
    if not isinstance(given, dict):
        return failed(
            "`genuine` is no dict from order id to line.",
            "An order is known to be genuine only once it has been opened.",
            'It looks like `{"order-…": b"… boxes to …"}`.',
            "no-dict",
        )
    done = kinds(world.view)
    if unknown := sorted(set(given) - set(done)):
        return failed(
            f"There is no order {unknown[0]!r} among the six.",
            "An id that nobody sent is an order that nobody placed.",
            "The ids are the keys of `arrived.records`.",
            "unknown-order",
        )
    if not given:
        return failed(
            "You say that none of the six is genuine.",
            "Refusing everything is safe, and the orders do not leave the depot.",
            "The depot's key is `arrived.key`. And what did it bind each record to? That is the associated data.",
            "nothing-opened",
        )
    for each in given:
        if report := _wrongly_kept(each, done[each], _line(given[each]), world.view):
            return report
    return _kept(given, {each for each, kind in done.items() if kind == "genuine"}, lines(world.view))


def _kept(given: dict[str, Plain], right: set[str], true: dict[str, bytes]) -> Report:
    """The report when nothing but genuine records was kept."""
    if missing := right - set(given):
        return failed(
            f"What you name is genuine. {len(missing)} genuine order is missing.",
            "An order that is refused by mistake is a complaint next week.",
            "Go through all six, and do not stop at the first that fails.",
            "genuine-missing",
            share=0.5,
        )
    if wrong := sorted(each for each in right if _line(given[each]) != true[each]):
        return failed(
            f"{wrong[0]} is genuine. It says something else than you say.",
            "What the receiver acts on is the opened line, byte by byte.",
            "Keep what `decrypt` returns, as it is.",
            "other-line",
        )
    return passed(
        "Two of the six are what the depot sealed. The other four were changed, cut or filed under another id, and "
        "the tag told every time.",
        "You did not have to know what was done to them. That is the point of authenticated encryption.",
    )


def _wrongly_kept(each: str, kind: str, line: bytes | None, view: View) -> Report | None:
    match kind:
        case "flipped" if line is not None and len(line) == len(lines(view)[each]):
            return failed(
                f"{each} was changed on the way, and you have a line for it.",
                "Decryption always gives *something*. Only the tag says whether it is what was sealed.",
                "Let `decrypt` of AESGCM check it. Decrypting with AES alone, or without the last 16 bytes, does not.",
                "tag-not-checked",
            )
        case "cut":
            return failed(
                f"{each} came without its end, and you take it.",
                "What is cut off was part of the tag. Half a tag is as good as none.",
                "Do not repair a record. What does not open is not genuine.",
                "cut-short",
            )
        case "moved" | "copied":
            return failed(
                f"{each} is a record that the depot did seal, for another order.",
                "A copy is the easiest attack: no key is needed. Boxes go out twice, or to yesterday's address.",
                "A record is genuine under one id only. Open it with *its* id as the associated data.",
                "filed-under-another-id",
            )
        case "genuine":
            return None
    return failed(
        f"{each} was changed on the way.",
        "A line that does not open is nobody's order.",
        "Keep the ids for which `decrypt` raised nothing.",
        "not-genuine",
    )


def _line(value: Plain) -> bytes | None:
    plain = from_plain(value)
    if isinstance(plain, str):
        return plain.encode()
    return plain if isinstance(plain, bytes) else None
