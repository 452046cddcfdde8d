"""Shutting a process in: a root of its own that holds what it may see, processes of its own, limits.

Linux namespaces, entered by the process itself; needs neither root nor a program such as bubblewrap. What is not bound
into the new root does not exist there. What may be called is in `airlock.lab.gate`. Root is no root inside: it is an
account of no name, with the files of root that are shown.
"""

from __future__ import annotations

import os
import platform
import resource
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from airlock.lab import gate as network
from airlock.lab.kernel_calls import LIBC, call, end_with_parent, mount, syscall

MEMORY = 4 << 30  # address space of one process, bytes: Airflow maps a good part of it
PROCESSES = 400  # with threads
FILE_BYTES = 256 << 20
MAX_COPY = 16 << 20
TMPFS = "size=256m,mode=755"
NOBODY = 65534  # what root is inside: programs refuse to be root, PostgreSQL for one

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_ETC = ("passwd", "group", "hosts", "host.conf", "nsswitch.conf", "resolv.conf", "localtime", "ld.so.cache", "ssl")
_PLAIN = {stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK}
_DEVICES = ("null", "zero", "full", "random", "urandom")
_NEW = 0x10000000 | 0x20000000 | 0x08000000 | 0x04000000  # user, pid, ipc, uts
_NEW_MOUNTS = 0x20000
_BIND, _PRIVATE, _DETACH, _NOSUID = 4096 | 16384, (1 << 18) | 16384, 2, 2 | 4
_NO_NEW_PRIVS, _BOUNDING_DROP = 38, 24
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_MOUNT_SETATTR, _RECURSIVE, _READ_ONLY = 442, 0x8000, 1


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


@cache
def isolation() -> str:
    """Why nothing can be shut in on this machine; empty when it can. Tries it."""
    return "" if not gate() else _tried("Sandbox()")


@cache
def gate() -> str:
    """Why the network of what is shut in cannot be closed on this machine; empty when it can. Tries it."""
    return _tried("Sandbox(ports=())")


def _tried(box: str) -> str:
    if sys.platform != "linux" or platform.machine() not in _PIVOT_ROOT:
        return "only Linux can shut a program in"
    with tempfile.TemporaryDirectory() as folder:
        program = f"from {__name__} import Sandbox, enter; enter({box}, {folder!r})"
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60, cwd=folder
        )
    return "" if done.returncode == 0 else (done.stderr.strip().splitlines() or ["it ended at once"])[-1]


def enter(sandbox: Sandbox, copy: str = "", signals: Sequence[int] = (signal.SIGINT,)) -> None:
    """Shut this process in: what returns is the first process of the sandbox. The caller's own one waits for its end.

    Args:
        sandbox: what is seen.
        copy: a folder whose content is copied, so that nothing is written to it.
        signals: what the waiting process hands on.

    Raises:
        OSError: this machine does not allow it.
    """
    copies = {name: Path(name).read_bytes() for name in sandbox.copied}
    user, group = os.getuid(), os.getgid()
    with suppress(PermissionError):  # leads a group already
        os.setsid()
    ours, theirs = socket.socketpair()
    outside = os.getpid()
    if sandbox.ports is not None and not os.fork():
        theirs.close()
        _watch(ours, outside, signals, sandbox)
    ours.close()
    call("unshare", _NEW)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user or NOBODY} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group or NOBODY} {group} 1")
    end_with_parent()
    first = os.fork()
    if first:
        theirs.close()
        _wait(first, signals)
    end_with_parent()
    os.setsid()
    call("unshare", _NEW_MOUNTS)
    _new_root(sandbox, copy, copies)
    _limit()
    _give_up_rights()
    with theirs:
        if sandbox.ports is not None:
            handle = network.close()
            socket.send_fds(theirs, [b"x"], [handle])
            os.close(handle)  # whoever has it says what may be called


