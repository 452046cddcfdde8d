"""The ways in which a connection may be told to reach its server: right ones, wrong ones, and right ones that look odd.

A link is what a connection's `schema`, `host`, `port` and `extra` say together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from airlock.lab.deployment.place import Place

Fields = dict[str, Any]
AUTHORITY, ODD, STRANGER, MISSING = "authority", "odd", "stranger", "missing"
"""The certificate files: the company's authority, the same in an odd form, with a stranger in it, and none at all."""


@dataclass(frozen=True)
class Trust:
    """The certificate files of one deployment: path by what is in it, and text by path. ``missing`` has no text."""

    paths: dict[str, str]
    texts: dict[str, str]

    @classmethod
    def of(cls, place: Place, names: list[str]) -> Trust:
        """Files under ``names`` that say nothing of what is in them."""
        paths = {
            kind: f"{place.folder}/{name}.pem"
            for kind, name in zip((AUTHORITY, ODD, STRANGER, MISSING), names, strict=True)
        }
        # An old authority that has run out, comments, Windows' line ends, one twice: all of it the company's own.
        odd = f"# authorities, oldest first\n{place.former}\nIssuer: see above\n{place.authority}{place.authority}"
        texts = {AUTHORITY: place.authority, ODD: odd.replace("\n", "\r\n"), STRANGER: place.authority + place.stranger}
        return cls(paths, {paths[kind]: text for kind, text in texts.items()})


@dataclass(frozen=True)
class Link:
    """One way.

    Attributes:
        name: a few words.
        fault: what is wrong with it, or None.
        fields: the connection's fields for a place and its files.
        odd: whether it is right and looks wrong.
    """

    name: str
    fault: str | None
    fields: Callable[[Place, Trust], Fields]
    odd: bool = False


def _libpq(**extra: Any) -> Callable[[Place, Trust], Fields]:
    def fields(place: Place, trust: Trust) -> Fields:
        filled = {key: _filled(value, trust) for key, value in extra.items()}
        return {"host": place.host, "port": place.postgres, "schema": place.database, "extra": filled}

    return fields


def _http(schema: str, *, secure: bool, host: str = "", **extra: Any) -> Callable[[Place, Trust], Fields]:
    def fields(place: Place, trust: Trust) -> Fields:
        filled = {key: _filled(value, trust) for key, value in extra.items()}
        port = place.https if secure else place.http
        return {"host": f"{host}{place.host}", "port": port, "schema": schema, "extra": filled}

    return fields


def _filled(value: Any, trust: Trust) -> Any:
    if isinstance(value, dict):
        return {key: _filled(each, trust) for key, each in value.items()}
    return trust.paths[value[1:-1]] if isinstance(value, str) and value.startswith("<") else value


_CA, _FULL = f"<{AUTHORITY}>", {"sslmode": "verify-full"}
POSTGRES: tuple[Link, ...] = (
    Link("sslmode is disable", "never-encrypted", _libpq(sslmode="disable")),
    Link("sslmode is allow", "may-fall-back", _libpq(sslmode="allow")),
    Link("sslmode is prefer", "may-fall-back", _libpq(sslmode="prefer", sslrootcert=_CA)),
    Link("no sslmode", "may-fall-back", _libpq(connect_timeout=10)),
    Link("sslmode for SQLAlchemy only", "may-fall-back", _libpq(sqlalchemy_query=_FULL | {"sslrootcert": _CA})),
    Link("sslmode is require", "not-verified", _libpq(sslmode="require")),
    Link("require, and no such root file", "not-verified", _libpq(sslmode="require", sslrootcert=f"<{MISSING}>")),
    Link("sslmode is verify-ca", "name-not-checked", _libpq(sslmode="verify-ca", sslrootcert=_CA)),
    Link("require with a root file", "name-not-checked", _libpq(sslmode="require", sslrootcert=_CA)),
    Link("a stranger in sslrootcert", "trusts-a-stranger", _libpq(**_FULL, sslrootcert=f"<{STRANGER}>")),
    Link("verify-full", None, _libpq(**_FULL, sslrootcert=_CA)),
    Link("verify-full with an odd file", None, _libpq(**_FULL, sslrootcert=f"<{ODD}>"), odd=True),
    Link("an application named disable", None, _libpq(**_FULL, sslrootcert=_CA, application_name="disable"), odd=True),
    Link(
        "channel binding is require",
        None,
        _libpq(**_FULL, sslrootcert=_CA, channel_binding="require"),
        odd=True,
    ),
)
HTTP: tuple[Link, ...] = (
    Link("schema is http", "never-encrypted", _http("http", secure=False, verify=_CA)),
    Link("no schema", "never-encrypted", _http("", secure=False)),
    Link("verify is false", "not-verified", _http("https", secure=True, verify=False)),
    Link("verify_ssl is false", "not-verified", _http("https", secure=True, verify_ssl=False)),
    Link("a stranger in verify", "trusts-a-stranger", _http("https", secure=True, verify=f"<{STRANGER}>")),
    Link("https", None, _http("https", secure=True, verify=_CA)),
    Link("https with an odd file", None, _http("https", secure=True, verify=f"<{ODD}>"), odd=True),
    Link("the host says https", None, _http("http", secure=True, host="https://", verify=_CA), odd=True),
    Link("check_response is false", None, _http("https", secure=True, verify=_CA, check_response=False), odd=True),
)
BY_TYPE: dict[str, tuple[Link, ...]] = {"postgres": POSTGRES, "http": HTTP}
