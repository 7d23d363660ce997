"""A screen: one connected page. One that does not read gets the newest frame when it does, no queue of old ones."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from typing import Any, cast

from polling.live.frame import Body, Form, Frame

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
"""The server's send: it waits for room *before* it writes, so that a call given up while it waits has sent nothing."""


class Screen:
    """One socket, with one slot for each region: the newest frame wins.

    Sending costs no task as long as the socket takes what it is given; only where it blocks, one task waits for it.
    """

    def __init__(self, send: Send, role: str, form: Form, language: str) -> None:
        self.role = role
        self.rendering = role, form, "" if form is Form.JSON else language
        """What it shares with other screens: for each of these a frame is rendered once. JSON is in all languages."""
        self.gone = False
        self.hang_up: Callable[[], None] = self.close
        """Ends its socket."""
        self._send = send
        self._slots: dict[str, Frame] = {}
        self._has: dict[str, Body] = {}
        self._waiting: asyncio.Task[None] | None = None

    def offer(self, frame: Frame) -> None:
        """Gives it `frame`, unless it already has the same."""
        if self.gone or self._has.get(frame.region) is frame.body:
            return
        self._has[frame.region] = frame.body
        self._slots[frame.region] = frame
        if self._waiting is None:
            self._send_at_once()

    def close(self) -> None:
        """Sends nothing more."""
        self.gone = True
        self._slots.clear()
        if self._waiting is not None:
            self._waiting.cancel()

    def _send_at_once(self) -> None:
        while self._slots and not self.gone:
            region, frame = next(iter(self._slots.items()))
            if not self._sent(frame):
                if not self.gone:
                    self._waiting = asyncio.create_task(self._send_when_it_reads())
                return
            del self._slots[region]

    def _sent(self, frame: Frame) -> bool:
        """One step of the server's send: whether that was all of it. A call that waits is given up, unsent."""
        sending = cast(Coroutine[Any, Any, None], self._send(frame.message))
        try:
            sending.send(None)
        except StopIteration:
            return True
        except Exception:  # the socket is closed; its endpoint will hear of it
            self.gone = True
            return False
        sending.close()
        return False

    async def _send_when_it_reads(self) -> None:
        try:
            while self._slots and not self.gone:
                region = next(iter(self._slots))
                await self._send(self._slots.pop(region).message)
        except Exception:  # as above
            self.gone = True
        finally:
            self._waiting = None
