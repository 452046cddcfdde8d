"""One query on two links, as data: what passed on each, the two in step with each other, and what it gave away.

Pure: from recorded chunks to rows. Nothing here knows Jupyter.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from airlock.wire import Message, decode
from airlock.wire.captures import Captured
from airlock.wire.loot import Loot, loot_of

TOGETHER = 0.0005
"""Seconds within which messages of the two links share a row."""
_SHORT = 120


@dataclass(frozen=True, slots=True)
class Packet:
    """A message of one link: ``number`` counts from 0, ``seconds`` from the link's first byte."""

    number: int
    seconds: float
    message: Message


@dataclass(frozen=True)
class Tap:
    """One run of the query, as the eavesdropper saw it.

    Attributes:
        title: how the run is called.
        packets: its messages in the order of time.
        size: bytes that passed, both ways.
        found: for each secret that was searched for, whether the bytes held it.
    """

    title: str
    packets: list[Packet]
    size: int
    found: dict[str, bool]
    _moments: list[float] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_moments", [each.seconds for each in self.packets])

    def messages(self) -> list[Message]:
        """What passed, in the order of time."""
        return [each.message for each in self.packets]

    def until(self, seconds: float) -> Packet | None:
        """The last message that had passed by then."""
        at = bisect_right(self._moments, seconds)
        return self.packets[at - 1] if at else None


@dataclass(frozen=True, slots=True)
class Row:
    """What passed at one moment: a message of the left link, of the right, or of both."""

    left: Packet | None
    right: Packet | None

    @property
    def seconds(self) -> float:
        """When it was complete, counted from each link's first byte."""
        return max(each.seconds for each in (self.left, self.right) if each)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which messages to show. An empty attribute lets everything pass; ``text`` is searched without regard to case
    in names and bytes."""

    sender: str = ""
    kind: str = ""
    text: str = ""

    def passes(self, message: Message) -> bool:
        """Whether a message is shown."""
        if (self.sender and message.sender != self.sender) or (self.kind and message.kind != self.kind):
            return False
        if not self.text:
            return True
        words = self.text.lower()
        return words in message.kind.lower() or words.encode() in message.raw.lower()


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of what is known; ``value`` is empty while it is not. ``fresh``: learned in this step."""

    name: str
    value: str
    fresh: bool = False


def tap(title: str, chunks: Sequence[Captured], secrets: dict[str, str], keys: Sequence[str] = ()) -> Tap:
    """Decode a recording of one connection, and find what it gives away by searching its bytes.

    Args:
        title: how the run is called.
        chunks: what the wire recorded, in order.
        secrets: what to search for, by name; empty ones are left out.
        keys: the session's key log, to open encrypted records with.
    """
    begin = chunks[0].time if chunks else 0.0
    # The two directions are cut into messages apart, so one can be complete late: by time they are in order.
    messages = sorted(decode(chunks, keys=keys), key=lambda each: each.time)
    packets = [Packet(number, each.time - begin, each) for number, each in enumerate(messages)]
    # Joined by sender: a chunk is what one read gave, and a secret may lie across two.
    streams = [b"".join(c.data for c in chunks if c.sender == side) for side in ("client", "server")]
    found = {name: any(text.encode() in s for s in streams) for name, text in secrets.items() if text}
    return Tap(title, packets, sum(map(len, streams)), found)


def align(left: Iterable[Packet], right: Iterable[Packet]) -> list[Row]:
    """The two links in one list by time; messages close enough together share a row. Order is kept on either side."""
    ours, theirs = list(left), list(right)
    rows: list[Row] = []
    i = j = 0
    while i < len(ours) and j < len(theirs):
        gap = theirs[j].seconds - ours[i].seconds
        one = ours[i] if gap >= -TOGETHER else None
        other = theirs[j] if gap <= TOGETHER else None
        rows.append(Row(one, other))
        i, j = i + (one is not None), j + (other is not None)
    return [*rows, *(Row(each, None) for each in ours[i:]), *(Row(None, each) for each in theirs[j:])]


