"""What the attacker learned, as a value: computed from what he could read of the client's leg, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from airlock.wire.captures import Connection
from airlock.wire.conversation import decode
from airlock.wire.message import Message
from airlock.wire.notes import readable

Row = tuple[str | None, ...]

# What is said about encryption before anything else is said: nobody's secret.
_NEGOTIATION = {"SSLRequest", "SSLResponse", "GSSENCRequest", "GSSENCResponse"}


@dataclass(frozen=True)
class Loot:
    """What was read. Empty fields were not seen.

    Attributes:
        user, database: from PostgreSQL's start-up message; the user also from HTTP's Basic authentication.
        password: as the client sent it, in clear. (Base64, as in Basic authentication, is clear.)
        hash: the answer to an md5 challenge, ``md5<32 hex digits>:<salt in hex>``: enough to guess passwords offline.
        scram: the messages of a SCRAM exchange in order: also enough, at 4096 hashes a guess, not enough to log in.
        sql: every statement.
        parameters: the values bound to statements, one tuple each time; None is NULL.
        rows: every row of every result; None is NULL, binary values are ``\\x`` and hex digits.
        token: the bearer token of an HTTP request: whoever has it is let in.
        requests: method and target of every HTTP request, ``GET /invoices?limit=3``.
        answers: the body of every HTTP answer that has one, as text; of a long one, the beginning.
        bytes_read: bytes of either protocol that were in clear for the attacker, in both directions.
    """

    user: str = ""
    database: str = ""
    password: str = ""
    hash: str = ""
    scram: tuple[str, ...] = ()
    sql: tuple[str, ...] = ()
    parameters: tuple[Row, ...] = ()
    rows: tuple[Row, ...] = ()
    token: str = ""
    requests: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    bytes_read: int = 0

    @property
    def is_session(self) -> bool:
        """Whether the attacker read what the session was for, or holds what opens the next one: password or token."""
        return bool(self.password or self.token or (self.sql and self.rows) or (self.requests and self.answers))

    def to_plain(self) -> dict[str, Any]:
        """As JSON data."""
        return asdict(self)


def loot(connections: Iterable[Connection]) -> Loot:
    """Everything learned from these connections. Never raises: bytes that are no session's teach nothing."""
    return loot_of(message for connection in connections for message in decode(connection.readable("client")))


def loot_of(messages: Iterable[Message]) -> Loot:
    """Everything learned from messages that are decoded already, for example the first of a session."""
    found = _Found()
    for message in messages:
        if message.shape.known:
            found.learn(message)
    return found.as_loot()


@dataclass
class _Found:
    text: dict[str, str] = field(default_factory=dict)
    scram: list[str] = field(default_factory=list)
    sql: list[str] = field(default_factory=list)
    parameters: list[Row] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)
    bytes_read: int = 0
    salt: bytes | None = None

    def learn(self, message: Message) -> None:
        """What one message gives away."""
        if message.protocol == "PostgreSQL":
            self._learn_postgres(message)
        elif message.protocol == "HTTP":
            self._learn_http(message)

    def _learn_http(self, message: Message) -> None:
        self.bytes_read += message.size
        match message.kind, message.sender:
            case "Request", _:
                self.requests.append(" ".join(str(message.get(name, "")) for name in ("method", "target")))
                for name in ("user", "password"):
                    self._keep(name, message.get(name))
                self._keep("token", message.get("bearer_token"))
            case "Response", _:
                self.answers.append(b"")
            case "Body" | "Chunk", "server" if self.answers:
                self.answers[-1] += b"".join(_bytes_of(message, "data"))

    def _learn_postgres(self, message: Message) -> None:
        if message.kind not in _NEGOTIATION:
            self.bytes_read += message.size
        match message.kind:
            case "StartupMessage":
                for name in ("user", "database"):
                    self._keep(name, message.get(name))
            case "Query" | "Parse":
                if isinstance(query := message.get("query"), str):
                    self.sql.append(query)
            case "Bind":
                if values := _values(message):
                    self.parameters.append(values)
            case "DataRow":
                self.rows.append(_values(message))
            case _:
                self._learn_credentials(message)

    def _learn_credentials(self, message: Message) -> None:
        match message.kind:
            case "AuthenticationCleartextPassword":
                self.salt = None
            case "AuthenticationMD5Password":
                salt = message.get("salt")
                self.salt = salt if isinstance(salt, bytes) else b""
            case "PasswordMessage":
                answer = message.get("password")
                if self.salt is None:
                    self._keep("password", answer)
                elif isinstance(answer, str):
                    self._keep("hash", f"{answer}:{self.salt.hex()}")
            case "SASLInitialResponse":
                self.scram.append(readable(message.raw[5:].partition(b"\0")[2][4:]))
            case "SASLResponse":
                self.scram.append(readable(message.raw[5:]))
            case "AuthenticationSASLContinue" | "AuthenticationSASLFinal":
                self.scram.append(readable(message.raw[9:]))

    def as_loot(self) -> Loot:
        """What was gathered, for good."""
        return Loot(
            user=self.text.get("user", ""),
            database=self.text.get("database", ""),
            password=self.text.get("password", ""),
            hash=self.text.get("hash", ""),
            scram=tuple(self.scram),
            sql=tuple(self.sql),
            parameters=tuple(self.parameters),
            rows=tuple(self.rows),
            token=self.text.get("token", ""),
            requests=tuple(self.requests),
            answers=tuple(readable(body) for body in self.answers if body),
            bytes_read=self.bytes_read,
        )

    def _keep(self, name: str, value: object) -> None:
        if isinstance(value, str) and value:
            self.text[name] = value


def _bytes_of(message: Message, name: str) -> Iterator[bytes]:
    """The bytes of the fields of that name, as they passed: a character may be cut in two by the next chunk."""
    return (message.raw[each.offset : each.offset + each.length] for each in message.fields if each.name == name)


def _values(message: Message) -> Row:
    """The cells of a row or of bound parameters. A column may be named ``value`` itself: cells lie one level down."""
    cells = [each.value for each in message.fields if (each.name, each.depth) == ("value", 1)]
    return tuple(
        "\\x" + cell.hex() if isinstance(cell, bytes) else None if cell is None else str(cell) for cell in cells
    )
