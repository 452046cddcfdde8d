"""A JupyterLab that somebody else has started (Binder, JupyterHub): this extension of its server brings the lab up.

The image turns it on (lab-env/hosted/). The page is there within seconds, and the lab comes up beside it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

from airlock.cli.learn import copies
from airlock.lab.ground import Ground
from airlock.lab.services.jupyter import kernels
from airlock.lab.view import learner_seed


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]


def _load_jupyter_server_extension(server: Any) -> None:
    """Lay the learner's copies out, and start the lab without waiting for it."""
    ground = Ground.prepare()
    os.environ |= kernels(ground)  # what this process starts, terminals and kernels, inherits it
    copies(learner_seed(ground.state))
    log = ground.log("up")
    with log.open("w") as said:
        subprocess.Popen(
            [sys.executable, "-m", "airlock.cli", "up"],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server.log.info("The lab is coming up; %s says how far it is.", log)
