"""`airlock hub`: a workshop on one machine. Makes accounts for learners, and starts JupyterHub for them."""

from __future__ import annotations

import compileall
import grp
import ipaddress
import os
import pwd
import re
import secrets
import signal
import subprocess
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from airlock import paths
from airlock.lab.ground import Ground

GROUP = "airlock-learners"
_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")  # what useradd, nbgrader's exchange and PostgreSQL all take

console = Console(highlight=False)
commands = typer.Typer(no_args_is_help=True, help="A workshop on one machine: JupyterHub, and accounts for learners.")


def register(app: typer.Typer) -> None:
    """Add these commands to ``app``."""
    app.add_typer(commands, name="hub")


@commands.command("add")
def add_command(
    names: Annotated[list[str] | None, typer.Argument(help="Account names: small letters, digits, hyphens.")] = None,
    file: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="A file with one name a line.")] = None,
) -> None:
    """Make an account of this machine for each learner, with a random password that is shown once."""
    _only_root()
    wanted = [*(names or ()), *(file.read_text().split() if file else ())]
    if wrong := [name for name in wanted if not _NAME.fullmatch(name)]:
        _refuse(f"No account can have this name: {wrong[0]!r}. Small letters, digits and hyphens, 31 at most.")
    if strangers := [name for name in wanted if _exists(name) and name not in _members()]:
        _refuse(f"{strangers[0]} is an account of this machine already, and no learner's. Choose another name.")
    _run(["groupadd", "--force", "--system", GROUP])
    made = Table(box=None, pad_edge=False)
    made.add_column("name")
    made.add_column("password")
    for name in dict.fromkeys(wanted):
        if name in _members():
            made.add_row(name, "as before")
            continue
        password = secrets.token_urlsafe(9)
        _run(["useradd", "--create-home", "--key", "HOME_MODE=0700", "--shell=/bin/bash", f"--groups={GROUP}", name])
        _run(["chpasswd"], f"{name}:{password}\n")
        made.add_row(name, password)
    console.print(made)
    console.print("\nThe passwords are kept nowhere: note them down now. [bold]passwd NAME[/] sets another.")


@commands.command("remove")
def remove_command(
    names: Annotated[list[str], typer.Argument(help="Learners; everything in their homes is deleted.")],
) -> None:
    """Delete learners' accounts with all of their files. Hand-ins that were collected stay."""
    _only_root()
    for name in names:
        if name not in _members():
            _refuse(f"{name} is no learner's account: nothing was deleted.")
        _run(["userdel", "--remove", name])
        console.print(f"{name} is gone.")
    if not _members():
        _run(["groupdel", GROUP])


@commands.command("start", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def start_command(
    context: typer.Context,
    bind: Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 for all.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    certificate: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="For HTTPS, PEM.")] = None,
    key: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="Its private key, PEM.")] = None,
    idle: Annotated[int, typer.Option(min=1, help="Minutes after which an idle learner's lab is stopped.")] = 60,
) -> None:
    """Start JupyterHub, and stay with it: Ctrl-C stops it with every learner's lab. What follows `--` goes to it."""
    from airlock.cli import hub_ground

    _only_root()
    secured = certificate is not None and key is not None
    if (certificate is None) != (key is None):
        _refuse("HTTPS needs both: --certificate FILE --key FILE.")
    if not secured and not _loopback(bind):
        _refuse(f"Passwords would cross the network in clear. To listen on {bind}, add --certificate FILE --key FILE.")
    if complaint := hub_ground.complaint():
        _refuse(complaint)
    folder = Ground.prepare().folder("hub")
    with console.status("Preparing what learners share …"):
        try:
            proxy_api, hub_port = hub_ground.lay(folder)
            exchange = hub_ground.exchange()
        except hub_ground.NotLaid as why:
            _refuse(str(why))
        compileall.compile_dir(paths.course_root() / "lab-env" / "airlock", quiet=2)
    address = f"http{'s' if secured else ''}://{f'[{bind}]' if ':' in bind else bind}:{port}"
    words = [
        *(sys.executable, "-m", "jupyterhub", "-f", str(paths.course_root() / "lab-env/hub/jupyterhub_config.py")),
        *(f"--JupyterHub.bind_url={address}", f"--JupyterHub.hub_port={hub_port}"),
        f"--ConfigurableHTTPProxy.api_url=http://127.0.0.1:{proxy_api}",
        *((f"--JupyterHub.ssl_cert={certificate.resolve()}",) if certificate else ()),
        *((f"--JupyterHub.ssl_key={key.resolve()}",) if key else ()),
        *context.args,
    ]
    told = {"AIRLOCK_HUB": str(folder), "AIRLOCK_EXCHANGE": str(exchange), "AIRLOCK_HUB_IDLE": str(idle)}
    console.print(f"Learners sign in at [bold]{address}[/]. Ctrl-C stops the hub and every learner's lab.")
    console.print(f"Hand-ins travel through {exchange}", soft_wrap=True)
    sys.stdout.flush()
    os.chdir(folder)
    os.umask(0o077)
    # In the background of a shell it is ignored, and what the hub starts would inherit that and not end when asked to.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.execve(sys.executable, words, {**os.environ, **told})


def _only_root() -> None:
    if not sys.platform.startswith("linux"):
        _refuse("The hub needs Linux: learners are accounts of the machine, made with useradd.")
    if os.geteuid():
        _refuse("The hub starts servers under its learners' accounts, and so needs root: sudo ./airlock hub …")


def _loopback(bind: str) -> bool:
    try:
        return ipaddress.ip_address(bind).is_loopback
    except ValueError:
        return bind == "localhost"


def _members() -> set[str]:
    try:
        return set(grp.getgrnam(GROUP).gr_mem)
    except KeyError:
        return set()


def _exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _run(words: list[str], said: str = "") -> None:
    done = subprocess.run(words, input=said, capture_output=True, text=True, check=False)
    if done.returncode:
        _refuse(f"{words[0]} failed: {done.stderr.strip() or done.stdout.strip()}")


def _refuse(why: str) -> NoReturn:
    console.print(f"[bold red]{why}[/]", soft_wrap=True)
    raise typer.Exit(2)
