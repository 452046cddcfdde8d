"""Stripping TLS: what a client that came in clear is told, so that it never learns that there was a choice.

Works on h11's events. A body is not measured again but sent in pieces: h11 does so where no length is given.
"""

import re
from collections.abc import Iterator

import h11

_SECURE, _PLAIN = b"https://", b"http://"
_TEXT = re.compile(rb"text/|json|xml|javascript")
_COOKIE_IS_SECURE = re.compile(rb";\s*secure\b", re.IGNORECASE)
_LINKS = {b"location", b"content-location", b"link", b"refresh"}
# The service must not compress what is to be rewritten, nor turn to another protocol.
_NOT_ASKED = {b"accept-encoding", b"upgrade"}
_NOT_TOLD = {b"strict-transport-security", b"content-length"}

Headers = list[tuple[bytes, bytes]]


def asked(event: h11.Event) -> h11.Event:
    """What the service gets to hear of a request."""
    if isinstance(event, h11.Request):
        headers = _without(_NOT_ASKED, event)
        if event.http_version < b"1.1" and b"host" not in dict(event.headers):  # HTTP/1.1 insists on one
            headers.append((b"Host", b"localhost"))
        return h11.Request(method=event.method, target=event.target, headers=headers)
    return event


class Answers:
    """What the client gets to hear of the answers on one connection."""

    def __init__(self) -> None:
        self._rewrites, self._held = False, b""

    def told(self, event: h11.Event) -> Iterator[h11.Event]:
        """One event of an answer as it is passed on: one, or none, or two."""
        if isinstance(event, h11.Response):
            self._rewrites = bool(_TEXT.search(dict(event.headers).get(b"content-type", b"")))
            headers = [_stripped(*each) for each in _without(_NOT_TOLD, event)]
            yield h11.Response(status_code=event.status_code, headers=headers, reason=event.reason)
        elif isinstance(event, h11.Data) and self._rewrites:
            yield h11.Data(data=self._rewritten(bytes(event.data)))
        elif isinstance(event, h11.EndOfMessage):
            held, self._held = self._held, b""
            yield h11.Data(data=held)
            yield event
        else:
            yield event

    def _rewritten(self, data: bytes) -> bytes:
        text = (self._held + data).replace(_SECURE, _PLAIN)
        # A link may be cut in two: what could be the beginning of one waits for the rest.
        waiting = next((n for n in range(len(_SECURE) - 1, 0, -1) if text.endswith(_SECURE[:n])), 0)
        cut = len(text) - waiting
        self._held = text[cut:]
        return text[:cut]


def _without(names: set[bytes], event: h11.Request | h11.Response) -> Headers:
    return [(name, value) for name, value in event.headers.raw_items() if name.lower() not in names]


def _stripped(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    if name.lower() in _LINKS:
        return name, value.replace(_SECURE, _PLAIN)
    if name.lower() == b"set-cookie":
        return name, _COOKIE_IS_SECURE.sub(b"", value)
    return name, value
