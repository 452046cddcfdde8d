"""The instructor's container: formgrader on a clone with a gradebook, with its token, and without a lab."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from airlock.lab.ports import is_free
from tests.conftest import ROOT
from tests.containers.conftest import docker
from tests.course.conftest import course, nobody  # noqa: F401 - fixtures
from tests.grading.conftest import Class, find, school  # noqa: F401 - fixtures

pytestmark = [pytest.mark.docker, pytest.mark.timeout(3600)]

PROJECT = "airlock-test-instructor"
OWNER = 1000  # whom docker-compose.yml takes for the clone's owner, where nobody says otherwise
PATIENCE = 120  # seconds until formgrader answers


@dataclass(frozen=True)
class Instructor:
    """The container, on a clone of the test's own."""

    clone: Path
    port: int

    def compose(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run docker compose with the course's file on the clone."""
        who = {} if os.geteuid() == 0 else {"AIRLOCK_INSTRUCTOR": f"{os.getuid()}:{os.getgid()}"}
        there = ("--project-directory", str(self.clone), "-f", str(ROOT / "docker-compose.yml"))
        port = {"AIRLOCK_PORT_INSTRUCTOR": str(self.port)}
        return docker("compose", "-p", PROJECT, *there, "--profile", "instructor", *words, check=check, **port, **who)

    def token(self) -> str:
        """What its log says, once formgrader answers."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            said = re.search(
                rf"http://127\.0\.0\.1:{self.port}/formgrader\?token=(\w+)",
                self.compose("logs", "--no-log-prefix", "instructor").stdout,
            )
            try:
                if said and httpx.get(f"http://127.0.0.1:{self.port}/api", trust_env=False).status_code == 200:
                    return said[1]
            except httpx.HTTPError:
                pass
            time.sleep(0.5)
        raise AssertionError(self.compose("logs").stdout[-4000:])


@pytest.fixture
def instructor(school: Class) -> Iterator[Instructor]:  # noqa: F811
    """It is up, on a clone in which one hand-in was graded."""
    notebook = school.solved()
    find(notebook, "written-9-7").source = "Because it was asked for."
    assert school.grade(notebook).score == 9.0
    (school.root / "nbgrader_config.py").write_text((ROOT / "nbgrader_config.py").read_text())
    (school.root / "a state").rename(school.root / ".airlock")  # where a clone has it
    if os.geteuid() == 0:
        for each in [school.root, *school.root.rglob("*")]:
            os.lchown(each, OWNER, OWNER)
    mine = Instructor(school.root, next(port for port in range(32500, 32600) if is_free(port)))
    docker("compose", "-p", PROJECT, "build", "secrets", timeout=3000)
    try:
        mine.compose("up", "-d", "instructor")
        yield mine
    finally:
        mine.compose("down", "--volumes", check=False)


def test_a_graded_hand_in_is_listed_and_marked_and_there_is_no_lab(instructor: Instructor) -> None:
    address, token = f"http://127.0.0.1:{instructor.port}", instructor.token()
    running = instructor.compose("ps", "--services").stdout.split()
    assert running == ["instructor"], "nothing of the lab came along"
    assert "/login" in httpx.get(f"{address}/formgrader", trust_env=False).headers["location"], "a token is asked for"

    who = {"Authorization": f"token {token}"}
    with httpx.Client(base_url=address, headers=who, trust_env=False, timeout=60, follow_redirects=True) as client:
        assert "nbgrader formgrade" in client.get("/formgrader").text
        [submission] = client.get("/formgrader/api/submissions/lesson-9").json()
        assert (submission["student"], submission["score"], submission["autograded"]) == ("ada", 9.0, True)
        [notebook] = client.get("/formgrader/api/submitted_notebooks/lesson-9/lesson").json()
        assert (notebook["student"], notebook["score"], notebook["needs_manual_grade"]) == ("ada", 9.0, True)
        page = client.get(f"/formgrader/submissions/{notebook['id']}/").text
        assert "Because it was asked for." in page
        assert "[PASSED]" in page
        grades = client.get("/formgrader/api/grades", params={"submission_id": notebook["id"]}).json()
        [written] = [each for each in grades if each["name"] == "written-9-7"]
        assert client.put(f"/formgrader/api/grade/{written['id']}", json={"manual_score": 3}).status_code == 200

        # No hand-in is run here, and the lab's pages are elsewhere.
        asked = client.post("/formgrader/api/submission/lesson-9/ada/autograde").json()
        assert (asked["success"], "not-in-this-container" in asked["log"]) == (False, True), asked
        for path in ("/airflow", "/vault", "/wire", "/server-proxy/servers-info"):
            assert client.get(path).status_code == 404, path
    with sqlite3.connect(instructor.clone / "gradebook.db") as gradebook:
        assert gradebook.execute("select manual_score from grade where manual_score is not null").fetchall() == [(3,)]
    status = instructor.compose("exec", "-T", "instructor", "airlock", "status", check=False)
    assert status.returncode == 3
    assert "To start what is missing" in status.stdout
    assert "healthy" not in status.stdout
