"""What a TLS server accepts, asked by sslyze: every protocol version, every cipher suite, one handshake each."""

from __future__ import annotations

import json
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from airlock.lab.description import LabDown
from airlock.lab.greeting import StartTls
from airlock.lab.services.wire import install, sslyze

VERSIONS = {
    **{"SSL 2.0": "sslv2", "SSL 3.0": "sslv3", "TLS 1.0": "tlsv1"},
    **{"TLS 1.1": "tlsv1_1", "TLS 1.2": "tlsv1_2", "TLS 1.3": "tlsv1_3"},
}
"""What is asked for, oldest first, with sslyze's option for it."""
_PATIENCE = 180.0  # seconds; some four hundred handshakes take four on an idle machine
_FORBIDDEN = {"SSL 2.0": "RFC 6176", "SSL 3.0": "RFC 7568"}  # every other old version by RFC 8996
_BROKEN = ("NULL", "EXPORT", "RC4", "DES", "MD5", "IDEA", "SEED", "RC2")


@dataclass(frozen=True)
class Scan:
    """What was accepted.

    Attributes:
        host, port: where.
        suites: for each version of `VERSIONS` the names of the cipher suites that led to a session (IANA's names).
    """

    host: str
    port: int
    suites: dict[str, tuple[str, ...]]

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions with which a session came about, oldest first."""
        return tuple(version for version, suites in self.suites.items() if suites)

    @property
    def weak(self) -> dict[str, str]:
        """What should not be accepted any more: ``"TLS 1.2 TLS_RSA_WITH_…"`` to the reason."""
        pairs = ((version, suite) for version, suites in self.suites.items() for suite in suites)
        return {f"{version} {suite}": why for version, suite in pairs if (why := weakness(version, suite))}

    def __str__(self) -> str:
        lines = [f"{self.host}:{self.port}"]
        for version, suites in self.suites.items():
            weak = sum(weakness(version, suite) is not None for suite in suites)
            lines.append(
                f"  {version}  {len(suites):2} suites, {weak} of them weak" if suites else f"  {version}  refused"
            )
        return "\n".join(lines)


def scan(host: str, port: int, starttls: StartTls | None = None) -> Scan:
    """Ask the server for everything there is. Takes a few seconds.

    Raises:
        LabDown: nothing listens there.
        ValueError: it does not speak TLS, or there is no sslyze for this machine.
    """
    try:
        socket.create_connection((host, port), timeout=3).close()
    except OSError:
        raise LabDown(f"Nothing answers on {host}:{port}.", "./airlock status") from None
    with tempfile.TemporaryDirectory(prefix="airlock-scan-") as folder:
        answer = Path(folder) / "scan.json"
        command = [_scanner(), *(f"--{option}" for option in VERSIONS.values()), f"--json_out={answer}"]
        if starttls:
            command += ["--starttls", starttls]
        done = subprocess.run(
            [*command, f"{host}:{port}"], capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
        if not answer.exists():
            raise ValueError(f"sslyze did not finish: {(done.stderr.strip() or done.stdout.strip())[-300:]}")
        results = json.loads(answer.read_text())["server_scan_results"]
    if not results or results[0]["scan_result"] is None:
        raise ValueError(f"{host}:{port} answers, and does not speak TLS")
    return Scan(host, port, dict(_accepted(results[0]["scan_result"])))


def weakness(version: str, suite: str) -> str | None:
    """Why a version with a suite should not be accepted any more; None when it may be.

    The rules of RFC 9325 (BCP 195): TLS 1.2 or later, forward secrecy, authenticated encryption.
    """
    if version not in ("TLS 1.2", "TLS 1.3"):
        return f"{version} is deprecated ({_FORBIDDEN.get(version, 'RFC 8996')})"
    if "_anon_" in suite:
        return "no certificate: nobody proves who he is"
    if any(broken in suite for broken in _BROKEN):
        return "a broken or missing cipher"
    if version == "TLS 1.2" and not suite.startswith(("TLS_ECDHE_", "TLS_DHE_")):
        return "no forward secrecy: who steals the server's key reads every old recording"
    if "_CBC_" in suite:
        return "CBC: no authenticated encryption"
    return None


def _accepted(result: dict[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for version in VERSIONS:
        attempt = result[f"{version.lower().replace(' ', '_').replace('.', '_')}_cipher_suites"]
        if attempt["result"] is None:
            raise ValueError(f"sslyze could not ask for {version}: {attempt['error_reason']}")
        yield version, tuple(each["cipher_suite"]["name"] for each in attempt["result"]["accepted_cipher_suites"])


def _scanner() -> str:
    if not Path(sslyze()).exists():
        install()  # an environment from before sslyze was part of it
    if not Path(sslyze()).exists():
        raise ValueError(
            "sslyze has no wheel for this machine (a Mac with an Intel processor), so there is no scan here"
        )
    return sslyze()
