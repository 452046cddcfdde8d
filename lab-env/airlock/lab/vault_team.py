"""A team's own part of OpenBao: a KV version 2 mount, and an administrator for what bears the team's name.

Vault's own means only, no namespaces: a mount ``<team>``; further mounts, policies and AppRoles ``<team>-…``. Who may
write a policy could write himself every right; this administrator keeps honest people out of each other's way, no
more.
"""

from __future__ import annotations

import hvac
import hvac.exceptions

from airlock.lab.vault import client, mount_kv, root
from airlock.lab.view import View

_RIGHTS = """
path "{team}/*" {{ capabilities = ["create", "read", "update", "patch", "delete", "list"] }}
path "{team}-*" {{ capabilities = ["create", "read", "update", "patch", "delete", "list"] }}
path "sys/mounts/{team}-*" {{ capabilities = ["create", "read", "update", "delete"] }}
path "sys/leases/lookup/{team}-*" {{ capabilities = ["list", "sudo"] }}
path "sys/leases/renew" {{ capabilities = ["update"] }}
path "sys/leases/revoke" {{ capabilities = ["update"] }}
path "sys/policies/acl/{team}-*" {{ capabilities = ["create", "read", "update", "delete"] }}
path "sys/policy/{team}-*" {{ capabilities = ["create", "read", "update", "delete"] }}
path "auth/approle/role/{team}-*" {{ capabilities = ["create", "read", "update", "delete", "list"] }}
"""
# Long enough for a lesson that is left for lunch; the policy behind it goes with the view.
_LIFETIME = "12h"


def open_team(view: View) -> None:
    """Make the mount and the administrator's policy. Keeps what is there already.

    Raises:
        LabDown: OpenBao does not answer or is sealed.
    """
    server = root(view.lab)
    sys = server.sys
    if f"{mount(view)}/" not in sys.list_mounted_secrets_engines():
        mount_kv(server, mount(view))
    sys.create_or_update_policy(_administrator(view), _RIGHTS.format(team=view.prefix))


def close_team(view: View) -> None:
    """Take away the mounts with everything in them, and the team's policies and AppRoles.

    What a lease stands for goes with the service that it is in, which may be gone already: nobody is asked.

    Raises:
        LabDown: OpenBao does not answer or is sealed.
    """
    server = root(view.lab)
    for path in server.sys.list_mounted_secrets_engines()["data"]:
        if path == f"{mount(view)}/" or path.startswith(f"{view.prefix}-"):
            server.sys.revoke_force(path)
            server.sys.disable_secrets_engine(path)
    try:
        roles = server.auth.approle.list_roles()["data"]["keys"]
    except hvac.exceptions.InvalidPath:
        roles = []
    for role in roles:
        if role.startswith(f"{view.prefix}-"):
            server.auth.approle.delete_role(role)
    for policy in server.sys.list_policies()["data"]["policies"]:
        if policy.startswith(f"{view.prefix}-"):
            server.sys.delete_policy(policy)


def mount(view: View) -> str:
    """The name of the team's mount."""
    return view.prefix


def administrator(view: View) -> hvac.Client:
    """A client whose token may manage the team's mount, policies and AppRoles, and nothing else.

    Raises:
        LabDown: OpenBao does not answer or is sealed.
    """
    answer = root(view.lab).auth.token.create(
        policies=[_administrator(view)], ttl=_LIFETIME, no_parent=True, display_name=view.prefix
    )
    return client(view.lab, answer["auth"]["client_token"])


def ensure_engine(admin: hvac.Client, kind: str, path: str, **config: str) -> None:
    """Mount a secrets engine at ``path``, which begins with the team's name, unless it is there already."""
    try:
        admin.sys.enable_secrets_engine(kind, path=path, config=config)
    except hvac.exceptions.InvalidRequest as refused:
        if "path is already in use" not in str(refused):
            raise


def _administrator(view: View) -> str:
    return f"{view.prefix}-admin"
