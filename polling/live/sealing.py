"""Sealing in its time: a poll that has been closed for as long as the event says loses its ballots."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from polling.core.errors import Refused
from polling.live.hall import Hall
from polling.store.database import Database
from polling.store.polls import Unsealed, polls_to_seal, session_of
from polling.store.sealing import seal
from polling.store.settle import Settler
from polling.store.writer import Writer

PAUSE = 2.0
"""Seconds between two looks at what is due."""

log = logging.getLogger(__name__)


class Sealer:
    """Seals what is due. One task; `run` it beside the server."""

    def __init__(
        self, database: Database, writer: Writer, settler: Settler, hall: Hall, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._writer = writer
        self._settler = settler
        self._hall = hall
        self._clock = clock
        self._refused: set[int] = set()

    async def run(self) -> None:
        """Seals again and again, until cancelled."""
        while True:
            try:
                await self.seal_due()
            except Refused:
                pass  # the database is busy: at the next look
            except Exception:
                log.exception("sealing failed; it is tried again")
            await asyncio.sleep(PAUSE)

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
            for place in await asyncio.to_thread(self._places, due):
                self._hall.room(*place).dirty()
        return sealed

    def _due(self) -> list[Unsealed]:
        with self._database.read() as connection:
            return [
                poll
                for event in self._hall.events.values()
                for poll in polls_to_seal(connection, self._clock(), event)
                if poll.poll_id not in self._refused
            ]

    def _places(self, polls: list[Unsealed]) -> set[tuple[str, str]]:
        with self._database.read() as connection:
            return {place for poll in polls if (place := session_of(connection, poll.poll_id)) is not None}
