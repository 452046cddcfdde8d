"""The running Airflow's Fernet keys: a ring, of which the first encrypts and any opens.

One Airflow serves every team, so the ring is everybody's. A key that a row still needs stays on it, whosever row it
is: leaving it out would make that connection vanish for its owner, "isn't defined", with no word about a key.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from airlock.lab import metadata
from airlock.lab.description import Lab, LabDown, secret
from airlock.lab.ground import Ground
from airlock.lab.locks import exclusive
from airlock.lab.service import Unhealthy
from airlock.lab.services.airflow import AirflowApi, run_cli
from airlock.lab.supervisor import Supervisor
from airlock.pki import write_secret

_LOCK = "fernet"
_PATIENCE = 60.0  # seconds for the API server's new worker to take over; it needs less than one
# The words of gunicorn and uvicorn. There is one worker.
_OLD_IS_GONE, _NEW_ANSWERS = re.compile(r"Worker \(pid:\d+\) (was sent|exited)"), "Application startup complete"


@dataclass(frozen=True)
class Ring:
    """The keys in use from a moment on: ``at`` is in seconds since 1970."""

    at: float
    keys: list[str]


def keys(lab: Lab) -> list[str]:
    """The ring: the first key encrypts, every one is tried to open. Raises `LabDown` when there is no lab."""
    return secret(lab.airflow.fernet_key_file).split(",")


def opener(lab: Lab) -> MultiFernet:
    """What opens every stored value, as the running Airflow does."""
    return MultiFernet([Fernet(key) for key in keys(lab)])


def configure(lab: Lab, wanted: Iterable[str]) -> list[str]:
    """Make ``wanted`` the ring of the running Airflow, and return the ring that is then in use.

    Keys that stored values still need are kept at its end. The API server, which alone opens rows, forks a worker
    with the new ring before the old worker ends: nobody is refused meanwhile.

    Raises:
        ValueError: there is no key, or one that is not a Fernet key.
        LabDown: a service does not answer.
    """
    ring = list(dict.fromkeys(key.strip() for key in wanted))
    if not ring:
        raise ValueError("a ring has one key or more; with none Airflow would store every secret in clear")
    for key in ring:
        _check(key)
    with exclusive(lab, _LOCK):
        ring += needed(lab, [key for key in keys(lab) if key not in ring], besides=ring)
        if (old := keys(lab)) != ring:
            write_secret(Path(lab.airflow.fernet_key_file), ",".join(ring).encode())
            _renew_worker(Ground(Path(lab.state)))
            _remember(lab, [] if history(lab) else old, ring)
    return ring


def history(lab: Lab) -> list[Ring]:
    """Every ring that has been in use, oldest first, since the first change; empty before it."""
    file = _history(lab)
    lines = file.read_text().splitlines() if file.exists() else []
    return [Ring(**json.loads(line)) for line in lines]


def needed(lab: Lab, candidates: Iterable[str], besides: Iterable[str] = ()) -> list[str]:
    """Those of ``candidates`` that open a stored value of any team which no key of ``besides`` opens."""
    others = list(besides)
    shut = [token for _, token in metadata.encrypted_values(lab) if not any(opens(key, token) for key in others)]
    return [key for key in candidates if any(opens(key, token) for token in shut)]


def opens(key: str, token: str) -> bool:
    """Whether this key opens this stored value."""
    try:
        Fernet(key).decrypt(token)
    except InvalidToken:
        return False
    return True


def rotate(lab: Lab) -> None:
    """Run `airflow rotate-fernet-key`: every encrypted row, of every team, is written anew under the first key.

    Raises:
        ValueError: a stored value is opened by no key of the ring, and Airflow then rotates nothing.
        LabDown: a service does not answer.
    """
    with exclusive(lab, _LOCK):
        ring = keys(lab)
        if lost := sorted({n for n, t in metadata.encrypted_values(lab) if not any(opens(key, t) for key in ring)}):
            raise ValueError(f"no key of the ring opens {', '.join(lost)}, so `airflow rotate-fernet-key` would refuse")
        try:
            run_cli(Ground(Path(lab.state)), ["rotate-fernet-key"], log="rotate-fernet-key")
        except Unhealthy as why:
            raise LabDown(f"`airflow rotate-fernet-key` failed: {why}", "./airlock doctor") from None


def _remember(lab: Lab, before: list[str], now: list[str]) -> None:
    rings = [*([Ring(0.0, before)] if before else []), Ring(time.time(), now)]
    handle = os.open(_history(lab), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "w") as stream:
        stream.writelines(json.dumps(asdict(ring)) + "\n" for ring in rings)


def _history(lab: Lab) -> Path:
    return Path(f"{lab.airflow.fernet_key_file}.history")


def _check(key: str) -> None:
    try:
        Fernet(key)
    except ValueError:
        raise ValueError(f"{key[:6]}… is not a Fernet key, which is 32 bytes in URL-safe base64") from None


def _renew_worker(ground: Ground) -> None:
    """Followed in the server's log: who is shut in does not see its processes."""
    log, deadline = ground.log(AirflowApi.name), time.monotonic() + _PATIENCE
    begin = log.stat().st_size
    Supervisor(ground).signal(AirflowApi.name, "HUP")
    while True:
        try:
            said = _said(log, begin)
            if _OLD_IS_GONE.search(said) and _NEW_ANSWERS in said:
                return AirflowApi().check(ground)
        except Unhealthy:
            pass
        if time.monotonic() > deadline:
            raise LabDown("The Airflow API server did not take up its new keys.", "./airlock doctor")
        time.sleep(0.05)


def _said(log: Path, begin: int) -> str:
    with log.open("rb") as stream:
        stream.seek(begin if begin <= log.stat().st_size else 0)  # the supervisor has begun a new file
        return stream.read().decode(errors="replace")
