"""The grader's end of a kernel's link. What comes over it may be hostile: no line, no number of lines is trusted."""

from __future__ import annotations

import codecs
import json
import os
import selectors
import socket
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

READY, REPLY = "ready", "reply"
"""Types of messages: the kernel takes requests now; this is what came of one."""
MAX_LINE = 16 << 20
"""Bytes of one message: what is longer is thrown away. A character takes up to four."""
TOO_MUCH = "too much"
"""The type of what stands for such a message."""
_AT_ONCE = 1 << 18
_PATIENCE = 30.0  # seconds for a request to be taken: a kernel may have stopped reading

Message = tuple[str, dict[str, Any]]


class LinkClosed(Exception):
    """The kernel's process has closed its end, or sends what is no message."""


class Link:
    """Requests go out, messages come in: the kernel's own, and what its children and C code write."""

    def __init__(self) -> None:
        self._mine, theirs = socket.socketpair()
        self._mine.settimeout(_PATIENCE)
        self._pipes = [_Pipe(name) for name in ("stdout", "stderr")]
        self.ends = [theirs.detach(), *(pipe.writer for pipe in self._pipes)]
        """The kernel's socket, standard output and standard error."""
        self._selector = selectors.DefaultSelector()
        for descriptor in (self._mine.fileno(), *(pipe.reader for pipe in self._pipes)):
            self._selector.register(descriptor, selectors.EVENT_READ)
        self._line = bytearray()
        self._skipping = False
        self._is_ready = False
        self._arrived: deque[Message] = deque()

    def handed_over(self) -> None:
        """Close what the kernel's process has now."""
        while self.ends:
            os.close(self.ends.pop())

    def close(self) -> None:
        """Close everything; a second time does nothing."""
        self.handed_over()
        self._selector.close()
        self._mine.close()
        while self._pipes:
            os.close(self._pipes.pop().reader)

    def ask(self, request: dict[str, Any]) -> None:
        """Send a request. Raises `LinkClosed`."""
        try:
            self._mine.sendall(json.dumps(request).encode() + b"\n")
        except OSError as error:
            raise LinkClosed(str(error)) from None

    def messages(self, deadline: float) -> Iterator[Message]:
        """Type and content of what comes, until ``deadline`` on `time.monotonic`.

        Raises:
            LinkClosed: nothing more will come.
        """
        while True:
            while self._arrived:
                yield self._arrived.popleft()
            left = deadline - time.monotonic()
            if left <= 0:
                return
            come = b""
            for ready, _ in self._selector.select(left):
                if ready.fd == self._mine.fileno():
                    come = self._received()
            written = [message for pipe in self._pipes for message in pipe.read()]
            if self._is_ready:  # until then it is what imports have to say
                self._arrived.extend(written)  # before the reply that came after it
            self._take(come)

    def _received(self) -> bytes:
        try:
            if come := self._mine.recv(_AT_ONCE):
                return come
        except OSError as error:
            raise LinkClosed(str(error)) from None
        raise LinkClosed("it has ended")

    def _take(self, come: bytes) -> None:
        *ends, rest = come.split(b"\n")
        for end in ends:
            if not self._skipping:
                message = _parsed(bytes(self._line + end))
                self._arrived.append(message)
                self._is_ready |= message[0] == READY
            self._line.clear()
            self._skipping = False
        self._line += rest
        if len(self._line) > MAX_LINE or self._skipping:
            self._line.clear()
            if not self._skipping:
                self._arrived.append((TOO_MUCH, {}))
            self._skipping = True


class _Pipe:
    """What is written to a standard stream by others than the kernel's own Python."""

    def __init__(self, name: str) -> None:
        self.reader, self.writer = os.pipe()
        os.set_blocking(self.reader, False)
        self._name = name
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def read(self) -> Iterator[Message]:
        """What is there, if anything is."""
        with suppress(BlockingIOError):
            if text := self._decoder.decode(os.read(self.reader, _AT_ONCE)):
                yield "stream", {"name": self._name, "text": text}


def whole(text: str) -> Any:
    """A value of JSON; half a character in it, which JSON can write and no file can hold, is replaced.

    Raises:
        ValueError: it is no JSON.
        RecursionError: it is nested too deeply.
    """
    value = json.loads(text)
    if "\\ud" in text.lower():
        value = json.loads(json.dumps(value, ensure_ascii=False).encode(errors="replace"))
    return value


def _parsed(line: bytes) -> Message:
    try:
        match whole(line.decode()):
            case {"type": str(kind), "content": dict(content)}:
                return kind, content
    except (ValueError, RecursionError):
        pass
    raise LinkClosed("it sends what is no message")
