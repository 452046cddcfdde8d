"""The process that starts a watch at each gate: small, so that a fork of it costs a tenth of one with Airflow in it.

A watch is in none of the sandbox's namespaces: from inside, nobody sees which ports another process listens on.
"""

from __future__ import annotations

import json
import os
import signal
import socket

from airlock.lab import gate

_MAX_REQUEST = 1 << 16


class Gatekeeper:
    """Make it while this process is small; its forks may ask, too. It ends when the last of them has closed it."""

    def __init__(self) -> None:
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            if not os.fork():
                _serve(theirs.fileno())

    def watch(self, policy: gate.Policy) -> socket.socket:
        """Have a watch kept until this process ends; the gate's handle has to be sent over the socket, to begin."""
        mine, theirs = socket.socketpair()
        asked = json.dumps([sorted(policy.ports), policy.answering]).encode()
        ends = os.pidfd_open(os.getpid())
        with theirs:
            socket.send_fds(self._requests, [asked], [theirs.fileno(), ends])
        os.close(ends)
        return mine

    def close(self) -> None:
        """No watch is wanted any more; those that are kept go on."""
        self._requests.close()


def _serve(descriptor: int) -> None:
    """Never returns. Nothing else of what this process was forked from stays open."""
    os.closerange(3, descriptor)
    os.closerange(descriptor + 1, os.sysconf("SC_OPEN_MAX"))
    os.setsid()  # signals are for those that are watched
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # and nobody waits for a watch
    with socket.socket(fileno=descriptor) as requests:
        while True:
            request, descriptors, _, _ = socket.recv_fds(requests, _MAX_REQUEST, 2)
            if not request:
                os._exit(0)
            if not os.fork():
                requests.close()
                ports, answering = json.loads(request)
                _keep(gate.Policy(set(ports), answering), *descriptors)
            for each in descriptors:
                os.close(each)


def _keep(policy: gate.Policy, descriptor: int, ends: int) -> None:
    with socket.socket(fileno=descriptor) as link:
        handles = socket.recv_fds(link, 1, 1)[1]
    if handles:
        gate.keep(handles[0], ends, policy)
    os._exit(0)
