"""Settling: the database file forgets in which order it was written.

`WITHOUT ROWID` and random keys are not enough: offsets inside a page and the frames of the WAL still tell the
order of votes, over all polls. VACUUM writes each page anew, sorted by key; the truncating checkpoint empties the WAL.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from typing import cast

from sqlalchemy import Connection

PATIENCE = 0.05
"""Seconds that a settle waits for readers: the writer, and so every vote, waits along."""


def settle(connection: Connection) -> bool:
    """VACUUM and a truncating checkpoint; whether the file has forgotten. `connection` is in no transaction.

    False while another connection reads: try again later.
    """
    raw = cast(sqlite3.Connection, connection.connection.driver_connection)
    (timeout,) = raw.execute("PRAGMA busy_timeout").fetchone()
    raw.execute(f"PRAGMA busy_timeout = {int(PATIENCE * 1000)}")
    try:
        raw.execute("PRAGMA query_only = OFF")
        raw.execute("VACUUM")
        return cast(tuple[int, int, int], raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()) == (0, 0, 0)
    except sqlite3.Error:  # locked, or no room for the copy that VACUUM makes
        return False
    finally:
        raw.execute(f"PRAGMA busy_timeout = {timeout}")


class Settler:
    """Settles when asked, and keeps trying until it is done. One task; `run` it beside the server."""

    FIRST, LONGEST = 0.1, 5.0
    """Seconds before the second try, and the most between two."""

    def __init__(self, settle: Callable[[], Awaitable[bool]]) -> None:
        self._settle = settle
        self._asked = asyncio.Event()
        self._owed = False

    @property
    def owed(self) -> bool:
        """Whether a settle was asked for and is not done: /readyz says so."""
        return self._owed

    def ask(self) -> None:
        """A poll was closed or sealed, a contact given or withdrawn: settle soon."""
        self._owed = True
        self._asked.set()

    async def run(self) -> None:
        """Settles whenever asked, until cancelled."""
        pause = self.FIRST
        while True:
            await self._asked.wait()
            self._asked.clear()
            if await self._settle():
                self._owed = self._asked.is_set()  # asked again while it ran
                pause = self.FIRST
            else:
                self._asked.set()
                await asyncio.sleep(pause)
                pause = min(2 * pause, self.LONGEST)
