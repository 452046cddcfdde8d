"""The wire's page: its latest recordings, each message of one explained, and the packets for Wireshark. Read only."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from tornado.web import HTTPError, RequestHandler

from airlock.lab.description import Lab, LabDown
from airlock.lab.web import absent
from airlock.wire import Message, decode, links, write_pcapng
from airlock.wire.captures import Connection, read
from airlock.wire.loot import loot
from airlock.wire.notes import Value

# Recordings in the list, messages of one, and characters of a value: enough to look at, and quick to make.
_LISTED, _MESSAGES, _SHORT = 50, 400, 300
# Nothing of a recording is a script or an address, whatever it says.
_CONTENT = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


class _Page(RequestHandler):
    """A page of the recordings in the lab's folder."""

    def set_default_headers(self) -> None:
        self.set_header("Content-Security-Policy", _CONTENT)
        self.set_header("Cache-Control", "no-store")

    def get_template_path(self) -> str:
        return str(Path(__file__).parent)

    async def prepare(self) -> None:
        """Find where they are, or say why they are nowhere."""
        try:
            self.folder = Path(Lab.current().wire.captures)
        except LabDown as why:
            await absent.answer(self, why, why.remedy)

    def recording(self, name: str) -> Connection:
        """One of them. Raises `HTTPError` where it is gone: the wire keeps the newest."""
        try:
            return read(self.folder / f"{name}.jsonl")
        except FileNotFoundError:
            raise HTTPError(404, reason="There is no such recording") from None

    def write_error(self, status_code: int, **_: object) -> None:  # noqa: ARG002
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{self._reason}\n")


class Latest(_Page):
    """The list, the newest first."""

    def get(self) -> None:
        """The page."""
        files = sorted(self.folder.glob("*.jsonl"), key=lambda file: file.stat().st_mtime, reverse=True)
        shown = [(file.stem, read(file)) for file in files[:_LISTED]]
        lines = [
            {"name": name, "when": when(each.began), "door": each.door, "size": size(each), "gain": gain(each)}
            for name, each in shown
        ]
        self.render("recordings.html", lines=lines, count=len(files))


class One(_Page):
    """A recording: what was negotiated, and each message of the client's leg as the door could read it."""

    def get(self, name: str) -> None:
        """The page."""
        connection = self.recording(name)
        messages = sorted(decode(connection.readable()), key=lambda each: each.time)
        self.render(
            "recording.html",
            name=name,
            door=connection.door,
            when=when(connection.began),
            facts=facts(connection),
            messages=[shown(each, connection.began) for each in messages[:_MESSAGES]],
            count=len(messages),
        )


class Packets(_Page):
    """A recording as a file for Wireshark, with the key log of what the door opened."""

    def get(self, name: str) -> None:
        """The file."""
        connection, file = self.recording(name), io.BytesIO()
        keys = "".join(f"{line}\n" for lines in connection.keys.values() for line in lines)
        write_pcapng(file, links(connection), key_log=keys, comment=f"Airlock, door {connection.door}")
        self.set_header("Content-Type", "application/x-pcapng")
        self.set_header("Content-Disposition", f'attachment; filename="{name}.pcapng"')
        self.finish(file.getvalue())


def gain(connection: Connection) -> str:
    """In a few words, what the attacker on the door has of a connection."""
    stolen = loot([connection])
    had = [
        words
        for words, value in (
            ("the password", stolen.password),
            ("a token", stolen.token),
            ("the hash of a password", stolen.hash),
            (f"{len(stolen.sql)} statement{'s' * (len(stolen.sql) != 1)}", stolen.sql),
            (f"{len(stolen.rows)} row{'s' * (len(stolen.rows) != 1)}", stolen.rows),
            (f"{len(stolen.requests)} request{'s' * (len(stolen.requests) != 1)}", stolen.requests),
        )
        if value
    ]
    return ", ".join(had) or "nothing of the session"


def facts(connection: Connection) -> list[tuple[str, str]]:
    """What is known of the connection as a whole, by name."""
    names = {"client": "Client's leg", "server": "Server's leg"}
    known = [("The attacker read", gain(connection)), ("Bytes of the client's leg", size(connection))]
    for leg, tls in connection.tls.items():
        known.append((f"{names[leg]}: the door ended TLS", ", ".join(value for value in tls.values() if value)))
    for leg, why in connection.failed.items():
        known.append((f"{names[leg]}: TLS failed", why))
    if connection.full:
        known.append(("Kept", "the beginning: there were too many bytes"))
    if not connection.ended:
        known.append(("State", "still open"))
    return known


def shown(message: Message, began: float) -> dict[str, object]:
    """A message as the page's template wants it."""
    return {
        "when": f"{(message.time - began) * 1000:,.1f}",
        "sender": message.sender,
        "kind": message.kind,
        "protocol": message.protocol,
        "size": f"{message.size:,}",
        "explanation": " ".join(filter(None, (message.explanation, message.remark))),
        "fields": [(field.name, value(field.value), field.explanation, field.depth) for field in message.fields],
    }


def value(what: Value) -> str:
    """A field's value on a line."""
    text = "" if what is None else what.hex(" ") if isinstance(what, bytes) else str(what)
    return text if len(text) <= _SHORT else f"{text[: _SHORT - 1]}…"


def size(connection: Connection) -> str:
    """How much passed on the client's leg, both ways."""
    return f"{_bytes(connection.chunks()):,}"


def when(moment: float) -> str:
    """A time of this machine's clock."""
    return datetime.fromtimestamp(moment).strftime("%Y-%m-%d %H:%M:%S")


def _bytes(chunks: Sequence[object]) -> int:
    return sum(len(getattr(chunk, "data", b"")) for chunk in chunks)
