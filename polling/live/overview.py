"""All rooms of an event at once, as the organiser watches them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from polling.core.event import Event
from polling.core.regions.board import SessionLine, session_line
from polling.live.room import Room
from polling.live.watched import Watched
from polling.rendering import Renderer

Lines = tuple[SessionLine, ...]


class Overview(Watched[Lines]):
    """How each session of an event stands."""

    def __init__(
        self, event: Event, rooms: Sequence[Room], renderer: Renderer, epoch: str, code: str, join_url: str
    ) -> None:
        codes = {room.session.id: room.code for room in rooms}
        facts = {"event": event, "code": code, "join_url": join_url, "codes": codes}
        super().__init__((), renderer, epoch, facts)
        self.event = event
        self.rooms = tuple(rooms)
        self.code = code
        self.join_url = join_url
        for room in rooms:
            room.on_change = self.dirty

    async def fresh_rooms(self) -> Lines:
        """As `fresh`, reading each room anew: for a page, whose rooms may have no screen of their own."""
        await asyncio.gather(*(room.fresh() for room in self.rooms))
        return await self.fresh()

    async def _read(self) -> Lines:
        return tuple(session_line(room.state) for room in self.rooms)
