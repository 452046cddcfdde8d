"""Certificates, good and bad, always relative to now. Knows X.509 (RFC 5280) and nothing of the lab."""

from airlock.pki.authority import Authority, Validity
from airlock.pki.identity import Identity, write_secret

__all__ = ["Authority", "Identity", "Validity", "write_secret"]
