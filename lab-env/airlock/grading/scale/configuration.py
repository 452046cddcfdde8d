"""How the Airflow that grades is configured: its settings file, its certificates, and how its commands are run."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from urllib.parse import quote

from airlock import paths
from airlock.grading.scale.client import USER, Client
from airlock.lab.ground import HOST, Ground
from airlock.lab.ports import LOOPBACK
from airlock.lab.service import Program
from airlock.pki import write_secret

DATABASE = "airflow"
"""Of the metadata, and the role that owns it: the names in ``postgres/pg_hba.conf``."""


def component(ground: Ground, *words: str, **more: str) -> Program:
    """One of Airflow's commands. The lab that its tasks grade in is this process's own."""
    return Program(
        command=[sys.executable, "-m", "airlock.lab.component", *words],
        directory=ground.folder("airflow"),
        environment={
            "AIRFLOW_HOME": str(ground.folder("airflow")),
            "AIRLOCK_ROOT": str(paths.course_root()),
            "AIRLOCK_STATE": str(paths.state_dir()),
            "AIRLOCK_WORK": str(paths.work_dir()),
            "PYTHONWARNINGS": "ignore",
            "MALLOC_ARENA_MAX": "2",
            "GUNICORN_CMD_ARGS": "--no-control-socket",  # as in the lab: no socket in the user's home
            **more,
        },
    )


def client_certificate(ground: Ground) -> tuple[Path, Path]:
    """What Airflow shows the broker: certificate and key, made at first need."""
    folder = ground.folder("airflow")
    certificate, key = folder / "client.crt", folder / "client.key"
    if not (certificate.exists() and key.exists()):
        ground.authority.client("airlock grading").write(folder, "client")
    return certificate, key


def write(ground: Ground) -> Path:
    """``airflow.cfg`` with this deployment's ports, certificates and secrets (mode 0600)."""
    home = ground.folder("airflow")
    certificate, key = ground.server_certificate(home, "server")
    client, client_key = client_certificate(ground)
    passwords = write_secret(home / "passwords.json", json.dumps({USER: ground.secret("airflow-admin")}).encode())
    database = (
        f"{DATABASE}:{ground.secret('metadata')}@{HOST}:{ground.ports['postgres']}/{DATABASE}"
        f"?sslmode=verify-full&sslrootcert={quote(str(ground.ca_file), safe='')}"
    )
    values = {
        "dags": paths.course_root() / "lab-env" / "grading" / "dags",
        "fernet_key": ground.key_base64("airflow-fernet"),
        "url": Client(ground).url,
        "user": USER,
        "passwords": passwords,
        "database": database,
        "listen": LOOPBACK,
        "port": ground.ports["airflow-api"],
        "certificate": certificate,
        "key": key,
        "ca": ground.ca_file,
        "api_secret": ground.secret("airflow-api-secret"),
        "jwt_secret": ground.secret("airflow-jwt"),
        "broker": f"{HOST}:{ground.ports['broker']}",
        "broker_password": ground.secret("broker"),
        "client_certificate": client,
        "client_key": client_key,
        "logs": ground.folder("airflow", "logs"),
    }
    escaped = {name: str(value).replace("%", "%%") for name, value in values.items()}
    return ground.render("grading/airflow.cfg", home / "airflow.cfg", **escaped)
