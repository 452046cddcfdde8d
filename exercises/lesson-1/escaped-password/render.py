"""Print connections.env: the connections that this deployment's tasks find in their environment.

The platform sets COURIER_HOST, COURIER_PORT, COURIER_DATABASE, COURIER_USER and COURIER_PASSWORD.
"""

import os
from collections.abc import Mapping


def courier(secrets: Mapping[str, str]) -> str:
    """The value of AIRFLOW_CONN_COURIER."""
    return "postgres://{COURIER_USER}:{COURIER_PASSWORD}@{COURIER_HOST}:{COURIER_PORT}/{COURIER_DATABASE}".format(
        **secrets
    )


if __name__ == "__main__":
    print(f"AIRFLOW_CONN_COURIER={courier(os.environ)}")
