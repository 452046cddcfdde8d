"""What a policy gives: the rights of a real token that has this policy and no other."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import hvac
import hvac.exceptions

from airlock.lab import View
from airlock.lab.vault import root

Rights = dict[str, frozenset[str]]
"""Capabilities by path; a path that is refused wholly has none."""


class BadPolicy(Exception):
    """The server does not take the policy; the message is its own words."""


def granted(view: View, policy: str, paths: Iterable[str]) -> Rights:
    """Ask the server what a token with ``policy``, and with nothing else, may do on ``paths``.

    Raises:
        BadPolicy: the server refuses the policy itself.
        LabDown: the server does not answer, or is sealed.
    """
    wanted = list(paths)
    try:
        with _token(view, policy) as (client, token):
            answer = client.sys.get_capabilities(paths=wanted, token=token)["data"]
    except hvac.exceptions.InvalidRequest as error:
        raise BadPolicy(_words(error)) from None
    return {path: frozenset(answer[path]) - {"deny"} for path in wanted}


@contextmanager
def _token(view: View, policy: str) -> Iterator[tuple[hvac.Client, str]]:
    client, name = root(view.lab), f"{view.prefix}-judged-{secrets.token_hex(4)}"
    client.sys.create_or_update_acl_policy(name, policy, pretty_print=False)
    try:
        made = client.auth.token.create(policies=[name], no_default_policy=True, no_parent=True, ttl="2m")["auth"]
        yield client, made["client_token"]
        client.auth.token.revoke_accessor(made["accessor"])
    finally:
        client.sys.delete_policy(name)


def _words(error: hvac.exceptions.InvalidRequest) -> str:
    text = " ".join(str(error).split(", on put ")[0].split())
    return text.removeprefix("failed to parse policy: ")[:200]
