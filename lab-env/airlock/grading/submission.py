"""A submission's own file: ``learner.json``, which says whose world its answers belong to."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

from airlock.lab import Seed

LEARNER = "learner.json"
_MAX_BYTES = 4096


def seed_of(folder: Path) -> Seed | None:
    """The seed that travels with a submission; None when there is none, or none that can be read."""
    file = folder / LEARNER
    try:
        if file.is_symlink() or file.stat().st_size > _MAX_BYTES:
            return None
        return Seed(json.loads(file.read_text())["seed"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def shared_seeds(folders: dict[str, Path]) -> list[list[str]]:
    """The learners (name to submission folder) who handed in the same seed: one of them copied a whole folder."""
    owners: dict[str, list[str]] = defaultdict(list)
    for learner, folder in sorted(folders.items()):
        if seed := seed_of(folder):
            owners[seed.hex.lower()].append(learner)
    return [learners for learners in owners.values() if len(learners) > 1]
