"""What every DAG of the lab does first: load its team's environment.

In production a task's environment comes from outside it: a pod's spec, systemd's ``EnvironmentFile=``, a
container's ``env_file``. Here several teams share one Airflow, so each task loads the file of its own team.
"""

import os
from pathlib import Path

ENVIRONMENTS = Path(os.environ["AIRFLOW_HOME"]) / "environments"


def load_environment(team: str) -> None:
    """Put the ``NAME=value`` lines of ``<team>.env`` into this task's process, and nowhere else."""
    if not team.isalnum():
        raise ValueError(f"conf['team'] is the name of a team, letters and digits only, not {team!r}")
    file = ENVIRONMENTS / f"{team}.env"
    if not file.exists():
        return
    for line in file.read_text().splitlines():
        name, separator, value = line.partition("=")
        if separator and not name.startswith("#"):
            os.environ[name] = value
