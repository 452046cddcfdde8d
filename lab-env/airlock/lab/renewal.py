"""A new certificate goes live in a team's warehouse: rehearsed, switched in one step, verified, or taken back.

PostgreSQL reads two files, the certificate and its key. Two renames would leave a moment with a new one beside an old
one, in which a restart fails. So both are links through one folder, and what is renamed is the link to that folder::

    server.crt -> live/server.crt      server.key -> live/server.key      live -> renewed/<serial>

It works by a team's name alone: it is what the DAG `renew_certificate` runs, in Airflow's worker.
"""

from __future__ import annotations

import shutil
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from cryptography import x509

from airlock.lab import cluster
from airlock.lab.greeting import certificate_of
from airlock.lab.ground import HOST
from airlock.lab.locks import exclusive
from airlock.lab.pki_engine import Issued
from airlock.lab.supervisor import Supervisor
from airlock.lab.warehouse.files import CERTIFICATE, KEY
from airlock.lab.warehouse.place import Place
from airlock.pki import write_secret

_PATIENCE = 10.0  # seconds until the server shows what it was told to read; it needs milliseconds
_LIVE, _ALL = "live", "renewed"


class RenewalFailed(Exception):
    """The new certificate is not in use, and the old one is, if there was one; the message says why."""


def renew(place: Place, issued: Issued, trust: Path, tell: Callable[[str], None], *, rehearsed: bool = True) -> int:
    """Put ``issued`` in use; returns the serial number of the certificate that was.

    Args:
        trust: the authorities that the warehouse's clients trust, as a PEM file.
        tell: told each step, in a sentence.
        rehearsed: whether to shake hands with the new pair in memory before the server gets it.

    Raises:
        RenewalFailed: the warehouse has its old certificate again.
    """
    with exclusive(place.lab, place.name):
        return _renew(place, issued, trust, tell, rehearsed)


def _renew(place: Place, issued: Issued, trust: Path, tell: Callable[[str], None], rehearsed: bool) -> int:
    old = _live(place)
    was, new = _serial(old / CERTIFICATE), _keep(place, issued.certificate, issued.key, issued.serial)
    if rehearsed:
        try:
            rehearse(new, trust)
        except ssl.SSLError as error:
            shutil.rmtree(new)
            raise RenewalFailed(f"the rehearsal failed, nothing was installed: {reason(error)}") from None
        tell("rehearsed: a client that trusts what yours trust takes the new certificate")
    _switch(place, new)
    tell(f"installed: {KEY} and {CERTIFICATE} switched in one step")
    try:
        reload(place)
        shown_by(place, issued.serial, trust)
    except (OSError, ValueError, RenewalFailed) as error:
        _roll_back(place, old, was)
        shutil.rmtree(new)
        raise RenewalFailed(f"rolled back to the old certificate: {reason(error)}") from None
    tell(f"verified: the server shows {issued.serial:x} to a client that checks name and chain")
    _forget(place, keep={old.name, new.name})
    return was


def rehearse(pair: Path, trust: Path, name: str = HOST) -> None:
    """A whole TLS handshake in memory: the pair on one side, a client that trusts ``trust`` on the other.

    Raises:
        ssl.SSLError: the client refuses the certificate, or the key is not its own.
    """
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pair / CERTIFICATE, pair / KEY)
    client = ssl.create_default_context(cafile=trust)
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [
        client.wrap_bio(back, there, server_hostname=name),
        server.wrap_bio(there, back, server_side=True),
    ]
    while sides:
        for side in tuple(sides):
            try:
                side.do_handshake()
                sides.remove(side)
            except ssl.SSLWantReadError:
                continue


def reload(place: Place) -> None:
    """Tell the server to read its files anew. Raises `RenewalFailed` when it does not run."""
    supervisor = Supervisor(place.ground)
    state = supervisor.states().get(place.name)
    if state is None or not state.running:
        raise RenewalFailed("the warehouse does not run")
    supervisor.signal(place.name, "HUP")


def shown_by(place: Place, serial: int, trust: Path | None) -> None:
    """Wait until the server shows the certificate with this serial number; with trust, then verify it as a client does.

    Not before: the old one may have expired, and a busy server shows it for a moment longer.

    Raises:
        RenewalFailed: it goes on showing another one.
        OSError: the handshake fails; `ssl.SSLCertVerificationError` when the certificate is refused.
    """
    deadline = time.monotonic() + _PATIENCE
    while certificate_of(HOST, place.port, starttls="postgres").serial_number != serial:
        if time.monotonic() > deadline:
            raise RenewalFailed("the server goes on showing its old certificate; its log says why")
        time.sleep(0.05)
    if trust:
        certificate_of(HOST, place.port, str(trust), "postgres")


def reason(error: Exception) -> str:
    """An error in a few words."""
    return getattr(error, "verify_message", "") or getattr(error, "reason", "") or str(error)


def _live(place: Place) -> Path:
    """The folder in use. What lay as plain files is laid out as one first: at every step, what is read is the same."""
    folder = place.folder
    certificate, key = folder / CERTIFICATE, folder / KEY
    if not (certificate.exists() and key.exists()):
        raise RenewalFailed("the warehouse has no certificate yet: the first one is its owner's to install")
    if not (certificate.is_symlink() and key.is_symlink()):
        first = _keep(place, certificate.read_text(), key.read_text(), _serial(certificate))
        _switch(place, first)
        for file in (key, certificate):
            link = folder / f".{file.name}"
            link.unlink(missing_ok=True)
            link.symlink_to(Path(_LIVE) / file.name)
            link.replace(file)
    return (folder / _LIVE).resolve()


def _keep(place: Place, certificate: str, key: str, serial: int) -> Path:
    folder = place.folder / _ALL / f"{serial:x}"
    for each in (folder.parent, folder):
        each.mkdir(exist_ok=True, mode=0o700)
    files = write_secret(folder / KEY, key.encode()), write_secret(folder / CERTIFICATE, certificate.encode())
    cluster.give(folder.parent, folder, *files)
    return folder


def _switch(place: Place, pair: Path) -> None:
    link = place.folder / f".{_LIVE}"
    link.unlink(missing_ok=True)
    link.symlink_to(Path(_ALL) / pair.name)
    link.replace(place.folder / _LIVE)


def _roll_back(place: Place, old: Path, was: int) -> None:
    _switch(place, old)
    with suppress(
        OSError, RenewalFailed
    ):  # a server that is stopped, or has TLS turned off, reads it when it comes to it
        reload(place)
        shown_by(place, was, None)


def _forget(place: Place, keep: set[str]) -> None:
    for folder in (place.folder / _ALL).iterdir():
        if folder.name not in keep:
            shutil.rmtree(folder)


def _serial(certificate: Path) -> int:
    try:
        return x509.load_pem_x509_certificate(certificate.read_bytes()).serial_number
    except ValueError:
        raise RenewalFailed(f"{certificate.name} in the warehouse's folder holds no certificate") from None
