"""The least that a server can do with a message: a bare Starlette echo, under the settings that `polling serve` has."""

from __future__ import annotations

import sys

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from polling.cli.serve import listen, server


async def echo(socket: WebSocket) -> None:
    """Says what it hears."""
    await socket.accept()
    try:
        while True:
            await socket.send_text(await socket.receive_text())
    except WebSocketDisconnect:
        return


if __name__ == "__main__":
    server(Starlette(routes=[WebSocketRoute("/", echo)])).run(sockets=[listen("127.0.0.1", int(sys.argv[1]))])
