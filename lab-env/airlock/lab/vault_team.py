"""A team's own part of OpenBao: a KV version 2 mount, and an administrator for what bears the team's name.

Vault's own means only, no namespaces: a mount ``<team>``, policies and AppRoles ``<team>-…``. Who may write a policy
could write himself every right; this administrator keeps honest people out of each other's way, no more.
"""

from __future__ import annotations

import hvac
import hvac.exceptions

from airlock.lab.vault import client, root
from airlock.lab.view import View

_RIGHTS = """
path "{team}/*" {{ capabilities = ["create", "read", "update", "patch", "delete", "list"] }}
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
    sys = root(view.lab).sys
    if f"{mount(view)}/" not in sys.list_mounted_secrets_engines():
        sys.enable_secrets_engine("kv", path=mount(view), options={"version": "2"})
    sys.create_or_update_policy(_administrator(view), _RIGHTS.format(team=view.prefix))


def close_team(view: View) -> None:
    """Take away the mount with everything in it, and the team's policies and AppRoles.

    Raises:
        LabDown: OpenBao does not answer or is sealed.
    """
    server = root(view.lab)
    server.sys.disable_secrets_engine(mount(view))
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


def _administrator(view: View) -> str:
    return f"{view.prefix}-admin"
