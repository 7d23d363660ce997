"""`polling serve`: the web server, with a listening socket of our own."""

from __future__ import annotations

import gc
import logging
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from polling.app import create_app
from polling.cli.common import Failed
from polling.cli.common import settings as settings_of_environment
from polling.settings import Settings
from polling.web.logs import set_up
from polling.web.messages import MESSAGE_LIMIT

GONE_AFTER = 15_000
"""Milliseconds without a sign of life until the kernel drops a peer that takes nothing; see docs/decisions/0003."""
SEND_BUFFER = 65_536
"""Bytes that wait in the kernel for one peer; above them the newest frame waits in its slot."""
FLUSH_WITHIN = 8
"""Seconds for what is under way when the server is told to stop."""


class ServeFailed(Failed):
    """The server can't start; the message says why, and the remedy."""


def serve() -> None:
    """Serve all events under POLLING_QUESTIONSETS."""
    run(settings_of_environment())


def run(settings: Settings) -> None:
    """Serves until it is told to stop. Raises `ServeFailed` where it can't start."""
    set_up()
    listening = listen(settings.host, settings.port)
    signal.signal(signal.SIGTERM, _stopped)
    app = create_app(settings)
    _calm_collector()
    try:
        server(app).run(sockets=[listening])
    except KeyboardInterrupt:
        return
    except SystemExit as ended:
        if ended.code:
            raise ServeFailed(app.state.failure or "the server could not start; the log says why") from None
        raise


def _stopped(number: int, frame: FrameType | None) -> None:
    """SIGTERM, once all is flushed: an orderly end."""
    sys.exit(0)


def _calm_collector() -> None:
    """Python's garbage collector looks at all that lives, again and again, while answers wait for their commit: a
    quarter of what a vote costs. What is loaded by now stays anyway, and the rest may be looked at less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(25_000, 20, 20)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket whose connections do not wait for ever for a peer that never reads."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, GONE_AFTER)
        listening.bind((host, port))
        listening.listen(2048)
    except OSError as error:
        listening.close()
        raise ServeFailed(f"can't listen on {host} port {port} ({error.strerror}): set PORT to a free one") from None
    return listening


def server(app: Starlette) -> uvicorn.Server:
    """The server as it is measured and tested (docs/decisions/0003-whole-state-frames.md)."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            ws="websockets-sansio",
            ws_max_size=MESSAGE_LIMIT,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=FLUSH_WITHIN,
            proxy_headers=False,  # nobody chooses his own address or scheme
            server_header=False,
            access_log=False,
            log_config=None,
            lifespan="on",
        )
    )


@dataclass(frozen=True)
class Running:
    """A server in a thread of this process."""

    url: str
    app: Starlette


@contextmanager
def running(settings: Settings, *, rehearsal: bool = False, any_day: bool = False) -> Iterator[Running]:
    """Serves in a thread meanwhile: for rehearsals and tests. `rehearsal` and `any_day` as in `create_app`. Raises
    `ServeFailed` where it can't start."""
    if not logging.getLogger().handlers:
        set_up()
    listening = listen(settings.host, settings.port)
    app = create_app(settings, rehearsal=rehearsal, any_day=any_day)
    it = server(app)
    thread = threading.Thread(target=_run, args=(it, listening), name="server", daemon=True)
    thread.start()
    while thread.is_alive() and not it.started:
        thread.join(0.01)
    if not it.started:
        raise ServeFailed(app.state.failure or "the server could not start; the log says why")
    try:
        yield Running(f"http://127.0.0.1:{settings.port}", app)
    finally:
        it.should_exit = True
        thread.join(FLUSH_WITHIN + 4)


def _run(it: uvicorn.Server, listening: socket.socket) -> None:
    try:
        it.run(sockets=[listening])
    except SystemExit:  # it could not start; `running` says so
        listening.close()
