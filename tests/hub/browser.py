"""What a learner's browser does on the hub, over HTTP and WebSocket: sign in, start the server, run a notebook."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
from websocket import WebSocket, create_connection


class NotYet(Exception):
    """It took longer than it may."""


@dataclass(frozen=True)
class Output:
    """What one cell has put out: its value as text ('' without one), and its error ('' without one)."""

    value: str
    error: str


class Browser:
    """One learner's.

    Args:
        address: the hub's, without a path.
        name, password: of the account.
    """

    def __init__(self, address: str, name: str, password: str) -> None:
        self.name, self._password = name, password
        self._address = address
        self._base = f"{address}/user/{name}"
        self._web = httpx.Client(follow_redirects=True, timeout=120, trust_env=False)

    def sign_in(self) -> httpx.Response:
        """Give name and password at the hub's page; the page that follows."""
        page = self._web.get(f"{self._address}/hub/login")
        form = {"username": self.name, "password": self._password, "_xsrf": self._cookie("/hub/")}
        assert page.status_code == 200
        return self._web.post(f"{self._address}/hub/login", params={"next": "/hub/home"}, data=form)

    def start_server(self, seconds: float = 240) -> None:
        """Ask for the learner's server, and wait until it lets them in."""
        self._web.get(f"{self._address}/hub/spawn/{self.name}")

        def there() -> bool:
            answer = self._web.get(f"{self._base}/lab")  # by way of the hub, which says who this is
            return answer.status_code == 200 and answer.url.path == f"/user/{self.name}/lab"

        self._until(there, seconds, "the server did not start")

    def page(self, path: str) -> httpx.Response:
        """A page of the learner's server, or, from ``/`` on, of the hub."""
        return self._web.get(f"{self._address}{path}" if path.startswith("/") else f"{self._base}/{path}")

    def post(self, path: str, **form: str) -> Any:
        """Send a form to the learner's server, as its extensions do; the JSON that comes back."""
        answer = self._web.post(f"{self._base}/{path}", data=form, headers=self._xsrf())
        assert answer.status_code < 300, f"{path}: {answer.status_code} {answer.text[:500]}"
        return answer.json()

    def read(self, path: str) -> Any:
        """A notebook of the learner's."""
        return self._json("GET", f"api/contents/{path}")["content"]

    def save(self, path: str, notebook: Any) -> None:
        """Save a notebook."""
        self._json("PUT", f"api/contents/{path}", {"type": "notebook", "content": notebook})

    def run(self, path: str, cells: list[str], seconds: float = 600) -> list[Output]:
        """Open a kernel for a notebook and run cells in it, one after the other; shuts the kernel down."""
        asked = {"path": path, "name": path, "type": "notebook", "kernel": {"name": "python3"}}
        session = self._json("POST", "api/sessions", asked)
        kernel = session["kernel"]["id"]
        cookies = "; ".join(f"{each.name}={each.value}" for each in self._web.cookies.jar if self._sent(each.path))
        channel = create_connection(
            f"ws://{urlsplit(self._base).netloc}/user/{self.name}/api/kernels/{kernel}/channels?session_id={uuid.uuid4().hex}",
            cookie=cookies,
            origin=self._address,
            timeout=seconds,
            http_no_proxy=["127.0.0.1"],
        )
        try:
            return [_execute(channel, text) for text in cells]
        finally:
            channel.close()
            self._web.delete(f"{self._base}/api/sessions/{session['id']}", headers=self._xsrf())

    def stop_server(self) -> int:
        """Stop the learner's server from the hub's home page; the status of the answer."""
        token = {"X-XSRFToken": self._cookie("/hub/")}
        return self._web.delete(f"{self._address}/hub/api/users/{self.name}/server", headers=token).status_code

    def _json(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._web.request(method, f"{self._base}/{path}", json=body, headers=self._xsrf())
        assert answer.status_code < 300, f"{path}: {answer.status_code} {answer.text[:500]}"
        return answer.json()

    def _xsrf(self) -> dict[str, str]:
        return {"X-XSRFToken": self._cookie(f"/user/{self.name}/")}

    def _cookie(self, path: str) -> str:
        return next((str(c.value) for c in self._web.cookies.jar if c.name == "_xsrf" and c.path == path), "")

    def _sent(self, path: str) -> bool:
        return f"/user/{self.name}/".startswith(path)

    def _until(self, question: Callable[[], bool], seconds: float, otherwise: str, pause: float = 1) -> None:
        deadline = time.monotonic() + seconds
        while not question():
            if time.monotonic() > deadline:
                raise NotYet(f"{self.name}: {otherwise} in {seconds:.0f} s")
            time.sleep(pause)


def _execute(channel: WebSocket, text: str) -> Output:
    asked = uuid.uuid4().hex
    content = {"code": text, "silent": False, "store_history": True, "allow_stdin": False, "stop_on_error": False}
    header = {"msg_id": asked, "msg_type": "execute_request", "username": "", "session": asked, "version": "5.3"}
    channel.send(
        json.dumps({"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"})
    )
    value = error = ""
    idle = replied = False
    while not (idle and replied):
        message = json.loads(channel.recv())
        if message["parent_header"].get("msg_id") != asked:
            continue
        said = message["content"]
        match message["msg_type"]:
            case "execute_result":
                value = said["data"].get("text/plain", "")
            case "error":
                error = f"{said['ename']}: {said['evalue']}"
            case "status":
                idle = said["execution_state"] == "idle"
            case "execute_reply":
                replied = True
    return Output(value, error)
