"""Print connections.env: the connections that this deployment's tasks find in their environment.

The platform sets COURIER_HOST, COURIER_PORT, COURIER_DATABASE, COURIER_USER and COURIER_PASSWORD.
"""

import os
from collections.abc import Mapping
from urllib.parse import quote


def courier(secrets: Mapping[str, str]) -> str:
    """The value of AIRFLOW_CONN_COURIER."""
    # Every part by itself, and no character excepted: `quote` leaves `/` alone unless told otherwise.
    part = {name: quote(value, safe="") for name, value in secrets.items() if name.startswith("COURIER_")}
    return "postgres://{COURIER_USER}:{COURIER_PASSWORD}@{COURIER_HOST}:{COURIER_PORT}/{COURIER_DATABASE}".format(
        **part
    )


if __name__ == "__main__":
    print(f"AIRFLOW_CONN_COURIER={courier(os.environ)}")
