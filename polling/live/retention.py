"""Retention in its time: contacts are erased when their day is past, by the server itself."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from polling.core.certificate import Certificate
from polling.live.chores import again_and_again
from polling.store.database import Database
from polling.store.retention import Expired, expired, purge
from polling.store.settle import Settler
from polling.store.writer import Writer

PAUSE = 600.0
"""Seconds between two looks at what is due: the day is told by the server's own calendar."""

log = logging.getLogger(__name__)


class Retention:
    """Erases what is due. One task; `run` it beside the server."""

    def __init__(self, database: Database, writer: Writer, settler: Settler, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._writer = writer
        self._settler = settler
        self._clock = clock

    async def run(self) -> None:
        """Looks again and again, until cancelled."""
        await again_and_again(self.purge_due, PAUSE, "erasing contacts whose day is past")

    async def purge_due(self) -> list[Certificate]:
        """Erases what is due now; what that was."""
        erased = []
        for item in await asyncio.to_thread(self._due):
            certificate = await self._writer.do(purge, item)
            self._settler.ask()
            log.info("%s: %d contacts erased, since their day is past", item.event, certificate.contacts)
            erased.append(certificate)
        return erased

    def _due(self) -> list[Expired]:
        with self._database.read() as connection:
            return expired(connection, self._clock().date())
