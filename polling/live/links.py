"""The links in force, in memory, and the sockets that came in by them: a link that stops takes its sockets along."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from polling.core.event import Event
from polling.core.links import Link, has_ended
from polling.live.chores import again_and_again
from polling.store.database import Database
from polling.store.links import LinkOrder, kept_links

PAUSE = 2.0
"""Seconds between two looks: the command line replaces links too, and links end with their event."""

HangUp = Callable[[], None]


class Links:
    """What the database says of links, as last read: at the start, at each commit that concerns them, and every few
    seconds. Reading is a table of a few rows."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: dict[tuple[str, str, str, int], Link] = {}
        self._sockets: dict[HangUp, tuple[Link, ...]] = {}
        self._ended: Callable[[Link], bool] = lambda _: False
        self._reading = asyncio.Lock()
        self._renewing: set[asyncio.Task[None]] = set()

    def find(self, event: str, role: str, session: str, number: int = 0) -> Link | None:
        """The link as it is now; a role's own is always there."""
        kept = self._kept.get((event, role, session, number))
        return kept or (Link(event, role, session) if number == 0 else None)

    def own(self, event: str, role: str, session: str) -> Link:
        """The role's own link."""
        return self._kept.get((event, role, session, 0)) or Link(event, role, session)

    def of(self, event: str, role: str, session: str) -> list[Link]:
        """All links that a role has for a session: its own, then those with a name."""
        mine = [link for link in self._kept.values() if link.place[:3] == (event, role, session)]
        named = [link for link in mine if link.number and link.name]
        return [self.own(event, role, session), *sorted(named, key=lambda link: link.number)]

    def in_force(self, link: Link) -> bool:
        """Whether `link`, as someone came in by it, was neither revoked nor replaced since."""
        now = self.find(*link.place)
        return now is not None and not now.revoked and now.generation == link.generation

    async def renew(self) -> None:
        """Reads them anew, and hangs up on whoever came in by a link that stopped."""
        async with self._reading:
            kept = await asyncio.to_thread(self._read)
            self._kept = {link.place: link for link in kept}
        for hang_up, links in list(self._sockets.items()):
            if not all(self.in_force(link) and not self._ended(link) for link in links):
                hang_up()

    def committed(self, items: Sequence[Any]) -> None:
        """What the writer committed: changed links count from now on."""
        if any(isinstance(item, LinkOrder) for item in items):
            renewing = asyncio.create_task(self.renew())
            self._renewing.add(renewing)
            renewing.add_done_callback(self._renewing.discard)

    async def run(self, event_of: Callable[[str], Event | None], clock: Callable[[], datetime]) -> None:
        """Looks again and again, until cancelled."""

        def ended(link: Link) -> bool:
            event = event_of(link.event)
            return event is not None and has_ended(link.role, event, clock().date())

        self._ended = ended
        await again_and_again(self.renew, PAUSE, "reading the links")

    def enter(self, links: Iterable[Link], hang_up: HangUp) -> None:
        """A socket that came in by `links`; `hang_up` is called when one of them stops."""
        self._sockets[hang_up] = tuple(links)

    def leave(self, hang_up: HangUp) -> None:
        """A socket is gone."""
        self._sockets.pop(hang_up, None)

    def _read(self) -> list[Link]:
        with self._database.read() as connection:
            return kept_links(connection)
