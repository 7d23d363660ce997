"""A page of staff by the public protocol: what its regions tell."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from polling.robots.line import Line, Message, Patience


class Watching:
    """A socket that is kept. `view` is the last state that each region told."""

    def __init__(self, url: str, cookies: Mapping[str, str], patience: Patience | None = None) -> None:
        self.view: dict[str, Any] = {}
        self.line = Line(url, cookies, self._on_region, patience)
        self._changed = asyncio.Event()
        self._task = asyncio.create_task(self.line.keep())

    def _on_region(self, name: str, message: Message) -> None:
        self.view[name] = message["value"]
        self._changed.set()

    async def until(self, region: str, holds: Callable[[Any], bool]) -> Any:
        """The region's value as soon as `holds(value)`. Raises `TurnedAway`."""
        while region not in self.view or not holds(self.view[region]):
            self._changed.clear()
            await self.line.until(self._changed)
        return self.view[region]

    async def leave(self) -> None:
        """Closes the socket."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
