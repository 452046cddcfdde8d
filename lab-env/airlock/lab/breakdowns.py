"""Lesson 6's breakdowns: a colleague's server breaks down six times, and what a client and the server's log say of it.

All six are real and happen when they are asked for, in a warehouse of its own that is gone afterwards. Which letter is
which follows from the view's seed.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg

from airlock.lab.seed import Seed
from airlock.lab.view import View
from airlock.lab.warehouse import Refused, Warehouse, remove
from airlock.lab.warehouse.server import telling
from airlock.pki import Authority, Identity, Validity

LETTERS = "abcdef"
CAUSES = ("name", "chain", "expired", "mode", "key", "trust")
"""Another host's certificate; no intermediate; expired; a key that others can read; another key; a rule `trust`."""

GOT_IN = "got in"
_PATIENCE = 10.0  # seconds, for what needs a few milliseconds
_PAUSE = 0.05
_LET_IN = re.compile(r'connection authenticated: (?!identity="postgres").*method=.*')
_CALLER = re.compile(r"^\S+@\S+ \S+ +")
_RULE = "hostssl all all 127.0.0.1/32 scram-sha-256"


@dataclass(frozen=True)
class Breakdown:
    """What the witnesses saw.

    Attributes:
        right, wrong: the client's own words, with the right password and with a wrong one; ``got in`` where it did.
        log: what the server said, without time stamps, each line once.
    """

    right: str
    wrong: str
    log: list[str]


@dataclass(frozen=True)
class _Site:
    """A server with a good certificate below an intermediate, which expires soon: renewing it is what goes wrong."""

    server: Warehouse
    issuer: Authority
    trust: Path

    def certificate(self, name: str = "", validity: Validity | None = None) -> Identity:
        host = name or self.server.host
        return self.issuer.server(host, [host], validity or Validity.days(1))


def causes(view: View) -> dict[str, str]:
    """For each letter the cause: another order for every view."""
    order = sorted(CAUSES, key=lambda cause: view.seed.password(f"breakdown/{cause}"))
    return dict(zip(LETTERS, order, strict=True))


def colleague_of(view: View) -> View:
    """Whose server it is."""
    return View(view.lab, Seed(view.seed.key("breakdowns").hex()[:32]))


def happen(view: View | None = None) -> dict[str, Breakdown]:
    """Let all six happen: takes some seconds. ``view`` defaults to this process's own.

    Raises:
        LabDown: the lab is not there.
    """
    view = view or View.current()
    colleague, root = colleague_of(view), Authority.root("Company root")
    with tempfile.TemporaryDirectory() as folder:
        trust = Path(folder) / "root.pem"
        trust.write_bytes(root.identity.certificate_pem)
        site = _Site(Warehouse(colleague), root.intermediate("Company servers"), trust)
        try:
            site.server.start()
            site.server.configure(ssl="on")
            return {letter: _happen(site, cause) for letter, cause in causes(view).items()}
        finally:
            remove(colleague)


def _happen(site: _Site, cause: str) -> Breakdown:
    _put_right(site)
    began = time.time()
    _BREAK[cause](site)
    right, wrong = (_call(site, password) for password in (site.server.login.password, "not-the-password"))
    return Breakdown(right, wrong, _said(site, began, "verify failed" in right))


def _said(site: _Site, began: float, alerted: bool) -> list[str]:
    """The server's telling lines; where a client has sent an alert, not before the server has taken it in."""
    deadline = time.monotonic() + _PATIENCE
    lines = list(_telling(site, began))
    # A client that breaks off has gone by the time that the server reads why.
    while alerted and not any(" alert " in line for line in lines) and time.monotonic() < deadline:
        time.sleep(_PAUSE)
        lines = list(_telling(site, began))
    return lines


def _telling(site: _Site, began: float) -> Iterator[str]:
    """The telling lines, and who was let in by which rule: each once, without what differs from call to call."""
    lines = site.server.log(began)
    let_in = [found[0] for line in lines if (found := _LET_IN.search(line))]
    for line in dict.fromkeys([*telling(lines), *let_in]):
        if "shutting down" not in line:
            yield _CALLER.sub("", line).replace(f"{site.server.folder}/", "")


def _put_right(site: _Site) -> None:
    server, good = site.server, site.certificate()
    server.install(certificate=good.certificate_pem, key=good.key_pem)
    server.rules(_RULE)
    server.start()
    server.reload()


def _install(certificate: Callable[[_Site], Identity]) -> Callable[[_Site], None]:
    def install(site: _Site) -> None:
        made = certificate(site)
        site.server.install(certificate=made.certificate_pem, key=made.key_pem)
        site.server.reload()

    return install


def _leaf_alone(site: _Site) -> Identity:
    made = site.certificate()
    return Identity(made.key, made.certificate)


def _readable_key(site: _Site) -> None:
    made = site.certificate()
    site.server.install(certificate=made.certificate_pem, key=made.key_pem, key_mode=0o644)
    with suppress(Refused):
        site.server.restart()


def _key_of_another(site: _Site) -> None:
    """The certificate in use is about to expire; the new one does not come into use, and then it has expired."""
    old = site.certificate(validity=Validity(timedelta(days=-1), timedelta(seconds=1.5)))
    site.server.install(certificate=old.certificate_pem, key=old.key_pem)
    site.server.reload()
    site.server.install(certificate=site.certificate().certificate_pem, key=site.certificate().key_pem)
    site.server.reload()
    time.sleep(2)


def _trust_everybody(site: _Site) -> None:
    site.server.rules("host all all 127.0.0.1/32 trust", _RULE)
    site.server.reload()


_BREAK: dict[str, Callable[[_Site], None]] = {
    "name": _install(lambda site: site.certificate("db2.internal")),
    "chain": _install(_leaf_alone),
    "expired": _install(lambda site: site.certificate(validity=Validity.expired())),
    "mode": _readable_key,
    "key": _key_of_another,
    "trust": _trust_everybody,
}


def _call(site: _Site, password: str) -> str:
    login = site.server.login
    try:
        psycopg.connect(
            host=login.host,
            hostaddr="127.0.0.1",
            port=login.port,
            dbname=login.database,
            user=login.user,
            password=password,
            sslmode="verify-full",
            sslrootcert=str(site.trust),
            connect_timeout=20,  # a busy server is none of the six
        ).close()
        return GOT_IN
    except psycopg.OperationalError as error:
        return str(error).strip().splitlines()[0].rpartition("failed: ")[2]
