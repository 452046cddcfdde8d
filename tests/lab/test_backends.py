"""A team's own secrets backend and its own part of OpenBao, asked of the running services."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import hvac
import hvac.exceptions
import pytest

from airlock.lab import Lab, LabDown, Seed, View, aws, backend, environment, outage, vault_team
from airlock.lab.airflow import AirflowClient
from airlock.lab.audit import audit
from airlock.lab.ground import Ground
from airlock.lab.provision import close_view, open_view
from airlock.lab.services.openbao import OpenBao
from airlock.lab.supervisor import Supervisor
from airlock.lab.vault import client, root

pytestmark = pytest.mark.lab


def host_in_a_task(view: View, conn_id: str) -> object:
    airflow = AirflowClient(view.lab)
    run = airflow.run_dag("which_home", {"conn_id": conn_id, "team": view.prefix})
    return airflow.xcom("which_home", run.run_id, "look_up")


NOTHING = 'path "nothing" { capabilities = ["read"] }'


def role(view: View, policy: str) -> dict[str, str]:
    """An AppRole of the team's with this policy, as a backend's arguments."""
    admin, name = vault_team.administrator(view), f"{view.prefix}-dag"
    admin.sys.create_or_update_policy(name, policy)
    approle = admin.auth.approle
    approle.create_or_update_approle(name, token_policies=[name], token_ttl="10m")
    role_id, secret_id = approle.read_role_id(name)["data"], approle.generate_secret_id(name)["data"]
    return {"role_id": role_id["role_id"], "secret_id": secret_id["secret_id"]}


def vault_arguments(view: View, **more: Any) -> dict[str, Any]:
    mount = vault_team.mount(view)
    policy = f'path "{mount}/data/connections/*" {{ capabilities = ["read"] }}'
    where = {"url": view.lab.vault.url, "verify": view.lab.ca_file, "mount_point": mount}
    return {**where, "auth_type": "approle", **role(view, policy), **more}


def put(view: View, conn_id: str, fields: dict[str, str]) -> None:
    kv = vault_team.administrator(view).secrets.kv.v2
    kv.create_or_update_secret(f"connections/{conn_id}", fields, mount_point=vault_team.mount(view))


def test_a_team_s_tasks_ask_its_own_vault_at_once_and_stop_when_told(view: View) -> None:
    conn_id = f"{view.prefix}_moved"
    environment.set_connection(view, conn_id, '{"conn_type": "generic", "host": "environment"}')
    put(view, conn_id, {"conn_type": "generic", "host": "team-vault"})
    backend.use(view, "vault", vault_arguments(view))
    assert host_in_a_task(view, conn_id) == "team-vault"
    assert set(backend.settings(view)) == {"AIRFLOW__SECRETS__BACKEND", "AIRFLOW__SECRETS__BACKEND_KWARGS"}
    backend.use(view, None, {})
    assert backend.settings(view) == {}
    assert host_in_a_task(view, conn_id) == "environment"


def test_a_backend_s_arguments_are_plain(view: View) -> None:
    with pytest.raises(ValueError, match="'vault' and 'aws'"):
        backend.use(view, "keychain", {})
    with pytest.raises(ValueError, match="JSON"):
        backend.use(view, "vault", {"url": object()})


def test_the_team_s_administrator_manages_the_team_s_part_and_nothing_else(lab: Lab, view: View) -> None:
    admin, other = vault_team.administrator(view), View(lab, Seed.random())
    put(view, "mine", {"a": "b"})
    role(view, NOTHING)
    open_view(other)
    try:
        forbidden: list[Callable[[], object]] = [
            lambda: admin.secrets.kv.v2.list_secrets("connections", mount_point=other.prefix),
            lambda: admin.secrets.kv.v2.read_configuration(mount_point=lab.vault.mount),
            lambda: admin.sys.create_or_update_policy(f"{other.prefix}-dag", NOTHING),
            lambda: admin.sys.create_or_update_policy("airflow", NOTHING),
            lambda: admin.auth.approle.read_role("airflow"),
            admin.sys.seal,
            admin.sys.list_mounted_secrets_engines,
        ]
        for attempt in forbidden:
            with pytest.raises(hvac.exceptions.Forbidden):
                attempt()
    finally:
        close_view(other)


def test_a_team_leaves_nothing_behind_in_openbao(lab: Lab) -> None:
    view = View(lab, Seed.random())
    open_view(view)
    admin = vault_team.administrator(view)
    put(view, "x", {"a": "b"})
    role(view, NOTHING)
    close_view(view)
    server = root(lab)
    assert f"{view.prefix}/" not in server.sys.list_mounted_secrets_engines()
    assert not [name for name in server.sys.list_policies()["data"]["policies"] if view.prefix in name]
    assert not [name for name in server.auth.approle.list_roles()["data"]["keys"] if view.prefix in name]
    with pytest.raises(hvac.exceptions.Forbidden):
        admin.auth.approle.list_roles()


def test_a_server_that_is_not_there_is_told_in_one_line(lab: Lab) -> None:
    nowhere = dataclasses.replace(lab, vault=dataclasses.replace(lab.vault, url="https://localhost:9"))
    with pytest.raises(LabDown, match="OpenBao does not answer on https://localhost:9") as told:
        client(nowhere).sys.is_sealed()
    assert told.value.remedy == "./airlock up"


def test_aws_secrets_manager_is_a_team_s_backend_too(view: View) -> None:
    conn_id, prefix = f"{view.prefix}_cloud", f"{view.prefix}/connections"
    secret = '{"conn_type": "generic", "host": "aws", "password": "in-the-cloud"}'
    aws.client(view).create_secret(Name=f"{prefix}/{conn_id}", SecretString=secret)
    backend.use(view, "aws", {**aws.arguments(view), "connections_prefix": prefix})
    assert host_in_a_task(view, conn_id) == "aws"
    aws.clear(view)
    assert aws.client(view).list_secrets(Filters=[{"Key": "name", "Values": [view.prefix]}])["SecretList"] == []


def test_aws_that_is_not_there_is_told_in_one_line(view: View) -> None:
    nowhere = dataclasses.replace(view.lab, aws=dataclasses.replace(view.lab.aws, url="https://localhost:9"))
    with pytest.raises(LabDown, match="AWS Secrets Manager API does not answer"):
        aws.client(View(nowhere, view.seed)).list_secrets()


def test_the_audit_log_tells_a_refusal_from_a_wrong_path_and_from_a_wrong_secret(view: View) -> None:
    mount, since = vault_team.mount(view), time.time()
    arguments = vault_arguments(view)
    task = client(view.lab)
    task.auth.approle.login(arguments["role_id"], arguments["secret_id"])
    read = task.secrets.kv.v2.read_secret_version
    with pytest.raises(hvac.exceptions.InvalidPath):
        read("connections/nobody", mount_point=mount, raise_on_deleted_version=True)
    with pytest.raises(hvac.exceptions.Forbidden):
        read("elsewhere/nobody", mount_point=mount, raise_on_deleted_version=True)
    with pytest.raises(hvac.exceptions.InvalidRequest):
        task.auth.approle.login(arguments["role_id"], "not the secret id")
    seen = [each for each in audit(view, since) if f"{view.prefix}-admin" not in each.policies]
    assert [(each.path, each.found, each.error) for each in seen] == [
        ("auth/approle/login", False, None),
        (f"{mount}/data/connections/nobody", False, None),
        (f"{mount}/data/elsewhere/nobody", False, "1 error occurred: * permission denied"),
        ("auth/approle/login", False, "invalid credentials"),
    ]
    assert [each.role for each in seen] == [f"{view.prefix}-dag"] * 3 + [None]


@pytest.mark.parametrize("outage", [outage.sealed, outage.stopped])
def test_without_its_vault_a_task_takes_the_next_home_and_the_lab_says_why(
    view: View, outage: Callable[[Lab], AbstractContextManager[None]]
) -> None:
    conn_id = f"{view.prefix}_both"
    put(view, conn_id, {"conn_type": "generic", "host": "vault"})
    environment.set_connection(view, conn_id, '{"conn_type": "generic", "host": "stale copy"}')
    backend.use(view, "vault", vault_arguments(view))
    ground = Ground(Path(view.lab.state))
    with outage(view.lab):
        # Left like this by a killed kernel, it is begun anew by the next `up`.
        assert OpenBao().spoiled(ground) or not Supervisor(ground).state("openbao").running
        assert host_in_a_task(view, conn_id) == "stale copy"
        with pytest.raises(LabDown, match=r"OpenBao (is sealed|does not answer)"):
            put(view, conn_id, {})
    assert not OpenBao().spoiled(ground)
    assert host_in_a_task(view, conn_id) == "vault"
