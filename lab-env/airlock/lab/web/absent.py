"""What a page says while there is no lab behind it: JupyterHub and Binder show its card before the lab is up."""

from __future__ import annotations

from tornado.web import RequestHandler

_AGAIN_SECONDS = 5


async def answer(handler: RequestHandler, why: Exception, remedy: str) -> None:
    """Say it, with the command that mends it, and have the browser ask again by itself."""
    handler.set_status(503)
    handler.set_header("Content-Type", "text/plain; charset=utf-8")
    handler.set_header("Refresh", str(_AGAIN_SECONDS))
    await handler.finish(
        f"{why}\nIt may be on its way up: this page loads itself again every {_AGAIN_SECONDS} seconds.\n"
        f"If it does not come, run in a terminal: {remedy}\n"
    )
