"""What these tests need: an engine. They build the image from the base that PYTHON_IMAGE names, or the official one."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT


def _engine() -> str:
    """Why there is none; empty when there is."""
    if not shutil.which("docker"):
        return "docker is not installed"
    asked = subprocess.run(["docker", "compose", "version"], capture_output=True, text=True, check=False, timeout=60)
    if asked.returncode:
        return "docker has no compose"
    asked = subprocess.run(["docker", "version"], capture_output=True, text=True, check=False, timeout=60)
    return (asked.stderr.strip().splitlines() or ["the engine does not answer"])[-1] if asked.returncode else ""


@pytest.fixture(scope="session", autouse=True)
def engine() -> None:
    """Skip where no engine answers; fail where one is required (AIRLOCK_REQUIRE_DOCKER=1)."""
    if why := _engine():
        if os.environ.get("AIRLOCK_REQUIRE_DOCKER"):
            pytest.fail(f"no container engine: {why}")
        pytest.skip(f"no container engine: {why}")


FULL_MARKS = Path(__file__).with_name("full_marks.py").read_text()


def docker(
    *words: str, timeout: float = 600, check: bool = True, said: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run docker in the course's folder, ``said`` on its standard input; fail with its words."""
    done = subprocess.run(
        ["docker", *words],
        cwd=ROOT,
        env={**os.environ, **environment},
        input=said,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
    )
    assert not check or done.returncode == 0, f"docker {' '.join(words)}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done
