"""The network of who is shut in: a process outside makes every connection for it, or says no.

Linux stops whoever calls `connect` or `bind` and asks the process that keeps watch (seccomp's user notification, Linux
5.9, no rights needed). That one reads the address once, and if it may be called, calls it itself, on the socket of who
asked. So nothing changes between look and deed. What is no TCP and no Unix socket cannot be opened at all.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import platform
import select
import socket
import struct
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from airlock.lab.kernel_calls import LIBC, syscall

# seccomp, socket, connect, bind, sendto, sendmsg, sendmmsg; the audit name of the machine. From the kernel's tables.
_NUMBERS = {
    "x86_64": (317, 41, 42, 49, 44, 46, 307, 0xC000003E),
    "aarch64": (277, 198, 203, 200, 206, 211, 269, 0xC00000B7),
}
_IO_URING_SETUP, _PIDFD_OPEN, _OPENAT2, _PIDFD_GETFD = 425, 434, 437, 438
_RECEIVE, _SEND = 0xC0502100, 0xC0182101
_NOTIFICATION, _ANSWER = struct.Struct("QIIiIQ6Q"), struct.Struct("QqiI")
_ALLOW, _ASK, _KILL, _ERROR = 0x7FFF0000, 0x7FC00000, 0x80000000, 0x00050000
_CONTINUE, _IN_ROOT, _O_PATH = 1, 0x10, 0x200000
_NETLINK = 16
_FAST_OPEN = 0x20000000  # a `sendto` that connects


@dataclass
class Policy:
    """What may be called on loopback.

    Attributes:
        ports: of who is shut in, and those that it was given.
        answering: a process whose own ports may be called, 0 for none.
    """

    ports: set[int]
    answering: int

    def allows(self, port: int) -> bool:
        """Whether this port may be called."""
        return port in self.ports or _listens(self.answering, port)


def close() -> int:
    """Close the network of this process and of all it will start; returns the handle that the watch needs.

    Raises:
        OSError: this kernel cannot do it.
    """
    seccomp, opened, called, bound, *sending, machine = _NUMBERS[platform.machine()]
    sendto, sendmsg, sendmmsg = sending
    no, gone = _ERROR | errno.EACCES, _ERROR | errno.ENOSYS
    program = [
        *(_load(4), *_unless(machine, _return(_KILL)), _load(0)),
        *([_op(0x35, 0x40000000, 0, 1), _return(gone)] if platform.machine() == "x86_64" else []),  # x32
        *(_op(0x15, called, 0, 1), _return(_ASK), _op(0x15, bound, 0, 1), _return(_ASK)),
        *(_op(0x15, _IO_URING_SETUP, 0, 1), _return(gone)),
    ]
    for number, flags in ((sendto, 3), (sendmsg, 2), (sendmmsg, 3)):
        rest = [_argument(flags), _op(0x45, _FAST_OPEN, 0, 1), _return(no), _return(_ALLOW)]
        program += [_op(0x15, number, 0, len(rest)), *rest]
    inet = [_argument(1), _op(0x54, 0xF, 0, 0), *_unless(socket.SOCK_STREAM, _return(no)), _return(_ALLOW)]
    program += [
        *_unless(opened, _return(_ALLOW)),
        *(_argument(0), _op(0x15, socket.AF_UNIX, 0, 1), _return(_ALLOW)),
        *(_op(0x15, socket.AF_INET, 1, 0), _op(0x15, socket.AF_INET6, 0, len(inet)), *inet),
        *_unless(_NETLINK, _return(no)),  # for the routes: the C library reads them to sort addresses
        *(_argument(2), *_unless(0, _return(no)), _return(_ALLOW)),
    ]
    code = ctypes.create_string_buffer(b"".join(program))
    whole = struct.pack("HxxxxxxP", len(program), ctypes.addressof(code))
    return syscall(seccomp, 1, 8, whole)


def keep(handle: int, ends: int, policy: Policy) -> None:
    """Answer for who is shut in until the process ends that ``ends`` is a pidfd of."""
    _, _, called, *_ = _NUMBERS[platform.machine()]
    while True:
        ready = select.select([handle, ends], [], [])[0]
        if ends in ready:
            return
        asked = bytearray(_NOTIFICATION.size)
        try:
            fcntl.ioctl(handle, _RECEIVE, asked)
        except OSError:  # who asked is gone
            continue
        number, thread, _, call, _, _, *arguments = _NOTIFICATION.unpack(asked)
        error, flags = _answered(thread, call == called, arguments, policy)
        with suppress(OSError):
            fcntl.ioctl(handle, _SEND, _ANSWER.pack(number, 0, -error, flags))


def _answered(thread: int, calls: bool, arguments: Sequence[int], policy: Policy) -> tuple[int, int]:
    """The error, 0 for none, and whether the call goes on as it is."""
    try:
        with open(f"/proc/{thread}/mem", "rb", buffering=0) as memory:
            memory.seek(arguments[1])
            address = memory.read(min(arguments[2], 128))
        family = struct.unpack_from("H", address)[0]
        if family == socket.AF_UNIX and not calls:
            return 0, _CONTINUE
        with _socket_of(thread, arguments[0]) as theirs:
            if family == socket.AF_UNIX:
                return _call_unix(theirs, thread, address), 0
            if family == _NETLINK and not calls:  # the kernel's own list of addresses: PostgreSQL's `samehost`
                return (ctypes.get_errno() if LIBC.bind(theirs.fileno(), address, len(address)) else 0), 0
            return _call_inet(theirs, calls, family, address, policy), 0
    except OSError as error:
        return error.errno or errno.EACCES, 0
    except (ValueError, struct.error, OverflowError):
        return errno.EINVAL, 0


def _call_inet(theirs: socket.socket, calls: bool, family: int, address: bytes, policy: Policy) -> int:
    port = struct.unpack_from("!H", address, 2)[0]
    raw = {socket.AF_INET: address[4:8], socket.AF_INET6: address[8:24]}.get(socket.AddressFamily(family))
    host = ip_address(raw or b"")
    if not (getattr(host, "ipv4_mapped", None) or host).is_loopback or (calls and not policy.allows(port)):
        return errno.EACCES
    function = LIBC.connect if calls else LIBC.bind
    if function(theirs.fileno(), address, len(address)) != 0:
        return ctypes.get_errno()
    if not calls:
        policy.ports.add(theirs.getsockname()[1])
    return 0


def _call_unix(theirs: socket.socket, thread: int, address: bytes) -> int:
    """Only by its name in the file system that who asked sees: an abstract name is one outside."""
    name = address[2:].split(b"\0")[0].decode(errors="surrogateescape")
    if not name:
        return errno.EACCES
    root = os.open(f"/proc/{thread}/root", _O_PATH)
    try:
        path = os.path.join(os.readlink(f"/proc/{thread}/cwd"), name)
        how = struct.pack("QQQ", _O_PATH, 0, _IN_ROOT)
        file = syscall(_OPENAT2, root, os.fsencode(path), how, len(how))
    finally:
        os.close(root)
    try:
        theirs.connect(f"/proc/self/fd/{file}")
    finally:
        os.close(file)
    return 0


def _socket_of(thread: int, descriptor: int) -> socket.socket:
    status = Path(f"/proc/{thread}/status").read_text()
    process = int(status.partition("Tgid:")[2].split()[0])
    handle = os.pidfd_open(process)
    try:
        taken = socket.socket(fileno=syscall(_PIDFD_GETFD, handle, descriptor & 0xFFFFFFFF, 0))
    finally:
        os.close(handle)
    return taken


def _listens(process: int, port: int) -> bool:
    """Whether ``process`` listens on a port of the loopback."""
    if not process:
        return False
    sockets = {
        words[9]
        for file in ("/proc/self/net/tcp", "/proc/self/net/tcp6")
        for words in map(str.split, Path(file).read_text().splitlines()[1:])
        if words[3] == "0A" and int(words[1].rpartition(":")[2], 16) == port
    }
    for descriptor in Path(f"/proc/{process}/fd").iterdir():
        with suppress(OSError):
            if os.readlink(descriptor)[8:-1] in sockets:
                return True
    return False


def _op(code: int, value: int, then: int, otherwise: int) -> bytes:
    return struct.pack("HBBI", code, then, otherwise, value)


def _load(offset: int) -> bytes:
    return _op(0x20, offset, 0, 0)


def _argument(index: int) -> bytes:
    return _load(16 + 8 * index)  # the lower half; both machines are little-endian


def _return(value: int) -> bytes:
    return _op(0x06, value, 0, 0)


def _unless(value: int, otherwise: bytes) -> list[bytes]:
    return [_op(0x15, value, 1, 0), otherwise]
