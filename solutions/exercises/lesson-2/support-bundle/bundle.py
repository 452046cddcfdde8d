"""Read connections as `airflow connections export` writes them, and print them without their secrets.

Usage: python bundle.py < connections.json
"""

import json
import sys
from urllib.parse import urlsplit


def harmless(connection: dict) -> dict:
    """The connection as it may leave the house: what the desk needs, and nothing else."""
    return {
        "conn_type": connection.get("conn_type"),
        "host": machine(connection.get("host") or ""),
        "port": connection.get("port"),
        "extras": len(connection.get("extra") or {}),
    }


def machine(host: str) -> str:
    """The name alone: a host field may hold a whole URL, credentials included."""
    return (urlsplit(host if "://" in host else f"//{host}").hostname) or ""


if __name__ == "__main__":
    connections = json.load(sys.stdin)
    print(json.dumps({conn_id: harmless(each) for conn_id, each in connections.items()}, indent=1))
