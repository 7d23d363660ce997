"""Sealing in its time: a poll that has been closed for as long as the event says loses its ballots. When the event's
day is past, what is still open is closed first."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from polling.core.event import Event
from polling.live.chores import again_and_again
from polling.live.hall import Hall
from polling.store.database import Database, DatabaseError
from polling.store.ending import closings, is_over
from polling.store.events import event_in_force, known_events
from polling.store.polls import Unsealed, polls_to_seal, session_of
from polling.store.sealing import seal
from polling.store.sessions import SessionCommand, command
from polling.store.settle import Settler
from polling.store.writer import Writer

PAUSE = 2.0
"""Seconds between two looks at what is due."""

log = logging.getLogger(__name__)


class Sealer:
    """Closes and seals what is due, also of events that are served no more. One task; `run` it beside the server."""

    def __init__(
        self, database: Database, writer: Writer, settler: Settler, hall: Hall, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._writer = writer
        self._settler = settler
        self._hall = hall
        self._clock = clock
        self._refused: set[int] = set()
        self._unserved: list[Event] | None = None

    async def run(self) -> None:
        """Closes and seals again and again, until cancelled."""
        await again_and_again(self.look, PAUSE, "sealing")

    async def look(self) -> None:
        """Does what is due now."""
        await self.close_due()
        await self.seal_due()

    async def close_due(self) -> int:
        """Closes what is still open of events whose day is past; how many polls it was."""
        due = await asyncio.to_thread(self._still_open)
        outcomes = await asyncio.gather(*(self._writer.do(command, each) for each in due))
        closed = sum(outcome.code is None for outcome in outcomes)
        if closed:
            log.info("the day of an event is past: %d of its polls were still open, and are closed", closed)
        return closed

    async def seal_due(self) -> int:
        """Seals what is due now; how many polls it was."""
        due = await asyncio.to_thread(self._due)
        sealed = 0
        for poll in due:
            outcome = await self._writer.do(seal, poll)
            if outcome.sealed:
                sealed += 1
            elif outcome.differences:
                self._refused.add(poll.poll_id)
                log.error("a poll is not sealed, since its tally is not that of its ballots: run polling recount")
        if sealed:
            self._settler.ask()
            for event, session in await asyncio.to_thread(self._places, due):
                if event in self._hall.events:
                    self._hall.room(event, session).dirty()
        return sealed

    def _still_open(self) -> list[SessionCommand]:
        now = self._clock()
        over = [event for event in self._events() if is_over(event, now.date())]
        with self._database.read() as connection:
            return [each for event in over for each in closings(connection, event, now.timestamp())]

    def _due(self) -> list[Unsealed]:
        events, now = self._events(), self._clock().timestamp()
        with self._database.read() as connection:
            return [
                poll
                for event in events
                for poll in polls_to_seal(connection, now, event)
                if poll.poll_id not in self._refused
            ]

    def _events(self) -> Sequence[Event]:
        """Those that are served, and those of before, whose files have gone: their ballots don't stay for that."""
        served = self._hall.events
        if self._unserved is None:
            self._unserved = list(_stored_apart_from(self._database, set(served)))
        return [*served.values(), *(event for event in self._unserved if event.event not in served)]

    def _places(self, polls: list[Unsealed]) -> set[tuple[str, str]]:
        with self._database.read() as connection:
            return {place for poll in polls if (place := session_of(connection, poll.poll_id)) is not None}


def _stored_apart_from(database: Database, served: set[str]) -> list[Event]:
    """The stored events that this server does not serve. One that can't be read is left: recount and seal tell why."""
    found = []
    with database.read() as connection:
        for event_id in known_events(connection):
            if event_id in served:
                continue
            try:
                event = event_in_force(connection, event_id)
            except DatabaseError as error:
                log.warning("%s", error)
            else:
                found += [event] if event else []
    return found
