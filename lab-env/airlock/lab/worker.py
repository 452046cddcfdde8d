"""Ask an Execution API for one connection, as a worker does for its task: ``worker <address> <conn_id> <task>``.

A process of its own, for its settings are Airflow's: whom to trust, and what signs the task's token.
"""

from __future__ import annotations

import sys


def main(address: str, conn_id: str, task: str) -> None:
    """``task`` is the id of a task instance; the token is made for it as the API server makes it when a task begins."""
    from airflow.api_fastapi.auth.tokens import JWTGenerator, get_signing_args
    from airflow.configuration import conf
    from airflow.sdk.api.client import Client

    signer = JWTGenerator(
        valid_for=conf.getint("execution_api", "jwt_expiration_time"),
        audience=conf.get_mandatory_list_value("execution_api", "jwt_audience")[0],
        issuer=conf.get("api_auth", "jwt_issuer", fallback=None),
        **get_signing_args(make_secret_key_if_needed=False),
    )
    token = signer.generate(extras={"sub": task, "scope": "execution"})
    answer = Client(base_url=address, token=token).connections.get(conn_id)
    if reason := getattr(answer, "error", None):
        sys.exit(str(getattr(reason, "value", reason)))


if __name__ == "__main__":
    main(*sys.argv[1:])
