"""A pace: work that is asked for often and done at most so many times a second, the first time at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

FRAMES_A_SECOND = 10
AFTER_A_FAILURE = 1.0
"""Seconds until work that failed is tried again."""

log = logging.getLogger(__name__)


class Pace:
    """Runs `work` after it was asked for, once for all that asked meanwhile."""

    def __init__(self, work: Callable[[], Awaitable[None]], interval: float = 1 / FRAMES_A_SECOND) -> None:
        self._work = work
        self._interval = interval
        self._asked = False
        self._task: asyncio.Task[None] | None = None

    def ask(self) -> None:
        """Something changed: the work is done now, or when its turn has come."""
        self._asked = True
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Ends it, in the midst of the work if need be."""
        self._asked = False
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._asked:
                self._asked = False
                next_turn = loop.time() + self._interval
                if not await self._done():
                    self._asked = True
                    next_turn = loop.time() + AFTER_A_FAILURE
                await asyncio.sleep(max(0, next_turn - loop.time()))
        finally:
            self._task = None

    async def _done(self) -> bool:
        try:
            await self._work()
        except Exception:
            log.exception("a frame could not be made; it is tried again")
            return False
        return True
