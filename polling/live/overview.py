"""All rooms of an event at once, as the organiser watches them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from polling.core.alarms import Missing, Turnout, missing_segments
from polling.core.event import Event, SessionPlan
from polling.core.poll import PollKey, State
from polling.core.punctuality import against_plan
from polling.core.regions.board import Board, Clock, FiguresView, Health, Seen, StandingView, board
from polling.core.regions.room import RoomState, at_own_pace
from polling.core.results.rollup import roll_up
from polling.core.running_order import planned
from polling.live.room import Room
from polling.live.screens import Screen
from polling.live.watched import Watched
from polling.rendering import Renderer
from polling.store.board_rows import StoredEvent, StoredSession, stored_event
from polling.store.database import Database
from polling.store.reading import outcomes

LOOK = 5.0
"""Seconds between two looks at what only time changes, while someone watches."""
STAFF = ("presenter", "moderator")


def _local() -> datetime:
    return datetime.now().astimezone()


@dataclass
class _Watch:
    """What is remembered of a room while the server runs. `gone`: since when a page of a kind is away that was here."""

    active: float | None = None
    told: tuple[int, int] | None = None
    seen: set[str] = field(default_factory=set)
    gone: dict[str, float] = field(default_factory=dict)


class Overview(Watched[Board]):
    """How an event stands. It reads all rooms in one look at the database, at most four times a second and only while
    someone watches; rooms tell it that something changed, and it asks none of them to read."""

    interval = 0.25

    def __init__(
        self,
        event: Event,
        rooms: Sequence[Room],
        database: Database,
        renderer: Renderer,
        epoch: str,
        code: str,
        join_url: str,
        clock: Callable[[], datetime] = _local,
    ) -> None:
        codes = {room.session.id: room.code for room in rooms}
        facts = {"event": event, "code": code, "join_url": join_url, "codes": codes}
        nothing = Board(FiguresView(None, None, 0, 0, 0, 0.0, "", ended=False), StandingView((), ()))
        super().__init__(nothing, renderer, epoch, facts)
        self.event = event
        self.rooms = tuple(rooms)
        self.code = code
        self.join_url = join_url
        self._database = database
        self._clock = clock
        self.taken: Callable[[], Mapping[str, int]] = dict
        """How many phones belong to each session, connected or not."""
        self.crowd: Callable[[], int] = lambda: sum(room.present for room in self.rooms)
        """How many phones are connected, in whatever room."""
        self.edited: Callable[[], tuple[bool, int]] = lambda: (False, 0)
        """Whether the event's files say something that nobody has taken in, and how many mistakes they have."""
        self._watches: dict[str, _Watch] = {}
        self._ahead = time.monotonic() - time.time()
        self._missing: tuple[object, tuple[Missing, ...]] = ((), ())
        self._looking: asyncio.Task[None] | None = None
        self._listen()

    def _listen(self) -> None:
        for room in self.rooms:
            self._watches.setdefault(room.session.id, _Watch())
            room.on_change = partial(self._changed, room)

    def renew(self, event: Event, rooms: Sequence[Room]) -> None:
        """The event was changed: other sessions, other words."""
        self.event = event
        self.rooms = tuple(rooms)
        self._listen()
        self.renew_facts(event=event, codes={room.session.id: room.code for room in rooms})

    def join(self, screen: Screen) -> None:
        """Someone watches: from now on also what only time changes is looked at."""
        super().join(screen)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())

    async def stop(self) -> None:
        """Ends the sending of frames."""
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking
        await super().stop()

    async def _look(self) -> None:
        try:
            while len(self._audience):
                self.dirty()
                await asyncio.sleep(LOOK)
        finally:
            self._looking = None

    async def _show(self) -> None:
        if len(self._audience):
            await super()._show()

    def _changed(self, room: Room) -> None:
        """A room was read and is not as it was, or a page of its staff came or went."""
        watch = self._watches[room.session.id]
        told = (room.state.state.revision, room.state.published.respondents)
        if watch.told not in (None, told):
            watch.active = time.monotonic()
        watch.told = told
        for role in STAFF:
            if room.watching(role):
                watch.seen.add(role)
                watch.gone.pop(role, None)
            elif role in watch.seen:
                watch.gone.setdefault(role, time.monotonic())
        self.dirty()

    async def _read(self) -> Board:
        stored, missing = await asyncio.to_thread(self._stored)
        now = self._clock()
        here = self._own(now.timestamp())
        taken = self.taken()
        seen = [self._seen(room, stored, taken.get(room.session.id, 0), now, here) for room in self.rooms]
        clock = Clock(int(minutes_of(now)), round(here - 60 * minutes_of(now)))
        told = board(self.event, stored.whole, seen, missing, self.crowd(), clock)
        edited, mistakes = self.edited()
        return replace(told, standing=replace(told.standing, edited=edited, mistakes=mistakes))

    def _stored(self) -> tuple[StoredEvent, tuple[Missing, ...]]:
        with self._database.read() as connection:
            stored = stored_event(connection, self.event)
            asked = _closed_segments(self.event, stored)
            if asked != self._missing[0]:  # a segment question was closed, or opened again
                found = missing_segments(self.event, roll_up(outcomes(connection, self.event))) if asked else ()
                self._missing = asked, found
            return stored, self._missing[1]

    def _seen(self, room: Room, stored: StoredEvent, taken: int, now: datetime, here: float) -> Seen:
        session, watch = stored.sessions.get(room.session.id, StoredSession()), self._watches[room.session.id]
        wall, minutes = now.timestamp(), minutes_of(now)
        opened = [facts.opened for facts in session.facts.values() if facts.opened is not None]
        began = minutes - (wall - min(opened)) / 60 if opened else None
        on_its_day = self.event.day == now.date()
        current = session.state.current
        facts = session.facts.get(current) if current else None
        now_open = session.state.now is not None and session.state.now.state is State.OPEN
        is_open = now_open and current is not None and _asks_all(self.event, current)
        return Seen(
            room.session,
            session.state,
            answered=_answers(self.event, room.session, session),
            before=_turnouts(self.event, session),
            open_for=wall - facts.opened if facts and facts.opened and is_open else 0.0,
            health=_health(room, watch, session, taken, wall, here),
            plan=against_plan(
                planned(self.event, room.session.id), session.state, minutes, began, on_its_day=on_its_day
            ),
        )

    def _own(self, wall: float) -> float:
        """A moment by the server's own clock, which timers end by. The difference of the two is kept as long as nobody
        sets the other one, so that the same moment is always the same number."""
        ahead = time.monotonic() - time.time()
        if abs(ahead - self._ahead) > 1:
            self._ahead = ahead
        return wall + self._ahead


