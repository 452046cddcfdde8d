"""A team's way to the AWS Secrets Manager API: a client, and what Airflow's backend has to be told.

The server is moto's. It keeps secrets as AWS does and takes any access key: it can enforce IAM policies, but asks every
one of them about the resource ``*``, so that the smallest policy, which names a resource, would be refused.
"""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from airlock.lab.description import LabDown
from airlock.lab.view import View


def arguments(view: View) -> dict[str, str]:
    """What a client needs to reach the API as this team: `backend_kwargs` of Airflow's SecretsManagerBackend."""
    lab = view.lab
    return {
        "endpoint_url": lab.aws.url,
        "region_name": lab.aws.region,
        "verify": lab.ca_file,
        "aws_access_key_id": f"AKIA{view.prefix.upper()}",
        "aws_secret_access_key": view.seed.password("aws"),
    }


def client(view: View, service: str = "secretsmanager") -> Any:
    """A boto3 client over verified TLS. Its calls raise `LabDown` when the server does not answer."""
    # One try: this server is on the same machine. No proxy of the user's shell.
    settings = Config(retries={"total_max_attempts": 1}, connect_timeout=5, proxies={})
    made = boto3.client(service, config=settings, **arguments(view))
    made.meta.events.register("after-call-error", _down)
    return made


def clear(view: View) -> None:
    """Delete the secrets whose name has the team's name in it, at once. Raises `LabDown`."""
    made = client(view)
    for page in made.get_paginator("list_secrets").paginate(IncludePlannedDeletion=True):
        for entry in page["SecretList"]:
            if view.prefix in entry["Name"]:
                made.delete_secret(SecretId=entry["ARN"], ForceDeleteWithoutRecovery=True)


def _down(exception: Exception, **_: object) -> None:
    if isinstance(exception, BotoCoreError):
        raise LabDown(f"The AWS Secrets Manager API does not answer: {exception}") from None
