"""The hall: the events served by this process, their rooms, and the codes that lead there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from polling.core.event import Event, SessionPlan
from polling.core.keys import Keys, join_codes, normal_code
from polling.live.lobby import Lobby
from polling.live.overview import Overview
from polling.live.room import Room
from polling.live.watched import Watched
from polling.rendering import Renderer
from polling.store.beside_polls import Writing
from polling.store.database import Database
from polling.store.event_states import EventOrder
from polling.store.revisions import Ask, TakeIn
from polling.store.sessions import SessionCommand


class Hall:
    """Every room, by its session and by its code. `epoch` numbers this process's frames apart from another's."""

    def __init__(self, database: Database, renderer: Renderer, keys: Keys, base_url: str, epoch: str) -> None:
        self.epoch = epoch
        self.events: dict[str, Event] = {}
        self._database = database
        self._renderer = renderer
        self._keys = keys
        self._base_url = base_url
        self._codes: dict[tuple[str, str], str] = {}
        self._by_code: dict[str, tuple[str, str]] = {}
        self._rooms: dict[tuple[str, str], Room] = {}
        self._overviews: dict[str, Overview] = {}
        self._lobbies: dict[str, Lobby] = {}

    def add(self, event: Event) -> None:
        """Makes the rooms of an event."""
        codes = join_codes(self._keys, event.event, [session.id for session in event.sessions], set(self._by_code))
        for session_id, code in codes.items():
            self._codes[event.event, session_id] = code
            self._by_code[code] = (event.event, session_id)
        lobby = Lobby(event, self._database, self._renderer, self.epoch, codes, self.join_url(codes[""]))
        self._lobbies[event.event] = lobby
        rooms = []
        for session in event.sessions:
            code = codes[session.id]
            room = Room(event, session, self._database, self._renderer, self.epoch, code, self.join_url(code), lobby)
            self._rooms[event.event, session.id] = room
            rooms.append(room)
        self.events[event.event] = event
        url = self.join_url(codes[""])
        overview = Overview(event, rooms, self._database, self._renderer, self.epoch, codes[""], url)
        overview.taken, overview.crowd = lobby.whereabouts.taken, lobby.crowd.__len__
        lobby.on_change = overview.dirty
        self._overviews[event.event] = overview

    def replace(self, event: Event) -> None:
        """The event was changed while it is held. Its rooms keep their codes, screens and polls; new sessions get rooms
        of their own, and the sockets of those that are gone are closed."""
        name, lobby = event.event, self._lobbies[event.event]
        before = {session_id for event_id, session_id in self._rooms if event_id == name}
        for session in event.sessions:
            if session.id in before:
                self._rooms[name, session.id].renew(event, session)
            else:
                self._rooms[name, session.id] = self._new_room(event, session, lobby)
        for session_id in before - {session.id for session in event.sessions}:
            gone = self._rooms.pop((name, session_id))
            del self._by_code[self._codes.pop((name, session_id))]
            gone.hang_up()
        self.events[name] = event
        codes = {session_id: code for (event_id, session_id), code in self._codes.items() if event_id == name}
        lobby.renew(event, codes)
        self._overviews[name].renew(event, [self._rooms[name, session.id] for session in event.sessions])

    def _new_room(self, event: Event, session: SessionPlan, lobby: Lobby) -> Room:
        attempt = 0
        while (code := self._keys.join_code(event.event, session.id, attempt)) in self._by_code:
            attempt += 1
        self._codes[event.event, session.id] = code
        self._by_code[code] = (event.event, session.id)
        return Room(event, session, self._database, self._renderer, self.epoch, code, self.join_url(code), lobby)

    @property
    def modes(self) -> set[str]:
        """Whether events are anonymous, pseudonymous, or some of each: for pages that name none."""
        return {event.privacy.mode for event in self.events.values()} or {"anonymous"}

    @property
    def rooms(self) -> Sequence[Room]:
        """Every room that there is now."""
        return list(self._rooms.values())

    def room(self, event_id: str, session_id: str) -> Room:
        """The room of a session; KeyError if there is none."""
        return self._rooms[event_id, session_id]

    def overview(self, event_id: str) -> Overview:
        """All rooms of an event; KeyError if there is no such event."""
        return self._overviews[event_id]

    def lobby(self, event_id: str) -> Lobby:
        """The event as a whole, for who is in no room yet; KeyError if there is no such event."""
        return self._lobbies[event_id]

    def code(self, event_id: str, session_id: str = "") -> str:
        """The join code of a session, or of the event itself; KeyError if there is none."""
        return self._codes[event_id, session_id]

    def by_code(self, typed: str) -> tuple[str, str] | None:
        """Event and session that a code leads to, however it was typed; the session is "" for the event's own."""
        return self._by_code.get(normal_code(typed))

    def join_url(self, code: str) -> str:
        """What a QR code says."""
        return f"{self._base_url}/j/{code}"

    def committed(self, items: Sequence[Any]) -> None:
        """What the writer committed: the rooms it is about show it."""
        for item in items:
            if isinstance(item, (TakeIn, Ask)) and item.after is not None:
                self.replace(item.after)
        polls = {item.poll_id for item in items if hasattr(item, "poll_id")}
        changed = {(item.event.event, item.session_id) for item in items if isinstance(item, SessionCommand)}
        changed |= {(item.event_id, item.session_id) for item in items if isinstance(item, Writing)}
        whole = {item.event.event for item in items if isinstance(item, EventOrder)}
        for key, room in self._rooms.items():
            if key[0] in whole or key in changed or room.has_poll(polls):
                room.dirty()
        for event_id in whole:
            self._lobbies[event_id].dirty()

    async def start(self) -> None:
        """Reads how each room stands, so that an event that was under way goes on."""
        rooms: list[Watched[Any]] = [*self._rooms.values(), *self._lobbies.values()]
        await asyncio.gather(*(room.fresh() for room in rooms))

    async def stop(self) -> None:
        """Ends the sending of frames."""
        for room in self._rooms.values():
            await room.stop()
        wholes: list[Watched[Any]] = [*self._overviews.values(), *self._lobbies.values()]
        for whole in wholes:
            await whole.stop()
