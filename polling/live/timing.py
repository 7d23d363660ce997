"""The closing of polls whose timer does that."""

from __future__ import annotations

import time
from collections.abc import Callable

from polling.core.poll import Command, Poll, State, Timer, Verb
from polling.live.chores import again_and_again
from polling.live.hall import Hall
from polling.live.room import Room
from polling.store.sessions import SessionCommand, command
from polling.store.writer import Writer

PAUSE = 0.2
"""Seconds between two looks at what is over."""
GRACE = 0.5
"""So many seconds after the end of a timer its poll is closed: an answer that was on the server by then counts."""
WHO = "the timer"
"""In the list of commands."""


class Timekeeper:
    """Closes each poll whose timer does that, also after a restart. One task; `run` it beside the server."""

    def __init__(self, hall: Hall, writer: Writer, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._hall = hall
        self._writer = writer
        self._monotonic = monotonic

    async def run(self) -> None:
        """Looks again and again, until cancelled."""
        await again_and_again(self.look, PAUSE, "closing a question whose time is up")

    async def look(self) -> int:
        """Closes what is due now; how many rooms that was in."""
        due = [(room, poll, poll.timer) for room in self._hall.rooms if (poll := self._due(room)) and poll.timer]
        return sum([await self._close(room, poll, timer) for room, poll, timer in due])

    def _due(self, room: Room) -> Poll | None:
        """The poll to close, as the room was last read: the command is refused if something was done meanwhile."""
        poll, ends = room.state.state.now, room.state.ends
        over = ends is not None and self._monotonic() >= ends + GRACE
        return poll if over and poll and poll.state is State.OPEN and poll.timer and poll.timer.closes else None

    async def _close(self, room: Room, poll: Poll, timer: Timer) -> bool:
        """A close like any other. Its id is the timer's and the state's, so that two servers do it once."""
        revision = room.state.state.revision
        close = Command(f"timer {poll.key} {timer.started} {revision}", Verb.CLOSE, revision, poll.key)
        outcome = await self._writer.do(command, SessionCommand(room.event, room.session.id, close, room.present, WHO))
        if outcome.code is not None:  # moved on, or an idea was shown: at the next look, on what is so then
            room.dirty()
        return outcome.code is None
