"""The command line: `./airlock …`."""

import gc

# What is imported is no garbage: with Python's own 700, looking for some takes a tenth of every command's start.
gc.set_threshold(50_000)

from airlock.cli.main import main  # noqa: E402 - after that

__all__ = ["main"]
