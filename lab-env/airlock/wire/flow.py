"""Cutting what one side sent into messages, whatever the chunks were."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from airlock.wire.message import Message, Shape
from airlock.wire.notes import Notes

LIMIT = 64 * 1024
"""Bytes kept of one message. A longer one is passed over, and shown truncated."""
LEAST = 20 * 1024
"""The smallest limit: a TLS record and an HTTP head fit into it."""
BLOCK = 4096
"""Bytes a message of a stream that has no messages (any more)."""


class Talk(Protocol):
    """What both sides of a conversation say, in one protocol: knows where messages end and what state they make."""

    def measure(self, sender: str, data: bytes, at: int) -> tuple[int, Shape] | None:
        """The size and shape of the message at ``at`` (there is at least one byte); None when it needs more to tell.

        It asks for more only up to a fixed number of bytes.
        """

    def accept(self, message: Message) -> Sequence[Message]:
        """Take a message that has been cut off, change state by it, and hand over what is to be shown for it."""

    def finish(self, sender: str, time: float) -> Sequence[Message]:
        """What is still held of that side when nothing follows."""


class Flow:
    """One direction of a connection. Keeps at most ``limit`` bytes (and what the protocol's headers need)."""

    def __init__(self, sender: str, talk: Talk, limit: int = LIMIT) -> None:
        self.sender = sender
        self._talk = talk
        self._limit = limit
        self._pending = bytearray()
        self._needed = 1
        self._frame: tuple[int, Shape] | None = None
        self._passed = 0  # bytes seen of a message over the limit
        self._time = 0.0

    def feed(self, time: float, data: bytes) -> list[Message]:
        """The messages that ``data`` completes."""
        self._time = time
        messages: list[Message] = []
        if self._passed and self._frame:
            step = min(len(data), self._frame[0] - self._passed)
            self._passed += step
            if self._passed < self._frame[0]:
                return messages
            messages += self._accept(bytes(self._pending))
            self._pending.clear()
            data = data[step:]
        if self._pending or len(data) < self._needed:
            self._pending += data
            if len(self._pending) < self._needed:
                return messages
            data = bytes(self._pending)
        self._pending = bytearray(data[self._cut(data, messages) :])
        if self._passed:
            del self._pending[self._limit :]
        return messages

    def close(self) -> list[Message]:
        """What is left when the side has stopped sending."""
        messages: list[Message] = []
        if self._frame:
            messages += self._accept(bytes(self._pending), whole=False)
        messages += self._talk.finish(self.sender, self._time)
        if self._pending and not self._frame:
            raw = bytes(self._pending)
            messages.append(Message(_STUMP, self.sender, self._time, raw, len(raw), whole=False))
        self._pending.clear()
        self._frame, self._passed, self._needed = None, 0, 1
        return messages

    def _cut(self, data: bytes, messages: list[Message]) -> int:
        """Cut off what is complete; where the rest begins."""
        at, end = 0, len(data)
        self._needed = 1
        while at < end:
            self._frame = self._frame or self._talk.measure(self.sender, data, at)
            if self._frame is None:
                self._needed = end - at + 1
                break
            size, shape = self._frame
            if end - at < size:
                if size > self._limit and end - at >= self._limit:
                    self._passed = end - at
                else:
                    self._needed = min(size, self._limit)
                break
            raw = data[at : at + min(size, self._limit)]
            self._frame = None
            messages += self._talk.accept(Message(shape, self.sender, self._time, raw, size))
            at += size
        return at

    def _accept(self, kept: bytes, *, whole: bool = True) -> Sequence[Message]:
        assert self._frame is not None
        (declared, shape), passed = self._frame, self._passed
        self._frame, self._passed = (None, 0) if whole else (self._frame, self._passed)
        size = declared if whole else max(passed, len(kept))
        return self._talk.accept(Message(shape, self.sender, self._time, kept, size, whole))


def all_of_it(notes: Notes) -> None:
    """Nothing is known about the bytes."""
    if notes.left:
        notes.rest("bytes", "bytes as they passed")


_STUMP = Shape("unknown", "Incomplete", "too little of a message to tell what it is", all_of_it)
