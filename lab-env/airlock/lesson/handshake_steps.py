"""Two handshakes as data: which of their messages belong together, and what is agreed, shown and proved after each.

Pure: from recorded sessions, opened with their keys, to rows and facts. Nothing here knows Jupyter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise, zip_longest

from airlock.lesson.traffic import Fact, Packet, Row, Tap, short
from airlock.wire import Message
from airlock.wire.loot import loot_of

PHASES = ("asking for TLS", "hellos", "who is who", "sealing the handshake", "application data", "goodbye")
HIDDEN = "encrypted, not readable"
"""The value of a fact that only the session's keys show."""

_WIDTH = 21
_ASKING, _HELLOS, _WHO, _SEALING, _DATA, _GOODBYE = range(len(PHASES))
_PHASE_OF = {
    "SSLRequest": _ASKING,
    "SSLResponse": _ASKING,
    "ClientHello": _HELLOS,
    "HelloRetryRequest": _HELLOS,
    "ServerHello": _HELLOS,
    "Finished": _SEALING,
    "Alert": _GOODBYE,
}


def phases(link: Tap) -> list[int]:
    """For each message, the part of the session it belongs to, as a place in `PHASES`; parts never go back."""
    found: list[int] = []
    modern = _version(link.messages()) == "TLS 1.3"
    for message in link.messages():
        before = found[-1] if found else _ASKING
        first = message.inside[0] if message.inside else message
        if first.protocol != "TLS" and first is not message:
            phase = _DATA
        elif first.kind == "ChangeCipherSpec":
            phase = before if modern else _SEALING  # in TLS 1.3 it means nothing
        else:
            phase = _PHASE_OF.get(first.kind, before if first.kind == "EncryptedRecord" else _WHO)
        found.append(max(before, phase))
    return found


def rows(left: Tap, right: Tap) -> list[Row]:
    """The two sessions in one list, part by part: time is no measure here, for they ran one after the other."""
    lines: list[Row] = []
    for phase in range(len(PHASES)):
        ours, theirs = (
            [p for p, its in zip(each.packets, phases(each), strict=True) if its == phase] for each in (left, right)
        )
        lines += [Row(*both) for both in zip_longest(ours, theirs)]
    return lines


def moments(lines: Sequence[Row]) -> list[tuple[Packet | None, Packet | None]]:
    """For each row, the last message of either session up to there."""
    passed: list[tuple[Packet | None, Packet | None]] = []
    for row in lines:
        before = passed[-1] if passed else (None, None)
        passed.append((row.left or before[0], row.right or before[1]))
    return passed


def held(message: Message) -> str:
    """What an opened record held: its first message's name and how many more; empty for others."""
    if not message.opening:
        return ""
    more = f" +{len(message.inside) - 1}" if len(message.inside) > 1 else ""
    return f"{message.inside[0].kind}{more}" if message.inside else message.opening.content_type


def label(message: Message, opened: bool) -> str:
    """What a message is called in a list: ``EncryptedRecord``, or in brackets what was in it, cut to fit a column."""
    inside = held(message) if opened else ""
    name = f"[{inside}]" if inside else message.kind
    return name if len(name) <= _WIDTH else f"{name[: _WIDTH - 2]}…{name[-1]}"


def agreed(link: Tap, last: Packet | None, before: Packet | None, opened: bool) -> list[Fact]:
    """What stands once ``last`` has passed: always the same lines, so that two versions compare.

    What did not yet stand after ``before`` is fresh. ``opened``: with the session's keys, else as anybody sees it.
    """
    now = _known(link, last, opened)
    then = now if before is last else _known(link, before, opened)
    *names, counted = now
    facts = [Fact(name, now[name], bool(now[name]) and now[name] != then[name]) for name in names]
    # The last line counts, so it would always be new.
    return [*facts, Fact(counted, now[counted])]


