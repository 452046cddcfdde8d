"""The attackers in front of a warehouse: doors of the lab's own wire, opened and closed while it runs."""

from __future__ import annotations

import json
import shutil
import socket
import time
from contextlib import suppress
from datetime import timedelta
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from airlock.lab.description import LabDown, WireEndpoint
from airlock.lab.ground import HOST
from airlock.lab.ports import LOOPBACK
from airlock.lab.warehouse.files import CERTIFICATE, KEY, Pem, pem
from airlock.lab.warehouse.place import Place
from airlock.pki import Authority, Identity, Validity, write_secret

_PATIENCE = 15.0  # seconds; the wire needs about a fifth of one
_NAMES = (HOST, LOOPBACK)


def open_doors(place: Place) -> None:
    """Tell the wire of this warehouse. It is told in a file, so that it knows again after a start of its own."""
    if not (place.certificates / "self-signed.crt").exists():
        forge(place, place.ground.authority)
    _ = place.captures  # made now: the wire makes no folders
    text = json.dumps({"server": place.port, "doors": place.doors}).encode()
    if not place.registration.exists() or place.registration.read_bytes() != text:
        write_secret(place.registration, text)


def await_doors(place: Place) -> None:
    """Wait until every door is open. Raises `LabDown` when the wire does not open them."""
    deadline = time.monotonic() + _PATIENCE
    for name, port in place.doors.items():
        while not _listens(port):
            if time.monotonic() > deadline:
                raise LabDown(f"The wire has not opened the warehouse's door {name}; it may run from before an update.")
            time.sleep(0.02)


def close_doors(place: Place) -> None:
    """Close the doors and forget what they recorded."""
    place.registration.unlink(missing_ok=True)
    shutil.rmtree(place.certificates.parent, ignore_errors=True)


def endpoint(place: Place) -> WireEndpoint:
    """The doors, in the form in which the lab's own are described."""
    return WireEndpoint(HOST, place.doors, str(place.captures))


def forge(place: Place, authority: Authority) -> None:
    """Make what the doors show: certificates of ``authority`` that differ from a good one in one thing each."""
    folder, name = place.certificates, "airlock warehouse"
    tomorrow = Validity(timedelta(days=1), timedelta(days=90))
    Authority.self_signed(name, _NAMES).write(folder, "self-signed")
    authority.server("airlock somebody else", ["somebody.else.example"]).write(folder, "wrong-host")
    authority.server(name, _NAMES, Validity.expired()).write(folder, "expired")
    authority.server(name, _NAMES, tomorrow).write(folder, "not-yet-valid")
    authority.server(name, _NAMES).write(folder, "mis-issued")
    for kind, file in (("crt", CERTIFICATE), ("key", KEY)):  # stolen, not copied: its owner renews them
        link = folder / f"stolen-key.{kind}"
        link.unlink(missing_ok=True)
        link.symlink_to(place.folder / file)


def authority_of(certificate: Pem, key: Pem) -> Authority:
    """An authority made of what somebody got hold of: its certificate, with those above it if there are, and its key.

    Raises:
        ValueError: not PEM, not a pair, or a key that needs a password.
    """
    try:
        own, *above = x509.load_pem_x509_certificates(pem(certificate))
        private = load_pem_private_key(pem(key), password=None)
    except (ValueError, TypeError) as error:
        raise ValueError(f"the authority cannot be read: {error}") from None
    if not hasattr(private, "sign"):
        raise ValueError("this key cannot sign certificates")
    if private.public_key() != own.public_key():
        raise ValueError("this key is not the one of that certificate")
    chain = tuple(each for each in above if each.issuer != each.subject)
    return Authority(Identity(cast(CertificateIssuerPrivateKeyTypes, private), own, chain))


def _listens(port: int) -> bool:
    with suppress(OSError):
        socket.create_connection((LOOPBACK, port), timeout=1).close()
        return True
    return False
