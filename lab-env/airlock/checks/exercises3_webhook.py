"""Judge of the exercise “Anybody's order”: a webhook receiver, called by its sender and by somebody else."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from airlock.checks.exercises import exercise
from airlock.checks.report import Report, failed, passed
from airlock.checks.script import command, surroundings
from airlock.lab import View

_LOOPBACK = "127.0.0.1"
_START = 20.0
"""Seconds until the script has to answer."""


class _Receiver:
    """The learner's receiver while it runs."""

    def __init__(self, port: int, secret: str) -> None:
        self._port = port
        self._secret = secret
        self.calls = 0

    def sign(self, body: bytes, secret: str | None = None) -> str:
        """The header as the shop sends it."""
        return "sha256=" + hmac.new((secret or self._secret).encode(), body, hashlib.sha256).hexdigest()

    def accepts(self, body: bytes, signature: str | None) -> bool:
        """Send a webhook; whether it was taken."""
        self.calls += 1
        headers = {"Content-Type": "application/json"} | ({} if signature is None else {"X-Signature": signature})
        link = http.client.HTTPConnection(_LOOPBACK, self._port, timeout=10)
        try:
            link.request("POST", "/orders", body, headers)
            return 200 <= link.getresponse().status < 300
        except (OSError, http.client.HTTPException):  # it broke off: not taken
            return False
        finally:
            link.close()


@exercise("lesson-3/anybodys-order")
def anybodys_order(folder: Path, view: View) -> Report:
    """The receiver starts a run for what the shop signed, and for nothing else."""
    secret = secrets.token_hex(16)
    with _running(folder / "receiver.py", secret) as (receiver, process):
        if receiver is None:
            return _broken("`receiver.py` did not answer on its port.", process)
        report = _judged(receiver, view)
        process.terminate()
        started = process.communicate(timeout=10)[0]
    if report:
        return report
    runs = [line for line in started.splitlines() if line.startswith("start ")]
    if len(runs) != 2:
        return failed(
            f"Two orders were genuine. The receiver started {len(runs)} runs.",
            "An answer is a promise; the run is what the shop waits for.",
            "For each genuine order print one line that begins with `start `, as the script did.",
            "no-run",
        )
    return passed(
        f"Of {receiver.calls} webhooks two were the shop's. Both started a run, and nothing else did.",
        "The receiver knows who is calling, without a password on the wire.",
    )


def _judged(receiver: _Receiver, view: View) -> Report | None:
    order: dict[str, Any] = {"order": secrets.randbelow(9000) + 1000, "to": view.seed.word("webhook/to")}
    compact = json.dumps(order).encode()
    spaced = json.dumps(order | {"note": "für Ada"}, indent=2, ensure_ascii=False).encode()
    forged = json.dumps(order | {"to": "somebody-else"}).encode()
    for signatures, report in _forgeries(receiver, forged, compact):
        if any(receiver.accepts(forged, signature) for signature in signatures):
            return report
    if not receiver.accepts(compact, receiver.sign(compact)):
        return failed(
            "The receiver refuses what the shop signed.",
            "Orders that are refused are retried for a day, and then forgotten.",
            "`X-Signature: sha256=` and the hexadecimal HMAC-SHA256 of the body.",
            "genuine-refused",
        )
    if not receiver.accepts(spaced, receiver.sign(spaced)):
        return failed(
            "The receiver refuses a genuine order with line breaks and an umlaut in its JSON.",
            "The shop signs the bytes it sends. Parsed and written again they are other bytes, and sometimes another "
            "order: of two equal keys, one parser takes the first and one the last.",
            "Verify the body as it came, and parse it only afterwards.",
            "parsed-body",
        )
    return None


def _forgeries(receiver: _Receiver, forged: bytes, genuine: bytes) -> Iterator[tuple[list[str | None], Report]]:
    """Signatures that must not be taken for the body ``forged``, and what it means if one is."""
    yield (
        [None],
        _taken(
            "without any signature",
            "A check that can be left out is one that attackers leave out. What monitoring needs is a way of its own.",
            "No header, no run.",
            "unsigned-taken",
        ),
    )
    yield (
        ["sha256=", "", receiver.sign(forged)[:9]],
        _taken(
            "with the beginning of a signature, or with none of its digits,",
            "Sixteen tries find a first digit. For a whole signature there are not enough tries in the world.",
            "Compare the whole of it: `hmac.compare_digest`.",
            "beginning-compared",
        ),
    )
    yield (
        [receiver.sign(genuine), receiver.sign(forged, "another secret")],
        _taken(
            "whose signature does not fit its body",
            "Then a signature overheard once is good for every order.",
            "Compute HMAC-SHA256 over this body, with the shared secret, and compare.",
            "any-signature",
        ),
    )
    yield (
        ["sha256=" + hashlib.sha256(forged).hexdigest()],
        _taken(
            "with a plain hash of its body",
            "Everybody can compute a hash. Only who knows the secret can compute an HMAC.",
            "`hmac.new(secret, body, hashlib.sha256)`.",
            "hash-is-no-hmac",
        ),
    )


def _taken(how: str, why: str, look: str, misconception: str) -> Report:
    return failed(f"An order {how} was taken: its parcel goes to somebody else.", why, look, misconception)


@contextmanager
def _running(script: Path, secret: str) -> Iterator[tuple[_Receiver | None, subprocess.Popen[str]]]:
    script.stat()  # a file that is missing is told as such
    with socket.create_server((_LOOPBACK, 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        command(script, str(port)),
        env=surroundings({"WEBHOOK_SECRET": secret, "PYTHONUNBUFFERED": "1"}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield (_Receiver(port, secret) if _answers(port, process) else None), process
    finally:
        process.kill()
        process.communicate()


def _answers(port: int, process: subprocess.Popen[str]) -> bool:
    deadline = time.monotonic() + _START
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection((_LOOPBACK, port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return True
    return False


def _broken(saw: str, process: subprocess.Popen[str]) -> Report:
    process.kill()
    last = (process.communicate()[1].strip().splitlines() or ["no message"])[-1]
    return failed(
        f"{saw} It said: {last[:200]}",
        "No order reaches Airflow at all.",
        "Run it in a terminal: `WEBHOOK_SECRET=x python receiver.py 8000`.",
        "script-fails",
    )
