"""Print connections.env: the connections that this deployment's tasks find in their environment.

The platform sets COURIER_HOST, COURIER_PORT, COURIER_DATABASE, COURIER_USER and COURIER_PASSWORD.
"""

import json
import os
from collections.abc import Mapping


def courier(secrets: Mapping[str, str]) -> str:
    """The value of AIRFLOW_CONN_COURIER."""
    return json.dumps(
        {
            "conn_type": "postgres",
            "host": secrets["COURIER_HOST"],
            "port": int(secrets["COURIER_PORT"]),
            "schema": secrets["COURIER_DATABASE"],
            "login": secrets["COURIER_USER"],
            "password": secrets["COURIER_PASSWORD"],
        }
    )


if __name__ == "__main__":
    print(f"AIRFLOW_CONN_COURIER={courier(os.environ)}")
