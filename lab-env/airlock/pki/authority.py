"""A certificate authority that can also mint the certificates no authority should.

Every bad certificate differs from a good one in exactly one thing, so that a refusal has exactly one reason.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from airlock.pki.identity import Identity


@dataclass(frozen=True)
class Validity:
    """A period relative to now. ``start`` may lie in the past or in the future."""

    start: timedelta
    end: timedelta

    @classmethod
    def days(cls, count: float) -> Validity:
        """Valid since a minute ago (clocks differ) and for ``count`` days more."""
        return cls(timedelta(minutes=-1), timedelta(days=count))

    @classmethod
    def expired(cls) -> Validity:
        """Ran out an hour ago."""
        return cls(timedelta(days=-30), timedelta(hours=-1))

    @classmethod
    def not_yet(cls) -> Validity:
        """Begins in an hour."""
        return cls(timedelta(hours=1), timedelta(days=30))


@dataclass(frozen=True)
class Authority:
    """An issuer: its own identity, and what it can sign."""

    identity: Identity

    @classmethod
    def root(cls, name: str, validity: Validity | None = None) -> Authority:
        """A new self-signed root, valid ten years unless told."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _build(
            subject=name,
            key=key,
            issuer_name=_name(name),
            issuer_key=key,
            validity=validity or Validity.days(3650),
            extensions=_authority_extensions(path_length=None),
        )
        return cls(Identity(key, certificate))

    def intermediate(self, name: str, validity: Validity | None = None) -> Authority:
        """An authority below this one that may sign leaves only (path length 0)."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._sign(name, key, validity or Validity.days(1825), _authority_extensions(0))
        return Authority(Identity(key, certificate, self._chain_below()))

    def server(
        self,
        name: str,
        hosts: Sequence[str],
        validity: Validity | None = None,
        *,
        rsa_bits: int | None = None,
    ) -> Identity:
        """A TLS server's leaf for DNS names and IP addresses. ``rsa_bits=1024`` makes a weak key."""
        return self._leaf(name, hosts, validity, ExtendedKeyUsageOID.SERVER_AUTH, rsa_bits)

    def client(self, name: str, validity: Validity | None = None) -> Identity:
        """A TLS client's leaf; PostgreSQL's ``cert`` method compares ``name`` with the login."""
        return self._leaf(name, (), validity, ExtendedKeyUsageOID.CLIENT_AUTH, None)

    @staticmethod
    def self_signed(name: str, hosts: Sequence[str], validity: Validity | None = None) -> Identity:
        """A server certificate that vouches for itself; no authority knows it."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _build(
            subject=name,
            key=key,
            issuer_name=_name(name),
            issuer_key=key,
            validity=validity or Validity.days(90),
            extensions=_leaf_extensions(hosts, ExtendedKeyUsageOID.SERVER_AUTH),
        )
        return Identity(key, certificate)

    def _leaf(
        self,
        name: str,
        hosts: Sequence[str],
        validity: Validity | None,
        purpose: x509.ObjectIdentifier,
        rsa_bits: int | None,
    ) -> Identity:
        key: CertificateIssuerPrivateKeyTypes = (
            rsa.generate_private_key(public_exponent=65537, key_size=rsa_bits)
            if rsa_bits
            else ec.generate_private_key(ec.SECP256R1())
        )
        extensions = _leaf_extensions(hosts, purpose)
        certificate = self._sign(name, key, validity or Validity.days(90), extensions)
        return Identity(key, certificate, self._chain_below())

    def _chain_below(self) -> tuple[x509.Certificate, ...]:
        own = self.identity
        is_root = own.certificate.issuer == own.certificate.subject
        return () if is_root else (own.certificate, *own.chain)

    def _sign(
        self,
        subject: str,
        key: CertificateIssuerPrivateKeyTypes,
        validity: Validity,
        extensions: list[tuple[x509.ExtensionType, bool]],
    ) -> x509.Certificate:
        issuer = self.identity
        return _build(subject, key, issuer.certificate.subject, issuer.key, validity, extensions, issuer.certificate)


def _build(
    subject: str,
    key: CertificateIssuerPrivateKeyTypes,
    issuer_name: x509.Name,
    issuer_key: CertificateIssuerPrivateKeyTypes,
    validity: Validity,
    extensions: list[tuple[x509.ExtensionType, bool]],
    issuer: x509.Certificate | None = None,
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(issuer_name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + validity.start)
        .not_valid_after(now + validity.end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_authority_key(issuer_key, issuer), critical=False)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    # Ed25519 and Ed448 hash by themselves (RFC 8032).
    plain = isinstance(issuer_key, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey)
    return builder.sign(issuer_key, None if plain else hashes.SHA256())


def _authority_key(
    issuer_key: CertificateIssuerPrivateKeyTypes, issuer: x509.Certificate | None
) -> x509.AuthorityKeyIdentifier:
    """What leads to the issuer's certificate: the identifier in it, which need not be the usual hash of its key."""
    if issuer:
        with suppress(x509.ExtensionNotFound):
            named = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
            return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(named)
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())


def _authority_extensions(path_length: int | None) -> list[tuple[x509.ExtensionType, bool]]:
    return [
        (x509.BasicConstraints(ca=True, path_length=path_length), True),
        (_key_usage(certificate_signing=True), True),
    ]


def _leaf_extensions(hosts: Sequence[str], purpose: x509.ObjectIdentifier) -> list[tuple[x509.ExtensionType, bool]]:
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (_key_usage(certificate_signing=False), True),
        (x509.ExtendedKeyUsage([purpose]), False),
    ]
    if hosts:
        extensions.append((x509.SubjectAlternativeName([_general_name(host) for host in hosts]), False))
    return extensions


def _key_usage(*, certificate_signing: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificate_signing,
        key_cert_sign=certificate_signing,
        crl_sign=certificate_signing,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
