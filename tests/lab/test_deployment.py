"""The capstone's deployment: as pure data over many seeds, and in the lab, where every fault is lived off."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airlock import paths
from airlock.course import layout
from airlock.course.source import Role
from airlock.lab import Lab, Seed, View, backend, scattered, shortcuts
from airlock.lab.airflow import AirflowClient
from airlock.lab.deployment import FAULTS, LINKS, Finding, generate, invented, of, rules
from airlock.lab.deployment.ends import POLICIES, RULES, VAULTS
from airlock.lab.deployment.generate import NAMES, SOCKET, STATUS
from airlock.lab.deployment.homes import HOMES
from airlock.lab.deployment.links import BY_TYPE
from airlock.lab.deployment.planted import ROLE, clear, is_planted, plant
from airlock.lab.deployment.raid import ATTACKERS, PROOF, Theft, raid
from airlock.lab.deployment.resolve import resolved
from airlock.lab.deployment.snapshot import same, snapshot
from airlock.lab.deployment.work import working_day
from airlock.lab.postgres import connect_admin
from airlock.lab.provision import close_view, open_view
from airlock.lab.vault_team import administrator, mount

_ID = re.compile(r"""(?:conn_id\((?:\w+, ?)?["']|\{[\w.]*(?:team|prefix)\}_)([a-z]\w*)""")
"""What stands behind the team's name in a connection's id."""

seeds = st.binary(min_size=16, max_size=16).map(lambda drawn: Seed(drawn.hex()))
Audit = Callable[[dict[str, Any]], list[tuple[str, str]]]


@pytest.fixture(scope="module")
def reference() -> Audit:
    """The auditor of the notebook's solution, taken from its only source."""
    [source] = [each for each in layout.read_lesson(6) if each.name == "the-capstone"]
    names: dict[str, Any] = {}
    imports = "from cryptography import x509\nfrom cryptography.hazmat.primitives import hashes\n"
    exec(imports + source.find(Role.ANSWER, "6.8")[0].source, names)
    audit: Audit = names["audit"]
    return audit


def _lessons() -> list[Path]:
    """Every source that stores a connection of a lesson or an exercise: all but the capstone's own."""
    root = paths.course_root()
    folders = (
        root / "solutions",
        root / "exercises",
        root / "lab-env" / "airlock",
        root / "lab-env" / "airflow" / "dags",
    )
    files = [file for folder in folders for file in folder.rglob("*.py")]
    own = ("capstone", "deployment/", "/6.8/", "/6.9/", "/6.10/")
    return [file for file in files if not any(part in file.relative_to(root).as_posix() for part in own)]


class TestAsData:
    @settings(max_examples=200, deadline=None)
    @given(seed=seeds)
    def test_each_has_faults_of_many_kinds_and_things_that_only_look_wrong(self, seed: Seed) -> None:
        made = generate(seed, invented(seed))
        entries = made.plain["connections"]
        assert len({entry["conn_id"] for entry in entries}) == 12
        assert len(made.findings) >= 9
        assert len({finding.fault for finding in made.findings}) >= 9
        assert len(made.oddities) >= 4
        assert len(made.pairs) == len(made.findings), "no subject has the same fault in two forms"
        of_links = [finding.subject for finding in made.findings if finding.fault in LINKS]
        assert len(of_links) == len(set(of_links)), "a link has one fault at most"
        assert json.loads(json.dumps(made.plain)) == made.plain

    @settings(max_examples=200, deadline=None)
    @given(seed=seeds)
    def test_insecure_as_it_is_each_lets_its_clients_in(self, seed: Seed) -> None:
        made = generate(seed, invented(seed))
        lines = [line.split() for line in made.plain["pg_hba"]]
        for entry in made.plain["connections"]:
            mine = [words for words in lines if entry["login"] in words]
            if entry["extra"].get("channel_binding"):
                assert {words[-1] for words in mine} <= {"scram-sha-256", "reject"}, "nothing else can be bound"
            if entry["extra"].get("sslmode") == "disable" and mine:
                assert mine[0][0] == "host", "who comes in clear is let in"

    @settings(max_examples=200, deadline=None)
    @given(seed=seeds)
    def test_the_reference_auditor_is_exact(self, reference: Audit, seed: Seed) -> None:
        made = generate(seed, invented(seed))
        assert set(reference(made.plain)) == made.pairs

    def test_a_seed_gives_one_deployment_and_another_seed_another(self) -> None:
        seed, place = Seed("5" * 32), invented(Seed("5" * 32))
        assert generate(seed, place) == generate(seed, place)
        variants = {
            frozenset((found.fault, found.variant) for found in generate(other, invented(other)).findings)
            for other in (Seed(f"{number:032x}") for number in range(50))
        }
        assert len(variants) == 50

    def test_no_lesson_stores_a_connection_of_the_same_name(self) -> None:
        mine = {*NAMES["postgres"], *NAMES["http"], STATUS, SOCKET}
        written = {name for file in _lessons() for name in _ID.findall(file.read_text())}
        assert {"shop", "watched", "warehouse", "scratch"} < written, "it reads what lessons store"
        assert mine & {*written, *shortcuts.NAMES, *scattered.NAMES} == set()

    def test_every_form_of_every_fault_occurs(self) -> None:
        made = [generate(seed, invented(seed)) for seed in (Seed(f"{number:032x}") for number in range(400))]
        ways = [*(link for links in BY_TYPE.values() for link in links), *HOMES, *RULES, *POLICIES, *VAULTS]
        wanted = {(way.fault, way.name) for way in ways if way.fault}
        assert {fault for fault, _ in wanted} == set(FAULTS) == set(PROOF)
        assert {(found.fault, found.variant) for each in made for found in each.findings} == wanted
        odd = {name for each in made for _, name in each.oddities}
        assert {way.name for way in ways if way.odd} < odd
        assert {attacker for proof in PROOF.values() for attacker in proof} <= set(ATTACKERS)


class TestRules:
    @pytest.mark.parametrize(
        ("lines", "says"),
        [
            (["hostssl all all 0.0.0.0/0 cert"], "knows"),
            (["hostnossl all all 0.0.0.0/0 scram-sha-256"], "no line lets"),
            (["host all all 0.0.0.0/0"], "is no line of pg_hba.conf"),
            (["hostnossl all all 0.0.0.0/0 trust", "host all all 0.0.0.0/0 scram-sha-256"], "cannot ask"),
        ],
    )
    def test_what_the_server_cannot_do_is_said_in_a_sentence(self, lines: list[str], says: str) -> None:
        class Nobody:
            database = "shop"

        with pytest.raises(ValueError, match=says):
            rules.put(Nobody(), lines, ["somebody"])  # type: ignore[arg-type]


def _raided(view: View) -> list[Theft]:
    conn_ids = sorted({entry["conn_id"] for entry in generate(view.seed, of(view)).plain["connections"]})
    day = working_day(view, conn_ids)
    assert day.failed == {}, "a deployment that is insecure works all the same"
    assert len(day.done) == 11
    return raid(view, conn_ids, day)


def _lived_off(finding: Finding, thefts: list[Theft]) -> bool:
    return any(
        (theft.attacker, theft.victim) == (who, finding.subject) for theft in thefts for who in PROOF[finding.fault]
    )


def _covering() -> list[Seed]:
    """A few seeds in whose deployments every form of every fault occurs."""
    wanted: set[tuple[str, str]] | None = None
    chosen: list[Seed] = []
    candidates = [Seed(f"{number:032x}") for number in range(1, 600)]
    forms = {seed: {(f.fault, f.variant) for f in generate(seed, invented(seed)).findings} for seed in candidates}
    wanted = set().union(*forms.values())
    while wanted:
        best = max(candidates, key=lambda seed: len(forms[seed] & wanted))
        wanted -= forms[best]
        chosen.append(best)
    return chosen


@pytest.mark.lab
@pytest.mark.timeout(900)
class TestInTheLab:
    @pytest.mark.parametrize("number", range(4))
    def test_every_form_of_every_fault_is_real(self, lab: Lab, number: int) -> None:
        view = View(lab, _covering()[number])
        open_view(view)
        try:
            made = plant(view)
            assert same(made.plain, snapshot(view)), "what is read back is what was made"
            thefts = _raided(view)
            assert [finding for finding in made.findings if not _lived_off(finding, thefts)] == []
            links = {finding.subject for finding in made.findings}
            others = {theft.victim for theft in thefts} - links
            assert others == set(), "who has no fault gives nothing away"
            assert not [theft for theft in thefts if theft.victim.endswith((STATUS, SOCKET))]
        finally:
            close_view(view)
        assert not is_planted(view)

    def test_four_are_enough_for_all(self) -> None:
        assert len(_covering()) <= 4

    def test_planting_again_breaks_what_was_repaired(self, view: View) -> None:
        made = plant(view)
        administrator(view).sys.create_or_update_policy(f"{view.prefix}-{ROLE}", {"path": {}})
        backend.use(view, None, {})
        assert not same(made.plain, snapshot(view))
        plant(view)
        assert same(made.plain, snapshot(view))
        clear(view)
        assert not is_planted(view)
        assert resolved(view, f"{view.prefix}_{STATUS}") is None

    def test_lessons_run_again_change_nothing_of_it(self, view: View) -> None:
        made = plant(view)
        shortcuts.plant(view)
        for name in scattered.NAMES:
            scattered.plant(name, view)
        assert same(made.plain, snapshot(view))
        plant(view)
        assert set(scattered.copies(view, "orders")) == {"environment", "database", "mount"}
        assert shortcuts.untouched(view)

    def test_planting_again_takes_back_what_the_audit_log_was_told(self, view: View) -> None:
        def told() -> str:
            with connect_admin(lab, lab.airflow.metadata_database) as session:
                return repr(session.execute("select extra from log where extra like %s", [f"%{conn_id}%"]).fetchall())

        lab, conn_id = view.lab, f"{view.prefix}_{NAMES['http'][0]}"
        row = {"connection_id": conn_id, "conn_type": "generic", "description": "a password: sesame"}
        AirflowClient(lab).request("POST", "/api/v2/connections", row)
        assert "sesame" in told()
        plant(view)
        assert "sesame" not in told()

    def test_a_policy_in_hcl_is_read_as_well(self, view: View) -> None:
        plant(view)
        path = f"{mount(view)}/data/connections/*"
        text = f'path "{path}" {{\n  capabilities = ["read"]\n}}\n'
        administrator(view).sys.create_or_update_policy(f"{view.prefix}-{ROLE}", text)
        assert snapshot(view)["policy"] == {"path": {path: {"capabilities": ["read"]}}}

    def test_certificate_files_stay_in_the_teams_folder(self, view: View) -> None:
        made = plant(view)
        assert all(Path(path).parent == Path(of(view).folder) for path in made.plain["files"])
