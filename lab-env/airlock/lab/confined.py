"""Run a server shut in: ``confined <folder> … -- <command>``. It sees the system's programs and may write to folders.

A superuser of PostgreSQL runs programs and reads files as the server does. In a class the superuser may be a hand-in.
"""

from __future__ import annotations

import os
import signal
import sys

from airlock.lab.sandbox import Sandbox
from airlock.lab.shutting import enter, gate

_CLOSED = "--closed"  # it calls nobody
_HANDED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


def command(program: str, *written: str) -> list[str]:
    """The words that run ``program`` so; its own arguments go behind."""
    return [sys.executable, "-m", __name__, *([] if gate() else [_CLOSED]), *written, "--", program]


def main(words: list[str]) -> None:
    """Be that command."""
    end, where = words.index("--"), os.getcwd()
    folders = tuple(word for word in words[:end] if word != _CLOSED)
    enter(Sandbox(written=folders, ports=() if _CLOSED in words[:end] else None), signals=_HANDED_ON)
    os.chdir(where)
    os.execv(words[end + 1], words[end + 1 :])


if __name__ == "__main__":
    main(sys.argv[1:])
