"""What a hub stands on before it starts: its proxy, its ports, the exchange, and a course that learners can read."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from nbgrader.exchange.default import Exchange

from airlock import paths
from airlock.grading.config import BadSettings, settings
from airlock.lab.ports import choosing
from airlock.lab.service import Unhealthy
from airlock.lab.services import wire

_STEPPED_THROUGH, _WRITABLE = 0o001, 0o022


class NotLaid(Exception):
    """Something is missing that cannot be made here; the message says what, and what to do."""


def complaint() -> str:
    """Why no hub can be started here; empty when one can."""
    if not find_spec("jupyterhub"):
        return "JupyterHub is not installed. Start it as ./airlock hub start, which installs it."
    if missing := [name for name in ("node", "npm") if not shutil.which(name)]:
        return f"JupyterHub's proxy needs {missing[0]}. Debian, Ubuntu: apt install nodejs npm (Node.js 18 or later)."
    for path in (Path(sys.executable), Path(sys.executable).resolve(), paths.course_root().resolve()):
        for step in (path, *path.parents):
            mode = step.stat().st_mode
            if not mode & _STEPPED_THROUGH:
                return (
                    f"Learners cannot reach {path}: {step} is closed to them. Put the clone where all may read, in "
                    "/opt say, and give it a Python that they can run: UV_PYTHON=/usr/bin/python3 ./airlock hub start"
                )
    root = paths.course_root()
    for path in (root, root / "lab-env", Path(sys.prefix)):
        if path.stat().st_mode & _WRITABLE or path.stat().st_uid:
            mend = f"chown -R root {path} && chmod -R go-w {path}"
            return f"Others than root may write {path}, and the hub would run what they wrote. To mend it: {mend}"
    return ""


def lay(hub: Path) -> tuple[int, int]:
    """Install the proxy and the wire's environment; two ports, for the proxy's and the hub's own traffic.

    Args:
        hub: the hub's own folder. The proxy comes from npm, pinned in ``lab-env/hub/package-lock.json``.
    """
    source, proxy = paths.course_root() / "lab-env" / "hub", hub / "proxy"
    proxy.mkdir(exist_ok=True, mode=0o700)
    lock = proxy / "installed-package-lock.json"
    if not lock.exists() or lock.read_bytes() != (source / "package-lock.json").read_bytes():
        for name in ("package.json", "package-lock.json"):
            shutil.copy(source / name, proxy / name)
        done = subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=proxy,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise NotLaid(f"npm could not install JupyterHub's proxy: {done.stderr.strip()[-600:]}")
        shutil.copy(source / "package-lock.json", lock)
    os.environ.setdefault("UV_PYTHON", sys.executable)  # one that learners can run, too
    try:
        wire.install()
    except Unhealthy as why:
        raise NotLaid(str(why)) from None
    for environment in (Path(sys.prefix), paths.course_root() / "lab-env" / "wire" / ".venv"):
        if (lock := environment / ".lock").exists():
            lock.chmod(0o644)  # uv makes it for all to write; a learner could hold it, and uv would wait
    with choosing("hub") as choice:
        return choice.another(), choice.another()


def exchange() -> Path:
    """nbgrader's exchange, made and with the modes that a shared machine needs.

    It is where ``nbgrader_config.py`` says (``c.Exchange.root``), or nbgrader's own place. nbgrader opens its root and
    ``inbound`` to all; the sticky bit keeps a learner from moving away what is somebody else's.
    """
    try:
        config = settings()
    except BadSettings as bad:
        raise NotLaid(str(bad)) from None
    root = Path(Exchange(config=config).root)
    course = root / "airlock"
    for folder, mode in ((root, 0o1777), (course, 0o755), (course / "outbound", 0o755), (course / "inbound", 0o3733)):
        folder.mkdir(parents=True, exist_ok=True)
        if folder.stat().st_uid != os.geteuid():
            raise NotLaid(f"{folder} belongs to somebody else. Set another c.Exchange.root in nbgrader_config.py.")
        folder.chmod(mode)
    return root
