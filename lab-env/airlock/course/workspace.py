"""The learner's own copies of the lessons, in ``work/``. What a learner has changed is never overwritten."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from airlock import paths

_LEDGER = ".origins.json"


@dataclass
class Workspace:
    """What `prepare` did, by path below ``work/``."""

    work: Path
    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def prepare(seed: str) -> Workspace:
    """Copy what is missing, update what the learner has not touched, keep what the learner has.

    ``seed`` goes beside each lesson as ``learner.json``, so that it travels with a submission.
    """
    work = paths.work_dir()
    work.mkdir(parents=True, exist_ok=True)
    done = Workspace(work)
    ledger = _read(work / _LEDGER)
    released = paths.course_root() / "notebooks"
    for source in sorted(path for path in released.rglob("*") if path.is_file()):
        name = source.relative_to(released).as_posix()
        if any(part.startswith(".") for part in source.relative_to(released).parts):
            continue
        _bring(source, work / name, name, ledger, done)
    for lesson in sorted(work.glob("lesson-*")):
        (lesson / "learner.json").write_text(json.dumps({"seed": seed}) + "\n")
    (work / _LEDGER).write_text(json.dumps(ledger, indent=2, sort_keys=True))
    return done


def _bring(source: Path, copy: Path, name: str, ledger: dict[str, str], done: Workspace) -> None:
    """``ledger`` holds the digest of each file as it was brought: it tells what the learner has changed."""
    digest = _digest(source)
    if not copy.exists():
        done.added.append(name)
    elif _digest(copy) == digest:
        ledger[name] = digest
        return
    elif _digest(copy) == ledger.get(name):
        done.updated.append(name)
    else:
        if ledger.get(name) != digest:
            done.kept.append(name)  # the course has a newer one
        return
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, copy)
    copy.chmod(0o644)
    ledger[name] = digest


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _read(ledger: Path) -> dict[str, str]:
    try:
        known: dict[str, str] = json.loads(ledger.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return known
