"""What jupyter-server-proxy is told: three entries, which pyproject.toml names in its group of entry points.

Each process listens on a socket file in a folder of its owner's alone, made by jupyter-server-proxy. So there is no
port that another account of the machine could open: the one way in leads through JupyterLab and its token.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

# Seconds. The process answers within two; a busy machine takes its time.
_PATIENCE = 60.0


def airflow() -> dict[str, Any]:
    """The card of Airflow's pages."""
    return _server("airflow", "Airflow")


def vault() -> dict[str, Any]:
    """The card of OpenBao's pages."""
    return _server("vault", "Vault (OpenBao)")


def wire() -> dict[str, Any]:
    """The card of the wire's recordings."""
    return _server("wire", "Wire")


def _server(name: str, title: str) -> dict[str, Any]:
    return {
        "command": [sys.executable, "-m", "airlock.lab.web", name, "{unix_socket}"],
        "unix_socket": True,
        "timeout": _PATIENCE,
        "launcher_entry": {
            "title": title,
            "icon_path": str(Path(__file__).with_name(f"{name}.svg")),
            "category": "Notebook",  # JupyterLab shows pictures of this category's cards only, and shows it first
        },
    }
