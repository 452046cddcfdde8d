"""Judge of task 6.8: an auditor, tried on deployments that its author has not seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from airlock.checks.catalogue import task
from airlock.checks.lesson6_capstone_words import LOOK, WHY
from airlock.checks.plain import Plain
from airlock.checks.report import Report, failed, passed
from airlock.checks.world import CallFailed, NotAttempted, World
from airlock.lab import Seed
from airlock.lab.deployment import FAULTS, Deployment, generate, invented
from airlock.lab.deployment.ends import POLICIES, RULES, VAULTS
from airlock.lab.deployment.faults import Way
from airlock.lab.deployment.homes import HOMES, OPEN_HOMES
from airlock.lab.deployment.links import BY_TYPE

Pair = tuple[str, str]
_FEWEST, _MOST = 8, 2000  # deployments to try it on; deployments to choose them from
_WAYS: tuple[Way, ...] = (
    *(link for links in BY_TYPE.values() for link in links),
    *HOMES,
    *OPEN_HOMES,
    *RULES,
    *POLICIES,
    *VAULTS,
)
VARIANTS = tuple(dict.fromkeys((way.fault, way.name) for way in _WAYS if way.fault))
"""Every form of every fault, in the order in which a report names what was missed."""
ODDITIES = (*dict.fromkeys(way.name for way in _WAYS if way.odd), "sslmode is disable on a socket")


@dataclass(frozen=True)
class Tried:
    """One deployment, and what the auditor said of it."""

    deployment: Deployment
    said: frozenset[Pair]

    @property
    def missed(self) -> frozenset[Pair]:
        """Faults that it did not name."""
        return self.deployment.pairs - self.said

    @property
    def alarms(self) -> frozenset[Pair]:
        """What it named and is no fault."""
        return self.said - self.deployment.pairs


@task(
    "6.8",
    "Write an auditor",
    6,
    hints=(
        "Take one kind after the other, and run the auditor on your own deployment each time. Five kinds are about a "
        "connection's link, four about where its secret lies, four about the other ends. For a link, ask in this "
        "order: can it be in clear? Always, or if somebody says so? Is a certificate verified? The name? By whom?",
        "What a client does when nobody tells it is half of the faults: libpq's `sslmode` is `prefer`, `HttpHook`'s "
        "`schema` is `http` unless the host says more, and `require` verifies like `verify-ca` if its root file is "
        "there. Certificates are compared by what they are (`x509.load_pem_x509_certificates`), not by how the file is "
        "written. In pg_hba.conf the first line that fits decides.",
        "`never-encrypted`: `disable`, or a URL with `http`. `may-fall-back`: `allow`, `prefer`, none. `not-verified`: "
        "`require` with no root file in `files`; `verify` or `verify_ssl` false. `name-not-checked`: `verify-ca`, and "
        "`require` with a root file. `trusts-a-stranger`: a certificate in the file whose fingerprint is not one of "
        "`authorities`. A host that begins with `/` is a socket. A policy: any `read` beyond "
        "`<mount>/data/connections/`.",
    ),
)
def auditor(world: World) -> Report:
    """`audit` names every fault of deployments that it has not seen, and nothing else."""
    tried = []
    for deployment in unseen():
        answer = _ask(world, deployment)
        if isinstance(answer, Report):
            return answer
        tried.append(Tried(deployment, answer))
    return _silly(tried) or _graded(tried)


def unseen() -> list[Deployment]:
    """Fresh deployments in which every form of every fault occurs, and everything that looks like one."""
    wanted = {*VARIANTS, *ODDITIES}
    chosen: list[Deployment] = []
    for _ in range(_MOST):
        seed = Seed.random()
        made = generate(seed, invented(seed))
        here = {(found.fault, found.variant) for found in made.findings} | {name for _, name in made.oddities}
        if wanted & here or (not wanted and len(chosen) < _FEWEST):
            wanted -= here
            chosen.append(made)
        if not wanted and len(chosen) >= _FEWEST:
            return chosen
    raise AssertionError(f"{_MOST} deployments without {wanted}")


def _ask(world: World, deployment: Deployment) -> frozenset[Pair] | Report:
    try:
        answer = world.call("audit", deployment.plain)
    except CallFailed as error:
        return failed(
            f"On a deployment that it has not seen, `audit` stops: {str(error)[:200]}",
            "An auditor that falls over the first odd thing reports nothing, and silence looks like “all is well”.",
            "A field may be empty, a file may be missing from `files`, a line may be a comment. "
            "`lab.deployment.describe()` has some of each.",
            "auditor-stops",
        )
    if answer is None:
        raise NotAttempted("`audit` returns nothing yet.")
    try:
        return frozenset(_pairs(answer))
    except ValueError as why:
        return failed(
            f"`audit` returns something else than findings: {why}.",
            "Who reads the findings is a program, too: it asks the owner of each subject.",
            'Return a list of pairs, such as `("kestrel_orders", "not-verified")`; the kinds are those of the table.',
            "not-findings",
        )


def _pairs(answer: Plain) -> Iterator[Pair]:
    if not isinstance(answer, list):
        raise ValueError("it is no list")
    for each in answer:
        match each:
            case [str(subject), str(fault)] if fault in FAULTS:
                yield subject, fault
            case [str(), str(fault)]:
                raise ValueError(f"there is no kind {fault[:40]!r}")
            case _:
                raise ValueError("a finding is a pair of two texts, the subject and the kind")


def _silly(tried: list[Tried]) -> Report | None:
    """A report for an answer that has not looked at what it was given."""
    if not any(each.said for each in tried):
        return failed(
            f"`audit` found nothing in {len(tried)} deployments that it has not seen. Each has nine faults or more.",
            "No findings is what everybody likes to read. It is also what a broken auditor says.",
            "Begin with one kind, such as `never-encrypted`, and see that it finds it in your own deployment.",
            "flags-nothing",
        )
    strangers = [subject for each in tried for subject, _ in each.said if subject not in _subjects(each.deployment)]
    if strangers and not any(each.deployment.pairs & each.said for each in tried):
        return failed(
            "`audit` names subjects that are not in the deployment that it was given, each time the same ones.",
            "It knows one deployment by heart. Tomorrow somebody adds a connection.",
            'Everything it needs is in its argument: `deployment["connections"]`, `["pg_hba"]`, and so on.',
            "knows-one-by-heart",
        )
    hits = sum(len(each.deployment.pairs & each.said) for each in tried)
    alarms = sum(len(each.alarms) for each in tried)
    if alarms > 8 * hits:  # naming every kind everywhere raises 25 for one; looking for words, 4 at most
        return failed(
            f"`audit` raised {alarms} false alarms for {hits} faults that it found.",
            "Whoever gets forty findings, and four are true, does not read the next report.",
            "Name a fault only where its condition holds. Each connection has one fault of its link at most.",
            "flags-everything",
        )
    return None


def _graded(tried: list[Tried]) -> Report:
    every = sum(len(each.deployment.pairs) for each in tried)
    missed = sum(len(each.missed) for each in tried)
    alarms = sum(len(each.alarms) for each in tried)
    said = f"In {len(tried)} deployments that it has not seen, `audit` found {every - missed} of {every} faults"
    if not (missed or alarms):
        odd = sum(len(each.deployment.oddities) for each in tried)
        return passed(
            f"{said}, and raised no false alarm. It passed by {odd} things that only look wrong.",
            "It is ready for the deployment of next year, too.",
        )
    share = max(0.0, 0.95 * (every - missed - alarms) / every)
    said += f", and raised {_count(alarms, 'false alarm')}."
    return _missed(tried, said, share) or _false_alarm(tried, said, share)


def _missed(tried: list[Tried], said: str, share: float) -> Report | None:
    """A report on the first form of a fault that was missed anywhere; None when none was."""
    found = [(each, finding) for each in tried for finding in sorted(each.deployment.findings)]
    for form in VARIANTS:
        for each, finding in found:
            if (finding.fault, finding.variant) == form and finding.pair in each.missed:
                where = f"Missed, for example: `{finding.fault}` at `{_short(finding.subject, each)}`."
                return failed(
                    f"{said} {where} {_others(tried)}".strip(),
                    f"{FAULTS[finding.fault]} {WHY.get(finding.variant, '')}".strip(),
                    LOOK[finding.variant],
                    f"missed-{finding.fault}",
                    share,
                )
    return None


def _false_alarm(tried: list[Tried], said: str, share: float) -> Report:
    """A report on the first alarm at something that looks wrong, else on the first of all."""
    alarms = [(each, subject, fault) for each in tried for subject, fault in sorted(each.alarms)]
    odd = [(name, *alarm) for name in ODDITIES for alarm in alarms if (alarm[1], name) in alarm[0].deployment.oddities]
    name, each, subject, fault = (odd or [("", *alarm) for alarm in alarms])[0]
    return failed(
        f"{said} A false alarm, for example: `{fault}` at `{_short(subject, each)}`.",
        WHY.get(name, "What is no fault costs the time in which one would be found."),
        LOOK.get(name, "Which condition of yours holds there, and what could somebody do about it?"),
        "false-alarm",
        share,
    )


def _others(tried: list[Tried]) -> str:
    """The kinds that were missed anywhere."""
    kinds = [kind for kind in FAULTS if any(kind == fault for each in tried for _, fault in each.missed)]
    return f"Kinds that were missed somewhere: {', '.join(f'`{kind}`' for kind in kinds)}." if len(kinds) > 1 else ""


def _subjects(deployment: Deployment) -> set[str]:
    entries = deployment.plain["connections"]
    return {"vault", "policy"} | {entry[name] for entry in entries for name in ("conn_id", "login")}


def _short(subject: str, tried: Tried) -> str:
    """The subject without the name of a team that nobody knows."""
    team = tried.deployment.plain["team"]
    return subject.removeprefix(f"{team}_").removesuffix(f"_{team}")


def _count(number: int, what: str) -> str:
    return f"one {what}" if number == 1 else f"{number or 'no'} {what}s"
