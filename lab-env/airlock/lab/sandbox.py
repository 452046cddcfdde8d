"""A sandbox: what a process sees that is shut in (`airlock.lab.shutting`), and the root that shows it just that.

The root is a file system of its own, into which is bound what may be seen. The rest does not exist there.
Mounting takes no rights but those that a process has in a user namespace of its own (user_namespaces(7)).
"""

from __future__ import annotations

import os
import platform
import shutil
import stat
import struct
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from airlock.lab.kernel_calls import call, mount, syscall

MAX_COPY = 16 << 20
TMPFS = "size=256m,mode=755"

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_ETC = ("passwd", "group", "hosts", "host.conf", "nsswitch.conf", "resolv.conf", "localtime", "ld.so.cache", "ssl")
_PLAIN = {stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK}
_DEVICES = ("null", "zero", "full", "random", "urandom")
_NEW_MOUNTS = 0x20000
_BIND, _PRIVATE, _DETACH, _NOSUID = 4096 | 16384, (1 << 18) | 16384, 2, 2 | 4
_MOUNT_SETATTR, _RECURSIVE, _READ_ONLY = 442, 0x8000, 1
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
MACHINES = tuple(_PIVOT_ROOT)
"""Those whose system calls are known here."""


@dataclass(frozen=True)
class Sandbox:
    """What a process sees beside the system's programs and its own working folder. Absolute paths.

    Attributes:
        seen: bound, not to be written to.
        written: bound, and writable.
        hidden: below one of these, and empty in the sandbox.
        copied: files that are copied in, as this process can read them.
        called: sockets, shown even below what is hidden.
        ports: those on loopback that it may call, beside its own; None: it may call anybody.
        answering: a process whose ports it may call as well.
    """

    seen: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    copied: tuple[str, ...] = ()
    called: tuple[str, ...] = ()
    ports: tuple[int, ...] | None = None
    answering: int = 0


def change_root(sandbox: Sandbox, processes: int, copy: str, copies: Mapping[str, bytes]) -> None:
    """Give this process the root of a sandbox.

    Args:
        processes: how many there may be at a time.
        copy: a folder whose content is copied; empty for none.
        copies: what is in the files that are copied.

    Raises:
        OSError: this machine does not allow it.
    """
    call("unshare", _NEW_MOUNTS)
    _begin()
    shown = {*_SYSTEM, *(f"/etc/{name}" for name in _ETC), sys.base_prefix, sys.prefix, *sandbox.seen}
    for path in sorted(shown, key=len):  # a folder before what is in it, which it brings along
        if not os.path.lexists(f"/new{path}"):
            _show(path, _READ_ONLY)
    for path in (*(f"/dev/{name}" for name in _DEVICES), *sandbox.written):
        _show(path)
    for path in sandbox.hidden:
        _hide(path)
    for path in sandbox.called:
        _show(path)
    _show_processes(processes)
    if copy:
        os.makedirs(f"/new{copy}", exist_ok=True)
        mount("tmpfs", f"/new{copy}", "tmpfs", _NOSUID, TMPFS)
        shutil.copytree(f"/old{copy}", f"/new{copy}", symlinks=True, ignore=_no_plain_file, dirs_exist_ok=True)
    for path, content in copies.items():
        _write(f"/new{path}", content)
    _end()


def _begin() -> None:
    mount(None, "/", None, _PRIVATE)
    mount("tmpfs", "/tmp", "tmpfs", _NOSUID, TMPFS)
    for name in ("old", "new"):
        os.mkdir(f"/tmp/{name}")
    mount("tmpfs", "/tmp/new", "tmpfs", _NOSUID, TMPFS)
    _pivot("/tmp", "/tmp/old")
    os.chdir("/")
    for path in ("/tmp", "/dev/shm"):
        os.makedirs(f"/new{path}")
        mount("tmpfs", f"/new{path}", "tmpfs", _NOSUID, TMPFS)


def _end() -> None:
    call("umount2", b"/old", _DETACH)
    os.chdir("/new")
    _pivot(".", ".")  # the old root is under the new one, and goes
    call("umount2", b".", _DETACH)
    os.chdir("/")


def _show_processes(most: int) -> None:
    os.mkdir("/new/proc")
    mount("proc", "/new/proc", "proc", _NOSUID | 8)
    with suppress(OSError):  # root has no other limit than this one, which Linux has since 6.14
        Path("/new/proc/sys/kernel/pid_max").write_text(str(most))
    Path("/new/proc/sys/user/max_user_namespaces").write_text("0")
    # The files below belong to root, and to a shut-in root: one of them names a program for the whole machine to run.
    mount("/new/proc/sys", "/new/proc/sys", None, _BIND)
    _restrict("/new/proc/sys", _READ_ONLY)


def _write(path: str, content: bytes) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        stream.write(content)


def _no_plain_file(folder: str, names: list[str]) -> set[str]:
    """What a hand-in may hold and a notebook has no need of: pipes, sockets, devices, files beyond all measure."""
    found = {name: os.lstat(os.path.join(folder, name)) for name in names}
    odd = {name for name, each in found.items() if stat.S_IFMT(each.st_mode) not in _PLAIN}
    return odd | {name for name, each in found.items() if each.st_size > MAX_COPY}


def _hide(path: str) -> None:
    if os.path.isdir(f"/new{path}"):
        mount("tmpfs", f"/new{path}", "tmpfs", _NOSUID, TMPFS)
    elif os.path.exists(f"/new{path}"):
        mount("/old/dev/null", f"/new{path}", None, _BIND)


def _show(path: str, attributes: int = 0) -> None:
    """Bind what the old root has at ``path``; a link stays a link."""
    old, new = f"/old{path}", f"/new{path}"
    if not os.path.lexists(old):
        return
    os.makedirs(os.path.dirname(new), exist_ok=True)
    if os.path.islink(old):
        os.symlink(os.readlink(old), new)
        return
    if os.path.isdir(old):
        os.makedirs(new, exist_ok=True)
    elif not os.path.exists(new):
        Path(new).touch()
    mount(old, new, None, _BIND)
    _restrict(new, attributes)


def _restrict(mounted: str, attributes: int) -> None:
    wanted = struct.pack("QQQQ", attributes | 2, 0, 0, 0)  # and never a set-user-id program
    syscall(_MOUNT_SETATTR, -100, mounted.encode(), _RECURSIVE, wanted, len(wanted))


def _pivot(new: str, old: str) -> None:
    syscall(_PIVOT_ROOT[platform.machine()], new.encode(), old.encode())
