"""The command line: `./airlock …`."""

from airlock.cli.main import main

__all__ = ["main"]
