"""supervisord's configuration file, from programs. What is in it is decided here; who starts it, in `supervisor`."""

from __future__ import annotations

import configparser
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from airlock.lab.service import Program


@dataclass(frozen=True)
class Files:
    """Where a supervisord keeps what it needs.

    Attributes:
        config, pidfile, socket: its own.
        log: of itself; the programs' logs lie beside it.
        joined: a folder beside ``config``, of programs that join later.
    """

    config: Path
    pidfile: Path
    socket: Path
    log: Path
    joined: Path


def whole(files: Files, programs: Mapping[str, Program]) -> str:
    """The configuration of a supervisord that knows these programs and starts none by itself."""
    config = configparser.RawConfigParser()
    config["unix_http_server"] = {"file": _literal(files.socket), "chmod": "0700"}
    config["supervisord"] = {
        "logfile": _literal(files.log),
        "logfile_maxbytes": "1MB",
        "logfile_backups": "1",
        "pidfile": _literal(files.pidfile),
        "childlogdir": _literal(files.log.parent),
    }
    config["rpcinterface:supervisor"] = {
        "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
    }
    # What joins later. Relative to this file: supervisord splits the list at spaces, and a path may have some.
    config["include"] = {"files": f"{files.joined.name}/*.conf"}
    for name, program in programs.items():
        config[f"program:{name}"] = _section(program, files.log.parent / f"{name}.log")
    return _written(config)


def one(name: str, program: Program, logs: Path) -> str:
    """The configuration of one program that joins."""
    config = configparser.RawConfigParser()
    config[f"program:{name}"] = _section(program, logs / f"{name}.log")
    return _written(config)


def _section(program: Program, log: Path) -> dict[str, str]:
    return {
        "command": " ".join(_quoted(part) for part in program.command),
        "directory": _literal(program.directory),
        "environment": ",".join(f"{k}={_enclosed(v)}" for k, v in program.environment.items()),
        "autostart": "false",
        "autorestart": "true",
        "startsecs": "1",
        "startretries": "5",
        "stopsignal": program.stop_signal,
        "stopwaitsecs": "15",
        "stopasgroup": "true",
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": _literal(log),
        "stdout_logfile_maxbytes": "5MB",
        "stdout_logfile_backups": "1",
    }


def _written(config: configparser.RawConfigParser) -> str:
    lines = []
    for section in config.sections():
        lines += [f"[{section}]", *(f"{key}={value}" for key, value in config[section].items()), ""]
    return "\n".join(lines)


def _literal(value: object) -> str:
    # supervisord expands %(…)s in every value.
    return str(value).replace("%", "%%")


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{_literal(escaped)}"'


def _enclosed(value: str) -> str:
    # supervisord reads this list with a lexer that knows quotes but no escapes.
    if '"' in value:
        raise ValueError(f"supervisord cannot hold a double quote in an environment value: {value!r}")
    return f'"{_literal(value)}"'
