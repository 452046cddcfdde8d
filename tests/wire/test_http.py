"""HTTP/1.1: heads, credentials and bodies, from a real server and client and from bytes."""

from __future__ import annotations

import http.client
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from airlock.wire import Message, Status, decode
from airlock.wire.captures import Captured
from tests.wire.talks import named, sides


def said(*turns: tuple[str, bytes]) -> list[Message]:
    return list(decode(Captured(0, sender, data) for sender, data in turns))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201, "Kept")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in (body, b"", b""):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            if not piece:
                return

    def log_message(self, *_: object) -> None:
        pass


def test_a_real_exchange_is_understood() -> None:
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        link = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
        link.connect()
        sent: list[bytes] = []
        real = link.send
        link.send = lambda data: (sent.append(data), real(data))[1]  # type: ignore[method-assign]
        link.request("POST", "/v1/x?a=b", b'{"pin": 1234}', {"Authorization": "Basic YWRhOmh1bnRlcjI="})
        stream = link.sock.makefile("rb")
        received = b""
        while not received.endswith(b"0\r\n\r\n"):
            received += stream.read1()
        stream.close()
        link.close()
    messages = said(*(("client", data) for data in sent), ("server", received))
    assert [message.kind for message in messages] == ["Request", "Body", "Response", "Chunk", "LastChunk"]
    assert {message.status for message in messages} == {Status.COMPLETE}
    request, response = messages[0], messages[2]
    assert (request.get("method"), request.get("target")) == ("POST", "/v1/x?a=b")
    assert (request.get("user"), request.get("password")) == ("ada", "hunter2")
    assert (response.get("status"), response.get("reason")) == (201, "Kept")
    assert messages[1].get("data") == messages[3].get("data") == '{"pin": 1234}'
    assert sides(messages)["server"] == received


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        (b"Authorization: Bearer abc.def", "bearer_token", "abc.def"),
        (b"proxy-authorization: basic YTpi", "password", "b"),
        (b"Authorization: Basic !!", "password", ""),
        (b"Authorization: Negotiate token", "credential", "token"),
        (b"X-Vault-Token: s.1", "credential", "s.1"),
        (b"Cookie: session=1", "credential", "session=1"),
    ],
)
def test_credentials_are_pointed_out(line: bytes, name: str, value: str) -> None:
    (message,) = said(("client", b"GET / HTTP/1.1\r\nHost: x\r\n" + line + b"\r\n\r\n"))
    field = next(each for each in message.fields if each.name == name)
    assert field.value == value
    assert message.raw[field.offset : field.offset + field.length].strip() == line.split(b":", 1)[1].strip()


@pytest.mark.parametrize(
    ("request_line", "answer", "kinds"),
    [
        (b"HEAD / HTTP/1.1", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", ["Response"]),
        (b"GET / HTTP/1.1", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", ["Response"]),
        (b"GET / HTTP/1.1", b"HTTP/1.0 200 OK\r\n\r\nuntil the end", ["Response", "Body"]),
        (b"GET / HTTP/1.1", b"HTTP/1.1 101 Go\r\n\r\n\x81\x05hello", ["Response", "Body"]),
        (b"GET / HTTP/1.1", b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 None\r\n\r\n", ["Response", "Response"]),
        (b"GET / HTTP/1.1", b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nx", ["Response", "Undecodable"]),
        (b"GET / HTTP/1.1", b"SSH-2.0-x\r\n", ["Undecodable"]),
        (
            b"GET / HTTP/1.1",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            ["Response", "Undecodable"],
        ),
    ],
)
def test_where_a_body_ends(request_line: bytes, answer: bytes, kinds: list[str]) -> None:
    messages = said(("client", request_line + b"\r\n\r\n"), ("server", answer))
    assert [message.kind for message in messages if message.sender == "server"] == kinds
    assert sides(messages)["server"] == answer


def test_a_long_body_is_passed_over() -> None:
    head = b"PUT / HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n"
    messages = said(*(("client", data) for data in (head, bytes(600_000), bytes(400_000) + b"GET / HTTP/1.1\r\n\r\n")))
    assert [message.kind for message in messages] == ["Request", "Body", "Request"]
    body = named(messages, "Body")
    assert (body.status, body.size) == (Status.TRUNCATED, 1_000_000)
