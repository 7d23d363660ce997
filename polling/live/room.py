"""The live side of a session: who is there, and frames of its present state, at most ten a second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Set
from dataclasses import replace
from datetime import datetime
from typing import Any

from polling.core.event import Event, SessionPlan
from polling.core.hand_count import HandCount
from polling.core.poll import PollKey, SessionState, State
from polling.core.regions.room import RoomState
from polling.core.regions.times import plan_begins
from polling.live.countdown import Countdown
from polling.live.lobby import Lobby
from polling.live.screens import Screen
from polling.live.watched import Watched
from polling.rendering import Renderer
from polling.store import ideas, sessions, tallies
from polling.store.beside_polls import HandCountRow, beside
from polling.store.database import Database
from polling.store.event_states import event_state
from polling.store.sessions import PollRef

ZERO = time.monotonic() - time.time()
"""What leads from the times of polls to the server's own clock; the same as long as the process lives."""


class Room(Watched[RoomState]):
    """One session: its state as last read, and the screens in it."""

    def __init__(
        self,
        event: Event,
        session: SessionPlan,
        database: Database,
        renderer: Renderer,
        epoch: str,
        code: str,
        join_url: str,
        lobby: Lobby,
    ) -> None:
        facts: Mapping[str, Any] = {"event": event, "session": session, "code": code, "join_url": join_url}
        super().__init__(RoomState(event, session, SessionState()), renderer, epoch, facts)
        self._place = event, session
        self.code = code
        self.join_url = join_url
        self._database = database
        self._lobby = lobby
        self._phones: dict[Screen, bytes] = {}
        self._sockets: dict[bytes, int] = {}
        self._moderators: set[Screen] = set()
        self._polls: dict[PollKey, PollRef] = {}
        self._countdown = Countdown()

    @property
    def event(self) -> Event:
        """The event in force."""
        return self._place[0]

    @property
    def session(self) -> SessionPlan:
        """The session that this is the room of."""
        return self._place[1]

    def renew(self, event: Event, session: SessionPlan) -> None:
        """The event was changed: all screens stay, and show it as it is now."""
        self._place = event, session
        self.renew_facts(event=event, session=session)

    @property
    def present(self) -> int:
        """How many different phones are connected. Kept in memory only."""
        return len(self._sockets)

    def sockets_of(self, phone: bytes) -> int:
        """How many sockets one phone has open here."""
        return self._sockets.get(phone, 0)

    def join(self, screen: Screen, phone: bytes | None = None) -> None:
        """Lets a screen in; a participant's with the phone's secret, so that its tabs count as one."""
        if phone is not None and screen not in self._phones:
            self._phones[screen] = phone
            self._sockets[phone] = self.sockets_of(phone) + 1
            self._lobby.crowd.join(phone)
            self.dirty()
        if screen.role == "moderator":
            self._moderators.add(screen)
            self.dirty()
        super().join(screen)
        if phone is None:  # a page of its staff
            self.on_change()

    def leave(self, screen: Screen) -> None:
        """A screen is gone."""
        super().leave(screen)
        if screen in self._moderators:
            self._moderators.remove(screen)
            self.dirty()
        phone = self._phones.pop(screen, None)
        if phone is not None:
            self._lobby.crowd.leave(phone)
            left = self._sockets.pop(phone) - 1
            if left:
                self._sockets[phone] = left
            self.dirty()
        else:
            self.on_change()

    async def poll_ref(self, key: PollKey) -> PollRef | None:
        """The stored poll; None as long as it was not opened. What never changes of it is kept."""
        if key not in self._polls:
            found = await asyncio.to_thread(self._find, key)
            if found is None:
                return None
            self._polls[key] = found
        return self._polls[key]

    def has_poll(self, ids: Set[int]) -> bool:
        """Whether one of these polls was asked for here."""
        return any(poll.id in ids for poll in self._polls.values())

    def _find(self, key: PollKey) -> PollRef | None:
        with self._database.read() as connection:
            return sessions.poll_ref(connection, self.event.event, self.session.id, key)

    async def _read(self) -> RoomState:
        state = await asyncio.to_thread(self._stored)
        ends = self._countdown.ends(state.state.now)
        begins = self._begins(state.state)
        present, moderators = self.present, len(self._moderators)
        return replace(state, present=present, moderators=moderators, ends=ends, zero=ZERO, begins=begins)

    def _begins(self, state: SessionState) -> float | None:
        """When its plan counts from, by the server's own clock."""
        opened = min((poll.opened for poll in state.polls.values() if poll.opened is not None), default=None)
        moment = datetime.fromtimestamp(time.time() if opened is None else opened).astimezone()
        begins = plan_begins(self.session, self.event.day, moment, begun=opened is not None)
        return None if begins is None else round(begins.timestamp() + ZERO, 1)

    def _stored(self) -> RoomState:
        event, session = self._place  # both of one moment
        with self._database.read() as connection:
            state = sessions.session_state(connection, event.event, session.id)
            whole = event_state(connection, event)
            room = RoomState(event, session, state, whole=whole, codes=self._lobby.codes)
            if state.current is None:
                return room
            counted = beside(connection, HandCountRow, event.event, session.id, state.current).content
            if counted:
                room = replace(room, by_hand=HandCount.model_validate_json(counted))
            refs = sessions.poll_refs(connection, event.event, session.id)
            if state.current not in refs:
                return room
            shown = {key for key, poll in state.polls.items() if poll.state is State.OPEN} | {state.current}
            standings = {key: tallies.standing(connection, refs[key].id) for key in shown}
            return replace(room, standings=standings, ideas=ideas.ideas_of(connection, refs[state.current].id))
