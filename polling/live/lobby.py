"""The live side of an event as a whole: who is in, the seats that are left, and where everyone was sent."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from polling.core.event import Event
from polling.core.event_state import EventState
from polling.core.regions.lobby import LobbyState
from polling.live.crowd import Crowd
from polling.live.screens import Screen
from polling.live.watched import Watched
from polling.live.whereabouts import Whereabouts
from polling.rendering import Renderer
from polling.store.database import Database
from polling.store.event_states import event_state


class Lobby(Watched[LobbyState]):
    """Phones that are choosing a room, and the screen in the hall."""

    def __init__(
        self,
        event: Event,
        database: Database,
        renderer: Renderer,
        epoch: str,
        codes: Mapping[str, str],
        join_url: str,
    ) -> None:
        facts = {"event": event, "code": codes[""], "join_url": join_url}
        super().__init__(LobbyState(event, codes=codes), renderer, epoch, facts)
        self.event = event
        self.code = codes[""]
        self.codes = codes
        self.whereabouts = Whereabouts()
        self.crowd = Crowd()
        self.whereabouts.on_change = self.crowd.on_change = self.dirty
        self._database = database
        self._phones: dict[Screen, bytes] = {}
        self._here = Crowd()

    def renew(self, event: Event, codes: Mapping[str, str]) -> None:
        """The event was changed: other sessions, other words."""
        self.event = event
        self.codes = codes
        self.renew_facts(event=event)

    def sockets_of(self, phone: bytes) -> int:
        """How many sockets one phone has open here."""
        return self._here.sockets_of(phone)

    def join(self, screen: Screen, phone: bytes | None = None) -> None:
        """Lets a screen in; a phone that chooses with its secret."""
        if phone is not None and screen not in self._phones:
            self._phones[screen] = phone
            self._here.join(phone)
            self.crowd.join(phone)
        super().join(screen)

    def leave(self, screen: Screen) -> None:
        """A screen is gone."""
        super().leave(screen)
        phone = self._phones.pop(screen, None)
        if phone is not None:
            self._here.leave(phone)
            self.crowd.leave(phone)

    async def _read(self) -> LobbyState:
        whole = await asyncio.to_thread(self._stored)
        return LobbyState(self.event, whole, self.whereabouts.taken(), self.codes, len(self.crowd))

    def _stored(self) -> EventState:
        with self._database.read() as connection:
            return event_state(connection, self.event)
