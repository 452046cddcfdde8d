"""Judge of task 1.3: the learner's `decode(uri)` against URIs it has not seen."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from airlock.checks.catalogue import task
from airlock.checks.lesson1_forms import Fields, read_uri
from airlock.checks.report import Report, failed, passed
from airlock.checks.world import CallFailed, Plain, World
from airlock.lab import Seed

_NAMES = ("conn_type", "login", "password", "host", "port", "schema")


@dataclass(frozen=True)
class Sample:
    """A hidden URI: what it is about, and the idea that gets it wrong."""

    uri: str
    about: str


def samples(seed: Seed) -> list[Sample]:
    """The URIs for one learner, the plain one first."""
    word = seed.word
    port = seed.number("decode/port", 1025, 65000)
    odd = seed.awkward_password("decode/odd")
    return [
        Sample(
            f"postgres://{word('decode/1')}:{seed.password('decode/1')}@{word('decode/host')}:{port}/{word('decode/db')}",
            "every part is there and none needs decoding",
        ),
        Sample(
            f"mysql://{quote('team/' + word('decode/2'), safe='')}:{quote(odd, safe='')}"
            f"@{word('decode/host2')}:{port + 1}/{quote(word('decode/db2') + '/eu', safe='')}",
            "login, password and schema hold percent codes",
        ),
        Sample(
            f"postgres://{word('decode/3')}:{seed.password('decode/3', 5)}+{seed.password('decode/3b', 4)}"
            f"@{word('decode/host3')}/{word('decode/db3')}",
            "the password holds a plus sign and there is no port",
        ),
        Sample(f"redis://{word('decode/host4')}:{port + 2}", "there is no login, no password and no schema"),
        Sample(
            f"postgres://{word('decode/5')}:{seed.password('decode/5')}@{word('decode/host5')}:{port + 3}"
            f"/{word('decode/db5')}?sslmode=verify-full&sslrootcert=%2Fetc%2F{word('decode/ca')}.pem"
            f"&application_name={word('decode/app')}%20nightly",
            "a query holds three extras, with percent codes",
        ),
        Sample(
            f"http://{word('decode/6')}@{word('decode/host6')}/?timeout={seed.number('decode/t', 5, 90)}",
            "there is a login without a password, and a query without a schema",
        ),
    ]


@task(
    "1.3",
    "Decode any connection URI",
    4,
    hints=(
        "You do not have to take the text apart yourself: something in this notebook reads connection URIs already.",
        "With `urllib.parse`: `urlsplit` finds the parts, `unquote` decodes each one, `parse_qsl` reads the query. "
        "Decode *after* splitting, never before.",
        "`c = Connection(conn_id='x', uri=uri)` has every field; the extras as a dict are `c.extra_dejson`.",
    ),
)
def decode(world: World) -> Report:
    """`decode` gives the fields of URIs it has not seen."""
    chosen = samples(world.view.seed)
    reports = [_judge(world, sample) for sample in chosen]
    wrong = [report for report in reports if report is not None]
    if not wrong:
        return passed(
            f"`decode` read all {len(chosen)} URIs it had not seen.",
            "Percent codes, missing parts and extras: split first, decode each part once.",
        )
    first, right = wrong[0], len(chosen) - len(wrong)
    return failed(
        f"{first.saw} ({right} of {len(chosen)} URIs were read right.)",
        first.why,
        first.look,
        first.misconception,
        share=0.5 if right >= 4 else 0.0,  # four need no decoding: half the task
    )


def _judge(world: World, sample: Sample) -> Report | None:
    try:
        answer = world.call("decode", sample.uri)
    except CallFailed as error:
        return failed(
            f"`decode` raised an error on a URI where {sample.about}: {error}",
            "A reader of other people's text meets missing parts sooner or later.",
            "Try it on a URI without that part: what does your function assume to be there?",
            "assumes-every-part",
        )
    if not isinstance(answer, dict) or "__type__" in answer:
        kind = (
            "nothing"
            if answer is None
            else "a Connection"
            if isinstance(answer, dict)
            else f"a {type(answer).__name__}"
        )
        return failed(
            f"`decode` returned {kind}, not a dict.",
            "The check reads the fields by name.",
            "Return a dict with the keys `conn_type`, `login`, `password`, `host`, `port`, `schema`, `extra`.",
            "no-dict",
        )
    expected = read_uri(sample.uri)
    for name in _NAMES:
        if report := _field(name, answer.get(name), expected, sample):
            return report
    return _extra(answer.get("extra"), expected, sample)


def _field(name: str, given: Plain, expected: Fields, sample: Sample) -> Report | None:
    right = getattr(expected, name)
    same = given == right and type(given) is type(right)
    missing = right is None and given in ("", None)
    unnormalised = name == "conn_type" and right == "postgres" and given == "postgresql"
    if same or missing or unnormalised:
        return None
    where = f"Where {sample.about}, `{name}` comes out"
    if right is None:
        return failed(
            f"{where} as {given!r}, though the URI has no such part.",
            "A default that was made up looks like a fact to the next reader.",
            "Give None for what is not there.",
            "made-up-default",
        )
    if given in ("", None):
        return failed(
            f"{where} empty.",
            "The part is there.",
            f"Which character comes before the {name} in a URI, and which after it?",
            "part-lost",
        )
    if name == "port":
        return _port(where, given == str(right))
    return _text(where, str(given), str(right))


def _port(where: str, only_its_kind: bool) -> Report:
    if only_its_kind:
        return failed(
            f"{where} as text.",
            "Airflow keeps the port as a whole number; a text breaks whoever adds one to it.",
            "`int(…)`, or the `.port` of `urlsplit`.",
            "port-is-text",
        )
    return failed(f"{where} wrong.", "It is the number after the host's colon.", "`urlsplit(uri).port`.", "wrong-port")


def _text(where: str, given: str, right: str) -> Report:
    if given == quote(right, safe=""):
        return failed(
            f"{where} with its percent codes still in it.",
            "The server compares the decoded text; `%40` is three characters to it.",
            "Each part has to be decoded once, after the text was split.",
            "not-decoded",
        )
    if given == right.replace("+", " "):
        return failed(
            f"{where} with a space where a plus sign was.",
            "`+` stands for a space in a query only. Before the `?` it is a plus sign.",
            "`unquote` leaves it alone, `unquote_plus` does not.",
            "plus-for-space",
        )
    return failed(
        f"{where} wrong.",
        "Decoding before splitting is the usual cause: a decoded `/` or `@` then splits the text in a new place.",
        "Split first, decode each part afterwards.",
        "decoded-too-early",
    )


def _extra(given: Plain, expected: Fields, sample: Sample) -> Report | None:
    right = {key: str(value) for key, value in expected.extra.items()}
    if given in (None, "", {}) and not right:
        return None
    look = "`parse_qsl` gives pairs, `dict` makes a dict of them; a Connection has `extra_dejson`."
    if not isinstance(given, dict):
        kind = "nothing" if given is None else f"a {type(given).__name__}"
        return failed(
            f"Where {sample.about}, `extra` is {kind}, not a dict.",
            "Everything after the `?` is the extra: keys and values.",
            look,
            "extra-not-a-dict",
        )
    if {key: str(value) for key, value in given.items()} == right:
        return None
    if any(isinstance(value, list) for value in given.values()):
        return failed(
            f"Where {sample.about}, the values of `extra` are lists.",
            "`parse_qs` allows a key to come twice. In a connection each key has one value.",
            look,
            "extra-in-lists",
        )
    raw = any(value != right.get(key) and "%" in str(value) for key, value in given.items())
    return failed(
        f"Where {sample.about}, `extra` holds "
        + ("values that are not decoded." if raw else f"the keys {sorted(given)}, and not all of it is right."),
        "A path such as a CA file is useless with `%2F` in it.",
        look,
        "not-decoded" if raw else "extra-wrong",
    )
