"""The lab as containers, measured: image and layers, cold and warm start, memory of each container.

    uv run --locked python benchmarks/deploy.py

Needs a container engine with Compose; PYTHON_IMAGE names another base. Starts and removes a project of its own.
Times are wall-clock seconds, sizes are in MB, memory is in MiB as the engine counts it: without file pages that it
could drop.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from pathlib import Path

from airlock.lab.ports import is_free

ROOT = Path(__file__).resolve().parents[1]
PROJECT = "airlock-benchmark"
IMAGE = "airlock"
_UNITS = {"B": 1 / 2**20, "KiB": 1 / 1024, "MiB": 1.0, "GiB": 1024.0}
_FREE = (port for port in range(31500, 32500) if is_free(port))
_PORTS = {f"AIRLOCK_PORT_{name}": str(next(_FREE)) for name in ("JUPYTER", "AIRFLOW_API", "OPENBAO")}


def docker(*words: str) -> str:
    """Run docker in the course's folder; what it printed."""
    done = subprocess.run(
        ["docker", *words], cwd=ROOT, env=os.environ | _PORTS, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


def compose(*words: str) -> float:
    """Run docker compose on the project of this benchmark; how many seconds it took."""
    begin = time.monotonic()
    docker("compose", "--progress", "quiet", "-p", PROJECT, *words)
    return time.monotonic() - begin


def layers() -> list[tuple[float, str]]:
    """Size in MB and instruction of each layer that has one."""
    lines = docker(
        "history", "--no-trunc", "--human=false", "--format", "{{.Size}}\t{{.CreatedBy}}", IMAGE
    ).splitlines()
    sized = [(int(size) / 1e6, made) for size, made in (line.split("\t", 1) for line in lines)]
    return [(size, made) for size, made in sized if size >= 0.1]


def memory() -> dict[str, float]:
    """MiB of each running container of the project."""
    names = docker("compose", "-p", PROJECT, "ps", "--quiet").split()
    lines = docker("stats", "--no-stream", "--format", "json", *names).splitlines()
    return {row["Name"].removeprefix(f"{PROJECT}-"): _mib(row["MemUsage"]) for row in map(json.loads, lines)}


def _mib(usage: str) -> float:
    used = re.match(r"([\d.]+)([KMG]?i?B)", usage)
    assert used, usage
    return float(used[1]) * _UNITS[used[2]]


def main() -> None:
    """Measure and print."""
    compose("down", "--volumes")
    built = compose("build")
    size = int(json.loads(docker("image", "inspect", IMAGE))[0]["Size"]) / 1e6
    print(f"image {size:.0f} MB (build, or look into the cache: {built:.0f} s)")
    for megabytes, made in layers():
        print(f"  {megabytes:7.1f}  {made[:90]}")
    try:
        cold = compose("up", "--wait")
        time.sleep(15)
        rows = memory()
        compose("down")
        warm = compose("up", "--wait")
    finally:
        compose("down", "--volumes")
    print(f"\nup --wait, from nothing       {cold:6.1f} s")
    print(f"up --wait, volumes kept       {warm:6.1f} s")
    print(f"\nmemory, MiB                   {sum(rows.values()):6.0f}")
    for name, used in sorted(rows.items(), key=lambda row: -row[1]):
        print(f"  {name:28}{used:6.0f}")


if __name__ == "__main__":
    main()