def _watch(link: socket.socket, outside: int, signals: Sequence[int], sandbox: Sandbox) -> None:
    """Say what may be called, for as long as the process ``outside`` waits.

    In no namespace of the sandbox: from inside one, nobody sees which ports another process listens on.
    """
    end_with_parent()
    for each in signals:
        signal.signal(each, signal.SIG_IGN)
    if os.getppid() == outside and (handles := socket.recv_fds(link, 1, 1)[1]):
        network.keep(handles[0], outside, network.Policy(set(sandbox.ports or ()), sandbox.answering))
    os._exit(0)


def _wait(first: int, signals: Sequence[int]) -> None:
    """Outside the sandbox: hand signals on, end when it ends. Its end by force ends everything inside."""
    for each in signals:
        signal.signal(each, lambda number, _: _hand_on(first, number))
    _, status = os.waitpid(first, 0)
    os._exit(os.waitstatus_to_exitcode(status) & 255)


def _hand_on(first: int, number: int) -> None:
    try:
        os.killpg(first, number)
    except ProcessLookupError:  # it leads no group yet
        os.kill(first, number)


def _new_root(sandbox: Sandbox, copy: str, copies: dict[str, bytes]) -> None:
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
    shown = {*_SYSTEM, *(f"/etc/{name}" for name in _ETC), sys.base_prefix, sys.prefix, *sandbox.seen}
    for path in sorted(shown, key=len):  # a folder before what is in it, which it brings along
        if not os.path.lexists(f"/new{path}"):
            _show(path, _READ_ONLY)
    for path in (*(f"/dev/{name}" for name in _DEVICES), *sandbox.written):
        _show(path)
    for path in sandbox.hidden:
        if os.path.isdir(f"/new{path}"):
            mount("tmpfs", f"/new{path}", "tmpfs", _NOSUID, TMPFS)
        elif os.path.exists(f"/new{path}"):
            mount("/old/dev/null", f"/new{path}", None, _BIND)
    for path in sandbox.called:
        _show(path)
    os.mkdir("/new/proc")
    mount("proc", "/new/proc", "proc", _NOSUID | 8)
    with suppress(OSError):  # root has no other limit than this one, which Linux has since 6.14
        Path("/new/proc/sys/kernel/pid_max").write_text(str(PROCESSES))
    Path("/new/proc/sys/user/max_user_namespaces").write_text("0")
    # The files below belong to root, and to a shut-in root: one of them names a program for the whole machine to run.
    mount("/new/proc/sys", "/new/proc/sys", None, _BIND)
    _restrict("/new/proc/sys", _READ_ONLY)
    if copy:
        os.makedirs(f"/new{copy}", exist_ok=True)
        mount("tmpfs", f"/new{copy}", "tmpfs", _NOSUID, TMPFS)
        shutil.copytree(f"/old{copy}", f"/new{copy}", symlinks=True, ignore=_no_plain_file, dirs_exist_ok=True)
    for path, content in copies.items():
        os.makedirs(os.path.dirname(f"/new{path}"), exist_ok=True)
        descriptor = os.open(f"/new{path}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
    call("umount2", b"/old", _DETACH)
    os.chdir("/new")
    _pivot(".", ".")  # the old root is under the new one, and goes
    call("umount2", b".", _DETACH)
    os.chdir("/")


def _no_plain_file(folder: str, names: list[str]) -> set[str]:
    """What a hand-in may hold and a notebook has no need of: pipes, sockets, devices, files beyond all measure."""
    found = {name: os.lstat(os.path.join(folder, name)) for name in names}
    odd = {name for name, each in found.items() if stat.S_IFMT(each.st_mode) not in _PLAIN}
    return odd | {name for name, each in found.items() if each.st_size > MAX_COPY}


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


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_NPROC, PROCESSES),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
    ):
        resource.setrlimit(what, (most, most))


def _give_up_rights() -> None:
    """No mount may be undone: all that its own namespace lets the first process do is dropped, for good."""
    for capability in range(64):
        if LIBC.prctl(_BOUNDING_DROP, capability, 0, 0, 0) != 0:
            break
    call("capset", struct.pack("Ii", 0x20080522, 0), bytes(24))
    call("prctl", _NO_NEW_PRIVS, 1, 0, 0, 0)


def _pivot(new: str, old: str) -> None:
    syscall(_PIVOT_ROOT[platform.machine()], new.encode(), old.encode())