def _known(link: Tap, last: Packet | None, opened: bool) -> dict[str, str]:
    seen = link.messages()[: last.number + 1] if last else []
    inside = [each for message in seen for each in message.inside]
    clear, everything = _facts(seen), _facts([*seen, *inside])
    known = {}
    for name, value in everything.items():
        if value == clear[name]:
            known[name] = value
        else:
            known[name] = f"{value} (only with the keys)" if opened else HIDDEN
    sealed = [each for each in seen if each.kind == "EncryptedRecord"]
    size = sum(each.size for each in sealed)
    return {
        **known,
        "Round trips": _round_trips(seen),
        "Inside": _inside(inside) if opened else "",
        "Encrypted": f"{len(sealed)} records, {size:,} bytes" if sealed else "",
    }


def _facts(messages: Sequence[Message]) -> dict[str, str]:
    """What these messages say, whoever can read them."""
    modern = _version(messages) == "TLS 1.3"
    return {
        "Version": _version(messages),
        "Cipher suite": _first(messages, ("ServerHello",), "cipher_suite"),
        "Key agreement": _agreement(messages),
        "Server name": _first(messages, ("ClientHello",), "host_name"),
        "Server certificate": _certificate(messages, "server"),
        "Server's proof": _proof(messages, modern),
        "Client certificate": _client(messages),
        "Finished": _finished(messages),
    }


def _version(messages: Iterable[Message]) -> str:
    hello = next((each for each in messages if each.kind == "ServerHello"), None)
    return str(hello.get("selected_version") or hello.get("legacy_version")) if hello else ""


def _first(messages: Iterable[Message], kinds: tuple[str, ...], name: str) -> str:
    found = (each.get(name) for each in messages if each.kind in kinds)
    return next((str(value) for value in found if value is not None), "")


def _agreement(messages: Sequence[Message]) -> str:
    group = _first(messages, ("ServerHello", "ServerKeyExchange"), "group")
    wanted = _first(messages, ("HelloRetryRequest",), "selected_group")
    if group:
        return f"{group}, keys of this session only" + (", after a second hello" if wanted else "")
    return f"the server asks for {wanted}" if wanted else ""


def _certificate(messages: Sequence[Message], sender: str) -> str:
    shown = [each for each in messages if each.kind == "Certificate" and each.sender == sender]
    subject = _first(shown, ("Certificate",), "subject")
    if shown and not subject:
        return "none"
    return f"{subject}, issued by {_first(shown, ('Certificate',), 'issuer')}" if shown else ""


def _proof(messages: Sequence[Message], modern: bool) -> str:
    theirs = [each for each in messages if each.sender == "server"]
    signed = _first(theirs, ("CertificateVerify", "ServerKeyExchange"), "signature_algorithm")
    covers = "all of the handshake so far" if modern else "its share of the key and both randoms"
    return f"{signed} over {covers}" if signed else ""


def _client(messages: Sequence[Message]) -> str:
    if shown := _certificate(messages, "client"):
        return "asked for, and none shown" if shown == "none" else shown
    return "asked for" if any(each.kind == "CertificateRequest" for each in messages) else ""


def _finished(messages: Sequence[Message]) -> str:
    sides = dict.fromkeys(each.sender for each in messages if each.kind == "Finished")
    return "both sides saw the same handshake" if len(sides) == 2 else "".join(f"of the {side}" for side in sides)


def _round_trips(seen: Sequence[Message]) -> str:
    """How often the client had to wait for the server before it could send data: until both had sent Finished."""
    finished = ((i, each) for i, message in enumerate(seen) for each in message.inside if each.kind == "Finished")
    done: dict[str, int] = {}
    for number, each in finished:
        done.setdefault(each.sender, number)  # a client that shows its certificate later sends another
    if len(done) < 2:
        return ""
    before = seen[: max(done.values()) + 1]
    count = sum(pair == ("server", "client") for pair in pairwise([*(each.sender for each in before), "client"]))
    kinds = {each.kind for each in before}
    parts = [
        *(["1 to ask for TLS"] if "SSLRequest" in kinds else []),
        *(["1 for the second hello"] if "HelloRetryRequest" in kinds else []),
    ]
    return f"{count} before the first data: {', '.join([*parts, f'{count - len(parts)} for the handshake'])}"


def _inside(inside: Sequence[Message]) -> str:
    read = loot_of(inside)
    told: list[str] = [f"login {read.user}"] if read.user else []
    told += [short("; ".join(read.sql))] if read.sql else []
    told += [f"{len(read.rows):,} rows"] if read.rows else []
    return ", ".join(told)
