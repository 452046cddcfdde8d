"""JupyterLab on the learner's working folder."""

from __future__ import annotations

import os
import sys

import httpx

from airlock import paths
from airlock.lab.ground import Ground
from airlock.lab.ports import LOOPBACK
from airlock.lab.service import Program, Service, Unhealthy


class Jupyter(Service):
    """Where lessons are read. Started by `airlock learn`, not by `airlock up`."""

    name = "jupyter"
    title = "JupyterLab"
    ports = ("jupyter",)

    def program(self, ground: Ground) -> Program:
        work = paths.work_dir()
        command = [
            *(sys.executable, "-m", "jupyterlab", "--no-browser"),
            f"--ServerApp.ip={LOOPBACK}",
            f"--ServerApp.port={ground.ports['jupyter']}",
            "--ServerApp.port_retries=0",
            f"--ServerApp.root_dir={work}",
            "--ServerApp.terminals_enabled=True",
            "--LabApp.news_url=",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        ]
        if os.geteuid() == 0:
            command.append("--allow-root")
        folder = ground.folder("jupyter")
        return Program(
            command=command,
            directory=paths.course_root(),
            environment={
                "JUPYTER_TOKEN": ground.secret("jupyter-token"),
                "JUPYTER_CONFIG_PATH": str(paths.course_root() / "lab-env" / "jupyter"),
                # Its own tabs and settings: those of the user's other JupyterLab stay out, a password among them.
                "JUPYTER_CONFIG_DIR": str(folder / "config"),
                "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
                **kernels(ground),
            },
        )

    def prepare(self, ground: Ground) -> None:
        paths.work_dir().mkdir(parents=True, exist_ok=True)
        ground.folder("jupyter", "runtime")
        ground.folder("jupyter", "airflow")

    def check(self, ground: Ground) -> None:
        try:
            answer = httpx.get(f"{url(ground)}/api", timeout=2, trust_env=False)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise Unhealthy(f"does not answer yet ({type(error).__name__})") from error


def kernels(ground: Ground) -> dict[str, str]:
    """The environment that a server hands to its kernels and terminals."""
    return {
        "AIRLOCK_WORK": str(paths.work_dir()),
        # Airflow's own start-up writes to stderr and to AIRFLOW_HOME; a notebook needs neither.
        "AIRFLOW_HOME": str(ground.folder("jupyter", "airflow")),
        "PYTHONWARNINGS": "ignore",
        "MALLOC_ARENA_MAX": "2",
    }


def url(ground: Ground) -> str:
    """JupyterLab's address, without the token."""
    return f"http://{LOOPBACK}:{ground.ports['jupyter']}"
