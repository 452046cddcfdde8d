"""Run a learner's script as a deployment would: in a process of its own, with the environment it is given."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_MINUTE = 60


@dataclass(frozen=True)
class Ran:
    """What became of a script.

    Attributes:
        output, errors: what it wrote to standard output and standard error.
        trouble: why it did not end well, as the end of a sentence about the script; empty when it did.
    """

    output: str = ""
    errors: str = ""
    trouble: str = ""


def run(script: Path, *words: str, given: Mapping[str, str] | None = None, text: str = "") -> Ran:
    """Run ``script`` with the arguments ``words``; ``given`` is its environment, ``text`` its standard input."""
    try:
        done = subprocess.run(
            command(script, *words),
            input=text,
            env=surroundings(given or {}),
            capture_output=True,
            text=True,
            timeout=_MINUTE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Ran(trouble="was still running after a minute")
    last = (done.stderr.strip().splitlines() or ["no message"])[-1]
    trouble = f"ended with an error: {last[:200]}" if done.returncode else ""
    return Ran(done.stdout, done.stderr, trouble)


def command(script: Path, *words: str) -> list[str]:
    """The command line that runs ``script`` with this Python."""
    return [sys.executable, "-W", "ignore", str(script), *words]


def surroundings(given: Mapping[str, str]) -> dict[str, str]:
    """``given`` and what every process needs; nothing else of this process's environment."""
    return {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ} | dict(given)
