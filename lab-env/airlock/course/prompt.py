"""A client of a kernel that knows when it is ready: stock clients wait some fixed times to be sure of it."""

from __future__ import annotations

import math
import socket
import time
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient

_AGAIN_SECONDS = 0.005


class PromptClient(AsyncKernelClient):
    """Ready when the answer to a question of its own has come on both channels: nothing older is on its way then."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel answers. Raises RuntimeError when it has ended, or after ``timeout`` seconds."""
        deadline = time.monotonic() + (math.inf if timeout is None else timeout)
        while not await self._answers():
            if not await self.is_alive():
                raise RuntimeError("The kernel ended before it answered.")
            if time.monotonic() > deadline:
                raise RuntimeError(f"The kernel did not answer within {timeout} seconds.")

    async def _answers(self) -> bool:
        request = self.kernel_info()
        try:
            while not _answer(await self.get_shell_msg(timeout=1), request):
                pass
            while not _idle(await self.get_iopub_msg(timeout=0.2), request):
                pass
        except Empty:
            return False
        return True


def await_bound(manager: Any) -> None:
    """Wait until a kernel that has been started listens; return as well when it has ended.

    A ZeroMQ socket that is connected too early tries again a tenth of a second later.
    """
    while manager.provisioner.process.poll() is None:
        try:
            socket.create_connection((manager.ip, manager.iopub_port)).close()
        except OSError:
            time.sleep(_AGAIN_SECONDS)
        else:
            return


def _answer(message: dict[str, Any], request: str) -> bool:
    return bool(message["parent_header"].get("msg_id") == request)


def _idle(message: dict[str, Any], request: str) -> bool:
    return _answer(message, request) and message["content"].get("execution_state") == "idle"
