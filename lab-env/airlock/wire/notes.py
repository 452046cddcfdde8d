"""Reading bytes and saying what they mean in the same breath: every read leaves a field behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple, TypeAlias

Value: TypeAlias = str | int | bytes | None


class Malformed(Exception):
    """The bytes do not follow the format. Never leaves this package."""


class Field(NamedTuple):
    """Some bytes of a message: ``length`` bytes from ``offset`` (both counted in ``Message.raw``).

    ``value`` is a number, a text, the bytes themselves where they stand for nothing else, or None (SQL's NULL, or
    a group whose members follow with a greater ``depth``).
    """

    name: str
    offset: int
    length: int
    value: Value
    explanation: str
    depth: int = 0


class Notes:
    """A cursor over one message. Numbers are big-endian, as in every protocol here."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.malformed = False
        self._stop = len(data)
        self._fields: list[Field] = []
        self._depth = 0
        self._gaps: tuple[int, ...] = ()
        self._gap = 0

    @property
    def left(self) -> int:
        """Bytes not read yet, in the innermost group."""
        return self._stop - self.at

    def close_up(self, gaps: Sequence[int], length: int) -> None:
        """Read on as if the ``length`` bytes at each of ``gaps`` were not there; fields still name their true place."""
        pieces, begin = [], 0
        for gap in gaps:
            pieces.append(self.data[begin:gap])
            begin = gap + length
        self.data = b"".join([*pieces, self.data[begin:]])
        self._gaps, self._gap, self._stop = tuple(gaps), length, len(self.data)

    def peek(self, size: int, ahead: int = 0) -> bytes:
        """The bytes that come ``ahead`` of here, or fewer when there are no more; nothing is noted."""
        return self.data[self.at + ahead : min(self.at + ahead + size, self._stop)]

    def take(self, size: int, name: str, why: str, show: Callable[[bytes], Value] | None = None) -> bytes:
        """``size`` bytes; their value is ``show(bytes)`` where given."""
        start, data = self.at, self._cut(size, name)
        self.add(start, name, data if show is None else show(data), why)
        return data

    def rest(self, name: str, why: str, show: Callable[[bytes], Value] | None = None) -> bytes:
        """Everything up to the end of the group."""
        return self.take(self.left, name, why, show)

    def number(self, size: int, name: str, why: str, names: Mapping[int, str] | None = None) -> int:
        """An unsigned number of ``size`` bytes, shown by its name where ``names`` has one."""
        start, number = self.at, int.from_bytes(self._cut(size, name))
        value: Value = number if names is None else names.get(number, f"unknown 0x{number:0{2 * size}x}")
        self.add(start, name, value, why)
        return number

    def signed(self, size: int, name: str, why: str) -> int:
        """A signed number of ``size`` bytes."""
        start, number = self.at, int.from_bytes(self._cut(size, name), signed=True)
        self.add(start, name, number, why)
        return number

    def string(self, name: str, why: str) -> str:
        """A text that ends with a zero byte, which belongs to the field."""
        end = self.data.find(b"\0", self.at, self._stop)
        if end < 0:
            raise Malformed(f"{name} has no end")
        start, text = self.at, readable(self.data[self.at : end])
        self.at = end + 1
        self.add(start, name, text, why)
        return text

    def add(self, start: int, name: str, value: Value, why: str, end: int | None = None) -> None:
        """Note what the bytes from ``start`` up to ``end``, or up to here, are."""
        self._fields.append(self._field(start, self.at if end is None else end, name, value, why))

    @contextmanager
    def group(self, name: str, why: str, size: int | None = None, value: Value = None) -> Iterator[None]:
        """Fields that belong together. With ``size`` they must fill exactly that many bytes; if they do not, the
        damage stays inside: the bytes left over are noted as such, and reading goes on after them."""
        if size is not None and size > self.left:
            raise Malformed(f"{name} should have {size} bytes and has {self.left}")
        start, place, stop = self.at, len(self._fields), self._stop
        self._fields.append(Field(name, 0, 0, value, why))
        if size is not None:
            self._stop = self.at + size
        self._depth += 1
        try:
            yield
            if size is not None:
                self.end()
        except Malformed as problem:
            if size is None:
                raise
            self.give_up(str(problem))
        finally:
            self._depth -= 1
            self._stop = stop
            self._fields[place] = self._field(start, self.at, name, value, why)

    def end(self) -> None:
        """Nothing may be left here.

        Raises:
            Malformed: something is.
        """
        if self.left:
            raise Malformed(f"{self.left} bytes more than belong here")

    def give_up(self, why: str) -> None:
        """Note what is left of the group as bytes that nothing is known about."""
        self.malformed = True
        if self.left:
            self.rest("undecoded", why)

    def in_order(self) -> tuple[Field, ...]:
        """The fields by their place on the wire."""
        return tuple(sorted(self._fields, key=lambda each: each.offset))

    def _cut(self, size: int, name: str) -> bytes:
        if size < 0 or size > self.left:
            raise Malformed(f"{name} should have {size} bytes and has {self.left}")
        self.at += size
        return self.data[self.at - size : self.at]

    def _field(self, start: int, end: int, name: str, value: Value, why: str) -> Field:
        if not self._gaps:
            return Field(name, start, end - start, value, why, self._depth)
        offset = self._place(start)
        length = self._place(end - 1) + 1 - offset if end > start else 0
        return Field(name, offset, length, value, why, self._depth)

    def _place(self, at: int) -> int:
        """Where a byte that is read at ``at`` stands in the message as it passed."""
        for gap in self._gaps:
            if gap > at:
                break
            at += self._gap
        return at


def readable(data: bytes) -> str:
    """Text for people: UTF-8, with what is not UTF-8 as ``\\xNN``."""
    return data.decode("utf-8", "backslashreplace")
