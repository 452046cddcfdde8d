"""One container as Binder runs it: uid 1000, no capability, 2 GB, one CPU, no network; and a whole lesson in it."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator

import pytest

from tests.containers.conftest import FULL_MARKS, docker

pytestmark = [pytest.mark.docker, pytest.mark.timeout(5400)]

NAME = "airlock-binder-test"
BASE, TOKEN = "/user/somebody/", "a-token-of-binder-s"


def inside(*words: str, timeout: float = 600, check: bool = True, said: str = "") -> subprocess.CompletedProcess[str]:
    """Run something in the container."""
    return docker("exec", "--interactive", NAME, *words, timeout=timeout, check=check, said=said)


def page(path: str) -> int:
    """The status of a page of the server, asked from inside: there is no network to come from."""
    program = f"import httpx; print(httpx.get('http://127.0.0.1:8888{BASE}{path}', follow_redirects=True).status_code)"
    asked = inside("python3", "-c", program, check=False)
    return int(asked.stdout) if asked.returncode == 0 else 0


def cgroup(v2: str, v1: str) -> list[str]:
    """The file of this container's memory accounts, whichever version of cgroups the engine's machine has."""
    there = inside("test", "-e", "/sys/fs/cgroup/cgroup.controllers", check=False).returncode == 0
    return [f"/sys/fs/cgroup/{v2 if there else v1}"]


def within(seconds: float, question: Callable[[], bool]) -> float:
    """Seconds until it is so; fails when it takes longer."""
    begin = time.monotonic()
    while not question():
        assert time.monotonic() - begin < seconds, docker("logs", "--tail", "30", NAME).stderr
        time.sleep(1)
    return time.monotonic() - begin


@pytest.fixture(scope="module")
def binder() -> Iterator[None]:
    docker("compose", "build", timeout=3000)
    docker("rm", "--force", NAME, check=False)
    limits = ["--memory=2g", "--memory-swap=2g", "--cpus=1", "--cap-drop=ALL", "--security-opt=no-new-privileges"]
    server = ["jupyter", "lab", "--ip=0.0.0.0", "--port=8888", f"--ServerApp.base_url={BASE}"]
    docker(
        *("run", "--detach", "--name", NAME, "--user=1000", "--network=none", *limits, "airlock"),
        *(*server, f"--IdentityProvider.token={TOKEN}"),
    )
    yield
    docker("rm", "--force", NAME)


@pytest.mark.usefixtures("binder")
def test_the_page_is_there_before_the_lab_and_the_lab_comes_by_itself() -> None:
    within(60, lambda: page(f"lab/tree/start.ipynb?token={TOKEN}") == 200)
    assert page("api/contents") == 403  # without the token that came as an argument
    listed = inside("python3", "-c", "import os; print(os.listdir('/home/learner/work'))").stdout
    assert "start.ipynb" in listed
    assert "lesson-5" in listed
    # Asked of the log: to ask the services takes a second of the one CPU that they have to start on.
    within(300, lambda: "airflow-scheduler: ready" in inside("cat", ".airlock/logs/up.log").stdout)
    assert inside("airlock", "status").stdout.count("healthy") == 7  # what it calls JupyterLab is not running here


@pytest.mark.usefixtures("binder")
def test_lesson_5_gets_full_marks_and_memory_suffices() -> None:
    done = inside("python3", "-", "5", said=FULL_MARKS, timeout=3600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert "full marks" in done.stdout
    events = inside("cat", *cgroup("memory.events", "memory/memory.oom_control")).stdout
    assert dict(line.split() for line in events.splitlines())["oom_kill"] == "0"
    peak = int(inside("cat", *cgroup("memory.peak", "memory/memory.max_usage_in_bytes")).stdout)
    print(f"peak of the container's memory, file pages counted: {peak / 2**20:.0f} MiB")
    state = json.loads(docker("inspect", NAME).stdout)[0]["State"]
    assert (state["Running"], state["OOMKilled"]) == (True, False)
