"""The lab as containers: built, brought up, two lessons held to their whole contract in it, and taken away."""

from __future__ import annotations

import json
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from airlock.lab.ports import is_free
from tests.containers.conftest import FULL_MARKS, docker

pytestmark = [pytest.mark.docker, pytest.mark.timeout(3600)]

PROJECT = "airlock-test"
RUNNING = {"door", "postgres", "vault", "aws", "billing", "wire", "airflow", "jupyter"}


@dataclass(frozen=True)
class Containers:
    """A lab of the tests' own, beside a developer's."""

    ports: dict[str, int]

    def compose(
        self, *words: str, timeout: float = 600, check: bool = True, said: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run docker compose on it."""
        environment = {f"AIRLOCK_PORT_{name}": str(port) for name, port in self.ports.items()}
        return docker("compose", "-p", PROJECT, *words, timeout=timeout, check=check, said=said, **environment)

    def inspected(self) -> list[dict]:
        """What the engine knows of each container."""
        return json.loads(docker("inspect", *self.compose("ps", "--all", "--quiet").stdout.split()).stdout)


@pytest.fixture(scope="module")
def containers() -> Iterator[Containers]:
    free = (port for port in range(31500, 32500) if is_free(port))
    mine = Containers({name: next(free) for name in ("JUPYTER", "AIRFLOW_API", "OPENBAO")})
    mine.compose("down", "--volumes")
    mine.compose("build", timeout=3000)
    try:
        up = mine.compose("up", "--wait", timeout=900, check=False)
        logs = mine.compose("logs", "--tail", "40").stdout if up.returncode else ""
        assert up.returncode == 0, up.stderr[-2000:] + logs[-6000:]
        yield mine
    finally:
        mine.compose("down", "--volumes", check=False)


def test_every_container_is_healthy_and_the_one_shot_is_done(containers: Containers) -> None:
    lines = containers.compose("ps", "--all", "--format", "json").stdout.splitlines()
    rows = {row["Service"]: row for row in map(json.loads, lines)}
    assert rows.keys() == RUNNING | {"secrets"}
    assert (rows["secrets"]["State"], rows["secrets"]["ExitCode"]) == ("exited", 0)
    assert {name for name in RUNNING if rows[name]["State"] == "running"} == RUNNING
    assert {name for name in RUNNING if rows[name]["Health"] == "healthy"} == RUNNING - {"door"}


def test_formgrader_is_for_who_asks_for_it(containers: Containers) -> None:
    assert "instructor" not in containers.compose("config", "--services").stdout.split()
    asked = containers.compose("--profile", "instructor", "config", "--format", "json").stdout
    instructor = json.loads(asked)["services"]["instructor"]
    assert [port["host_ip"] for port in instructor["ports"]] == ["127.0.0.1"]
    assert instructor["cap_drop"] == ["ALL"]
    assert {mount["type"] for mount in instructor["volumes"]} == {"bind"}  # the clone, and nothing of the lab's


def test_the_learner_s_jupyterlab_has_the_cards_and_no_formgrader(containers: Containers) -> None:
    token = containers.compose("exec", "-T", "jupyter", "cat", ".airlock/secrets/jupyter-token").stdout
    with httpx.Client(
        base_url=f"http://localhost:{containers.ports['JUPYTER']}",
        headers={"Authorization": f"token {token}"},
        trust_env=False,
        timeout=120,
    ) as jupyter:
        assert jupyter.get("/formgrader").status_code == 404
        assert jupyter.get("/airflow/api/v2/dags").json()["total_entries"] > 0
        assert "airflow/" in jupyter.get("/vault/v1/sys/mounts").json()["data"]
        assert "What the wire has recorded" in jupyter.get("/wire/").text


def test_the_lab_s_own_eye_sees_all_services_from_inside_one(containers: Containers) -> None:
    seen = containers.compose("exec", "-T", "jupyter", "airlock", "status")
    assert seen.stdout.count("healthy") == 8  # seven services and JupyterLab
    assert "stopped" not in seen.stdout


def test_no_container_has_rights_that_it_does_not_need(containers: Containers) -> None:
    for each in containers.inspected():
        host = each["HostConfig"]
        assert host["CapDrop"] == ["ALL"], each["Name"]
        assert "no-new-privileges:true" in host["SecurityOpt"]
        assert host["Init"] is True
        assert each["Config"]["User"] == "1000:1000"
        assert not [mount for mount in each["Mounts"] if mount["Type"] == "bind"]
    status = containers.compose("exec", "-T", "jupyter", "cat", "/proc/1/status").stdout
    assert "CapEff:\t0000000000000000" in status
    assert "CapBnd:\t0000000000000000" in status


def test_only_the_web_pages_are_published_and_on_loopback(containers: Containers) -> None:
    published = [
        (where["HostIp"], int(where["HostPort"]))
        for each in containers.inspected()
        for places in (each["NetworkSettings"]["Ports"] or {}).values()
        for where in places or ()
    ]
    assert sorted(published) == sorted(("127.0.0.1", port) for port in containers.ports.values())


def test_a_browser_gets_in_and_the_lab_s_authority_vouches_for_what_it_sees(containers: Containers) -> None:
    jupyter, airflow, vault = (containers.ports[name] for name in ("JUPYTER", "AIRFLOW_API", "OPENBAO"))
    assert httpx.get(f"http://localhost:{jupyter}/api", trust_env=False).status_code == 200
    assert httpx.get(f"http://localhost:{jupyter}/lab", trust_env=False).status_code == 302  # a token is asked for
    authority = containers.compose("exec", "-T", "jupyter", "cat", ".airlock/pki/ca.crt").stdout
    trust = ssl.create_default_context(cadata=authority)
    health = httpx.get(f"https://localhost:{airflow}/api/v2/monitor/health", verify=trust, trust_env=False).json()
    assert health["scheduler"]["status"] == "healthy"
    assert (
        httpx.get(f"https://localhost:{vault}/v1/sys/health", verify=trust, trust_env=False).json()["sealed"] is False
    )
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(f"https://localhost:{airflow}/", trust_env=False)


def test_their_network_has_no_way_out(containers: Containers) -> None:
    """Asked of the engine: a test sends nothing to an address outside this machine."""
    names = {name for each in containers.inspected() for name in each["NetworkSettings"]["Networks"]}
    assert names
    # "none", the one-shot's, has no link at all.
    mine = [
        each for each in json.loads(docker("network", "inspect", *sorted(names)).stdout) if each["Driver"] != "null"
    ]
    assert [each["Driver"] for each in mine] == ["bridge"]
    for network in mine:
        assert network["Options"]["com.docker.network.bridge.enable_ip_masquerade"] == "false", network["Name"]


@pytest.mark.parametrize("lesson", [1, 5])
def test_a_lesson_s_reference_answers_get_full_marks(containers: Containers, lesson: int) -> None:
    done = containers.compose(
        *("exec", "-T", "jupyter", "python3", "-", str(lesson)), said=FULL_MARKS, timeout=1800, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert "full marks" in done.stdout


@pytest.mark.contract
@pytest.mark.parametrize("lesson", [1, 5])
def test_a_lesson_keeps_its_contract(containers: Containers, lesson: int) -> None:
    """Reference answers get full marks, twice; other right ones too; wrong ones do not: all in the containers."""
    held = containers.compose(
        "exec", "-T", "jupyter", "airlock", "verify", "--lesson", str(lesson), timeout=2400, check=False
    )
    assert held.returncode == 0, held.stdout[-6000:] + held.stderr[-2000:]
    assert "runs again, with full marks" in held.stdout
    assert "The contract holds" in held.stdout


def test_up_again_changes_nothing(containers: Containers) -> None:
    before = {each["Name"]: each["Id"] for each in containers.inspected() if "secrets" not in each["Name"]}
    containers.compose("up", "--wait", timeout=600)
    after = {each["Name"]: each["Id"] for each in containers.inspected() if "secrets" not in each["Name"]}
    assert after == before


def test_down_with_its_volumes_leaves_nothing(containers: Containers) -> None:
    containers.compose("down", "--volumes")
    mine = f"label=com.docker.compose.project={PROJECT}"
    for kind in (["ps", "--all"], ["volume", "ls"], ["network", "ls"]):
        assert docker(*kind, "--quiet", "--filter", mine).stdout == ""