def minutes_of(moment: datetime) -> float:
    """How long after midnight it is."""
    return moment.hour * 60 + moment.minute + (moment.second + moment.microsecond / 1e6) / 60


def _health(room: Room, watch: _Watch, session: StoredSession, taken: int, wall: float, here: float) -> Health:
    times = [at for facts in session.facts.values() for at in (facts.opened, facts.closed) if at]
    stored = here - (wall - max(times)) if times else None
    last = max((at for at in (watch.active, stored) if at is not None), default=None)
    screen_gone, moderator_gone = (here - at if (at := watch.gone.get(role)) else None for role in STAFF)
    return Health(
        connected=room.present,
        known=max(taken, room.present),
        screens=room.watching("presenter"),
        screen_gone=screen_gone,
        moderators=room.watching("moderator"),
        moderator_gone=moderator_gone,
        active=None if last is None else round(last),
    )


def _closed_segments(event: Event, stored: StoredEvent) -> frozenset[tuple[str, PollKey]]:
    """The closed polls whose options are segments: what `missing` hangs on."""
    return frozenset(
        (session, key)
        for session, each in stored.sessions.items()
        for key, poll in each.state.polls.items()
        if poll.state in (State.CLOSED, State.SEALED) and event.question(key).makes_labels
    )


def _answers(event: Event, plan: SessionPlan, session: StoredSession) -> int:
    """The running count of the present poll. Of a set that is open as a whole the most of any of its questions, but for
    those that only some are asked: how many answer these would tell what each of them answered before."""
    current = session.state.current
    if current is None:
        return 0
    here = [key for key, poll in session.state.polls.items() if poll.state is State.OPEN] or [current]
    if at_own_pace(RoomState(event, plan, session.state)):
        here = [key for key in here if not event.question(key).only_if]
    return max((session.facts[key].answered for key in here if key in session.facts), default=0)


def _turnouts(event: Event, session: StoredSession) -> tuple[Turnout, ...]:
    """What came of the session's closed polls, of those that all are asked."""
    return tuple(
        Turnout(facts.joined, facts.answered)
        for key, facts in session.facts.items()
        if facts.joined and facts.closed is not None and _asks_all(event, key)
    )


def _asks_all(event: Event, poll: PollKey) -> bool:
    question = event.question(poll)
    return question.answerable and not question.only_if
