"""What screens watch: a state that is read when it changed, numbered, and shown to an audience."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from polling.live.audience import Audience
from polling.live.pace import FRAMES_A_SECOND, Pace
from polling.live.screens import Screen
from polling.rendering import Renderer

S = TypeVar("S")


class Watched(Generic[S]):
    """A state and who is watching it. `revision` goes up with each change of `state` that was seen; it starts anew,
    under another `epoch`, when the process does."""

    interval = 1 / FRAMES_A_SECOND
    """Seconds between two frames."""

    def __init__(self, state: S, renderer: Renderer, epoch: str, facts: Mapping[str, Any]) -> None:
        self.state = state
        self.epoch = epoch
        self.revision = 0
        self.facts = facts
        self.on_change: Callable[[], None] = lambda: None
        self._audience = Audience(renderer, epoch, facts)
        self._pace = Pace(self._show, self.interval)
        self._reading = asyncio.Lock()
        self._reads = 0

    async def fresh(self) -> S:
        """The state as it is in the database now; `revision` is its number. Whoever asks while a read is under way
        shares the one after it."""
        begun = self._reads
        async with self._reading:
            if self._reads == begun:
                self._reads += 1
                state = await self._read()
                if self.revision == 0 or state != self.state:
                    self.state = state
                    self.revision += 1
                    self.on_change()
            return self.state

    def dirty(self) -> None:
        """Something changed: the screens hear of it now, or at the next turn."""
        self._pace.ask()

    def join(self, screen: Screen) -> None:
        """Gives a screen the present state, and all that follow."""
        if not self._audience.join(screen, self.revision):
            self.dirty()

    def leave(self, screen: Screen) -> None:
        """Gives a screen nothing more."""
        self._audience.leave(screen)

    def renew_facts(self, **facts: Any) -> None:
        """What its pages always say has changed."""
        self.facts = {**self.facts, **facts}
        self._audience.renew(self.facts)
        self.dirty()

    def hang_up(self) -> None:
        """It is gone: whoever watches it is told so."""
        self._audience.hang_up()

    def watching(self, role: str) -> int:
        """How many screens of a role watch."""
        return self._audience.count(role)

    async def stop(self) -> None:
        """Ends the sending of frames."""
        await self._pace.stop()

    async def _read(self) -> S:
        raise NotImplementedError

    async def _show(self) -> None:
        state = await self.fresh()
        await self._audience.show(state, self.revision)
