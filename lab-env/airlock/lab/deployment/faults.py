"""The kinds of fault that a deployment may have: what an auditor is to find, and what each lets somebody do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

FAULTS: dict[str, str] = {
    # A connection's link. Of these five a connection has one at most: the first that fits.
    "never-encrypted": "What passes is in clear, always. Whoever is on the link reads along.",
    "may-fall-back": "Encryption is asked for, and done without where somebody says that there is none.",
    "not-verified": "It is always encrypted, and nobody looks with whom: any certificate will do.",
    "name-not-checked": "The authority is verified, the name is not: any server of the same authority will do.",
    "trusts-a-stranger": "All is verified, and among those who are trusted is one who is not of the company.",
    # Where a connection's secret lies.
    "stored-in-clear": "The secret is in a row of the metadata database, not encrypted. It is in every backup.",
    "secret-in-a-clear-column": "The password is also in a column that Airflow never encrypts.",
    "secret-in-the-environment": "The secret is in the environment of every task, and in the file that sets it.",
    "copy-on-the-shared-mount": "A copy of the secret is on the vault's mount that every team's tasks may read.",
    # The other ends.
    "server-takes-clear-text": "The database lets this login in without encryption: an old client comes so.",
    "server-trusts-anybody": "The database asks this login for nothing: whoever reaches it, is it.",
    "vault-not-verified": "The tasks log in to whoever answers in the vault's place.",
    "policy-too-wide": "The tasks' own token reads more of the vault than connections.",
}
LINKS = ("never-encrypted", "may-fall-back", "not-verified", "name-not-checked", "trusts-a-stranger")
"""Those of a connection's link."""


@dataclass(frozen=True, order=True)
class Finding:
    """One fault.

    Attributes:
        subject: what has it: a connection's id, a login in pg_hba.conf, ``vault`` or ``policy``.
        fault: one of `FAULTS`.
        variant: in which of its forms, a few words; never shown to an auditor.
    """

    subject: str
    fault: str
    variant: str = ""

    @property
    def pair(self) -> tuple[str, str]:
        """What an auditor is to say."""
        return self.subject, self.fault


class Way(Protocol):
    """A way to set up one thing: right, wrong (with a fault), or right and odd."""

    @property
    def name(self) -> str: ...
    @property
    def fault(self) -> str | None: ...
    @property
    def odd(self) -> bool: ...
