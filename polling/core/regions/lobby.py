"""The event as a whole, as those see it who are in no room yet: phones that choose one, and the screen in the hall."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from polling.core.event import SPOT, Event, SessionPlan
from polling.core.event_state import BREAK_OUTS, EventState, settled
from polling.core.finding import Room, question_of, rooms_of
from polling.core.regions.calling import Call, call_of_all
from polling.core.regions.room import Stage
from polling.core.words import Words


@dataclass(frozen=True)
class LobbyState:
    """What the regions are made from. `taken`: seats, by session; `codes`: join codes, by session ("": the event's)."""

    event: Event
    whole: EventState = EventState()
    taken: Mapping[str, int] = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)
    present: int = 0

    @property
    def rooms(self) -> tuple[Room, ...]:
        """The rooms that can be chosen."""
        return rooms_of(self.event, self.whole, self.taken)


@dataclass(frozen=True)
class RoomLine:
    """A room in a list to choose from."""

    session: SessionPlan
    code: str
    topics: tuple[Words, ...]  # the titles of its question sets, but for those that all rooms run
    also: tuple[SessionPlan, ...]  # rooms that moved into it
    meant_for: tuple[Words, ...]  # the answers that lead here, where rules do
    left: int | None  # seats; None: as many as come
    full: bool


@dataclass(frozen=True)
class RoomsView:
    """What a phone shows that is in no room yet."""

    stage: Stage  # rooms, or ended
    assign: str
    rooms: tuple[RoomLine, ...]
    call: Call | None


@dataclass(frozen=True)
class LobbyView:
    """The screen in the hall: how to join, how many are in, and the rooms while people are on their way to them."""

    stage: Stage  # lobby, rooms or ended
    session: SessionPlan | None  # where everyone is; None: in the break-outs, or as each likes
    present: int
    rooms: tuple[RoomLine, ...]


def rooms_view(lobby: LobbyState) -> RoomsView:
    """What every phone shows that chooses."""
    assign = lobby.event.break_outs.assign
    call = call_of_all(lobby.event, lobby.whole, lobby.codes)
    return RoomsView(Stage.ENDED if lobby.whole.ended else Stage.ROOMS, assign, _lines(lobby), call)


def lobby_view(lobby: LobbyState) -> LobbyView:
    """What the screen in the hall shows."""
    to = lobby.whole.at.to
    if lobby.whole.ended:
        return LobbyView(Stage.ENDED, None, lobby.present, ())
    if to == BREAK_OUTS:
        return LobbyView(Stage.ROOMS, None, lobby.present, _lines(lobby))
    session = lobby.event.session(settled(lobby.whole, to)) if to else None
    return LobbyView(Stage.LOBBY, session, lobby.present, ())


def _meant_for(lobby: LobbyState, session: str) -> tuple[Words, ...]:
    break_outs = lobby.event.break_outs
    rules = break_outs.rules if break_outs.assign == "rules" else ()
    here = [rule for rule in rules if settled(lobby.whole, rule.session) == session]
    return tuple(question_of(lobby.event, rule).cell_name(option) for rule in here for option in rule.any_of)


def _lines(lobby: LobbyState) -> tuple[RoomLine, ...]:
    sets = [set(room.session.sets) for room in lobby.rooms]
    shared = set.intersection(*sets) if len(sets) > 1 else set()
    return tuple(
        RoomLine(
            room.session,
            lobby.codes.get(room.session.id, ""),
            tuple(
                lobby.event.question_set(set_id).title
                for set_id in room.session.sets
                if not set_id.startswith(SPOT) and set_id not in shared
            ),
            room.also,
            _meant_for(lobby, room.session.id),
            room.left,
            room.full,
        )
        for room in lobby.rooms
    )
