"""A socket kept open: after a loss it connects again with full jitter and sends again what was not answered."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.typing import Origin, Subprotocol

from polling.robots.visit import cookie_header, origin_of, socket_url

PROTOCOL = "polling.json.v1"
FINAL_CODES = frozenset({4401, 4403, 4404, 4406})
"""The server's own no; every other code is network weather."""

Message = Mapping[str, Any]
_chance = secrets.SystemRandom()


class TurnedAway(Exception):
    """The server said no for good; trying again would not help."""


@dataclass(frozen=True)
class Patience:
    """How long a robot waits, in seconds. A loss of all sockets at once must not become a storm."""

    first: float = 0.5  # the longest wait before the first try; doubles with each failure
    longest: float = 5.0
    answer: float = 15.0  # without an answer for this long, the socket counts as dead


class Line:
    """One socket of one robot. Run `keep()` as a task; `ask()` from anywhere."""

    def __init__(
        self,
        url: str,
        cookies: Mapping[str, str],
        on_region: Callable[[str, Message], None],
        patience: Patience | None = None,
    ) -> None:
        self.url = socket_url(url)
        self.losses = 0
        self.last_close: int | None = None
        self._origin = Origin(origin_of(url))
        self._cookies = cookie_header(cookies)
        self._on_region = on_region
        self._patience = patience or Patience()
        self._socket: ClientConnection | None = None
        self._open: dict[str, tuple[str, asyncio.Future[Message]]] = {}
        self._refusal: TurnedAway | None = None
        self._turned_away = asyncio.Event()

    @property
    def connected(self) -> bool:
        """Whether the socket is up now."""
        return self._socket is not None

    async def ask(self, message: Message) -> Message:
        """Sends a message with an `id`, again after each loss, until it is answered. Raises `TurnedAway`."""
        if self._refusal is not None:
            raise self._refusal
        key, text = str(message["id"]), json.dumps(message)
        answered: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._open[key] = (text, answered)
        try:
            await self._send(text)
            while True:
                done, _ = await asyncio.wait([answered], timeout=self._patience.answer)
                if done:
                    return answered.result()
                await self._renew()
        finally:
            self._open.pop(key, None)

    async def _send(self, text: str) -> None:
        if self._socket is not None:
            with contextlib.suppress(ConnectionClosed):
                await self._socket.send(text)

    async def _renew(self) -> None:
        if self._socket is not None:
            await self._socket.close()

    def tear(self) -> None:
        """Loses the socket at once, as a network does: nobody is told."""
        if self._socket is not None:
            self._socket.transport.abort()

    async def until(self, there: asyncio.Event) -> None:
        """Waits for `there`, which the first frames set; raises `TurnedAway` where none will come."""
        waiting = [asyncio.ensure_future(event.wait()) for event in (there, self._turned_away)]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waiting:
                each.cancel()
        if self._refusal is not None:
            raise self._refusal

    async def keep(self) -> None:
        """Keeps the socket until cancelled, or until the server says no for good."""
        failures = 0
        while self._refusal is None:
            try:
                await self._once()
                failures = 0  # it was up
            except InvalidStatus as error:
                if error.response.status_code in (401, 403, 404):
                    self._turn_away(f"the server answered {error.response.status_code} to {self.url}")
                failures += 1
            except (OSError, WebSocketException):  # a TimeoutError is an OSError
                failures += 1
            self.losses += 1
            await asyncio.sleep(_chance.uniform(0, min(self._patience.longest, self._patience.first * 2**failures)))

    async def _once(self) -> None:
        async with connect(
            self.url,
            origin=self._origin,
            subprotocols=[Subprotocol(PROTOCOL)],
            additional_headers={"Cookie": self._cookies} if self._cookies else None,
            compression=None,
            proxy=None,
            max_size=None,
        ) as socket:
            self._socket = socket
            try:
                for text, _ in list(self._open.values()):
                    await socket.send(text)
                async for frame in socket:
                    self._take(json.loads(frame))
            except ConnectionClosed:
                pass
            finally:
                self._socket = None
                self.last_close = socket.close_code
                if socket.close_code in FINAL_CODES:
                    self._turn_away(f"the server closed {self.url} with {socket.close_code}")

    def _take(self, message: Message) -> None:
        if message.get("type") == "region":
            self._on_region(message["region"], message)
        elif message.get("type") == "error":
            self._turn_away(f"the server could not read a message: {message.get('detail') or message.get('message')}")
        elif message.get("id") in self._open:
            answered = self._open[message["id"]][1]
            if not answered.done():
                answered.set_result(message)

    def _turn_away(self, why: str) -> None:
        self._refusal = TurnedAway(why)
        self._turned_away.set()
        for _, answered in self._open.values():
            if not answered.done():
                answered.set_exception(self._refusal)


def jitter(longest: float) -> float:
    """Any time up to `longest`, so that robots don't march in step."""
    return _chance.uniform(0, longest)