def rows(left: Tap, right: Tap, wanted: Filter | None = None) -> list[Row]:
    """The rows of what passes a filter, aligned."""
    keep = wanted or Filter()
    return align(*([p for p in each.packets if keep.passes(p.message)] for each in (left, right)))


def moments(lines: Sequence[Row], left: Tap, right: Tap) -> list[tuple[Packet | None, Packet | None]]:
    """For each row, the last message of either link that had passed by then, shown or not."""
    passed: list[tuple[Packet | None, Packet | None]] = []
    ours: Packet | None = None
    theirs: Packet | None = None
    for row in lines:
        ours = row.left or _later(ours, left.until(row.seconds))
        theirs = row.right or _later(theirs, right.until(row.seconds))
        passed.append((ours, theirs))
    return passed


def kinds(*taps: Tap) -> list[str]:
    """Every kind of message, in the order of first appearance."""
    return list(dict.fromkeys(p.message.kind for each in taps for p in each.packets))


def knowledge(link: Tap, last: Packet | None, before: Packet | None = None) -> list[Fact]:
    """What the eavesdropper knows once ``last`` has passed: always the same lines, so that two links compare.

    What was not known yet after ``before`` is fresh.
    """
    now = _known(link, last)
    then = now if before is last else _known(link, before)
    # The last line counts every byte, so it would always be new.
    *names, counted = now
    facts = [Fact(name, now[name], bool(now[name]) and now[name] != then[name]) for name in names]
    return [*facts, Fact(counted, now[counted])]


def _later(one: Packet | None, other: Packet | None) -> Packet | None:
    return max((each for each in (one, other) if each), key=lambda each: each.number, default=None)


def _known(link: Tap, last: Packet | None) -> dict[str, str]:
    seen = [each.message for each in link.packets[: last.number + 1]] if last else []
    stolen = loot_of(seen)
    logged_in = any(each.kind == "AuthenticationOk" for each in seen)
    password = stolen.password or stolen.hash
    if not password and stolen.scram:
        password = "never on the wire: SCRAM only proves it"
    attempt = f"{len(stolen.scram)} of 4 messages; enough to test guesses offline" if stolen.scram else ""
    return {
        "Protocol": _protocol(seen),
        "Server name": _server_name(seen),
        "Login": stolen.user + (", let in" if stolen.user and logged_in else ""),
        "Database": stolen.database,
        "Password": password,
        "Proof of it": attempt,
        "SQL": short("; ".join(stolen.sql)),
        "Rows": _rows(stolen),
        "Bytes read": f"{stolen.bytes_read:,} of {sum(each.size for each in seen):,}",
    }


def _protocol(seen: Sequence[Message]) -> str:
    if not seen:
        return ""
    hello = next((each for each in seen if each.kind in ("ServerHello", "HelloRetryRequest")), None)
    if hello is None:
        first = seen[0]
        return "PostgreSQL, and it asks for TLS" if first.kind == "SSLRequest" else first.protocol
    version = hello.get("selected_version") or hello.get("legacy_version")
    return f"PostgreSQL inside {version!s}, {hello.get('cipher_suite')!s}"


def _server_name(seen: Sequence[Message]) -> str:
    hellos = (each for each in seen if each.kind == "ClientHello")
    names = (name for each in hellos for name in each.all("host_name"))
    return next((name for name in names if isinstance(name, str)), "")


def _rows(stolen: Loot) -> str:
    if not stolen.rows:
        return ""
    last = ", ".join("NULL" if value is None else value for value in stolen.rows[-1])
    return f"{len(stolen.rows):,}; the last one: {short(last)}"


def short(text: str) -> str:
    """The text, cut where it is too long for a line."""
    return text if len(text) <= _SHORT else f"{text[: _SHORT - 1]}…"
