"""A room's state, which all its regions are made from, and the stage that it is in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from polling.core.deciding import own_pace
from polling.core.event import Event, Place, SessionPlan
from polling.core.event_state import EventState
from polling.core.hand_count import HandCount
from polling.core.poll import PlannedPoll, PollKey, SessionState, State
from polling.core.questions.base import Question
from polling.core.results.withholding import Published, Standing, withhold


@dataclass(frozen=True)
class IdeaLine:
    """An idea as moderators read it; on the big screen only where `shown`."""

    id: str
    text: str
    cell: str
    shown: bool
    blocked: bool = False  # never on the big screen
    tags: tuple[str, ...] = ()  # working groups beyond those that it is routed to
    merged_into: str | None = None  # its twin, which it stands under
    lit: bool = False  # the one that is talked about


@dataclass(frozen=True)
class RoomState:
    """All that a room's regions are made from. `standings` holds at least the current poll's."""

    event: Event
    session: SessionPlan
    state: SessionState
    present: int = 0
    standings: Mapping[PollKey, Standing] = field(default_factory=dict)
    ideas: tuple[IdeaLine, ...] = ()  # of the current poll
    by_hand: HandCount | None = None  # of the current poll; beside its tally
    whole: EventState = EventState()
    codes: Mapping[str, str] = field(default_factory=dict)  # join codes, by session; "": the event's own
    ends: float | None = None  # when the current poll's timer is over, by the server's own clock (live/room.py)
    zero: float = 0.0  # what leads from seconds since 1970 to that clock
    begins: float | None = None  # when its plan counts from, by that clock; None: from the first opening on
    moderators: int = 0  # open pages of moderators

    @property
    def order(self) -> tuple[Place, ...]:
        """The session's running order."""
        return self.event.running_order(self.session.id)

    @property
    def question(self) -> Question | None:
        """The question that the room is at."""
        return None if self.state.current is None else self.event.question(self.state.current)

    @property
    def again(self) -> bool:
        """Whether this room was asked its question before. A later round may be new here: where other rooms had the
        question in other words."""
        now = self.state.current
        return now is not None and any(key[:2] == now[:2] and key.round < now.round for key in self.state.polls)

    @property
    def published(self) -> Published:
        """The current poll's result, as far as it may be shown."""
        poll = self.state.now
        standing = self.standings.get(poll.key, Standing()) if poll else Standing()
        return withhold(
            standing,
            is_open=poll is not None and poll.state is State.OPEN,
            smallest_group=self.event.privacy.smallest_group,
        )

    @property
    def position(self) -> int:
        """Which question of the order it is at, from 1; 0 in the lobby, and at one that was taken out of the order."""
        return self.at(self.state.current) if self.state.current else 0

    def at(self, poll: PollKey) -> int:
        """Which question of the order a poll is of, from 1; 0 for one that was taken out of the order."""
        places = [place.poll_key()[:2] for place in self.order]
        return places.index(poll[:2]) + 1 if poll[:2] in places else 0


def latest_round(room: RoomState, place: Place) -> PollKey:
    """The newest round of a question of the running order."""
    return room.state.latest_round(place.set.set, place.question.id, place.first_round)


def plan(event: Event, session_id: str) -> tuple[PlannedPoll, ...]:
    """The running order as `decide` needs it."""
    return tuple(_planned(place) for place in event.running_order(session_id))


def _planned(place: Place) -> PlannedPoll:
    question, timer = place.question, place.question.timer
    return PlannedPoll(
        place.set.set,
        question.id,
        live=question.results == "live",
        seconds=timer.seconds if timer else 0,
        closes=timer.closes if timer else False,
        own_pace=place.set.pace == "participant",
        first_round=place.first_round,
    )


@dataclass(frozen=True)
class TimerView:
    """The current poll's timer, where one is running. It says when it is over, not how long that still is, so that it
    changes only when someone extends or stops it."""

    ends: float | None  # by the server's own clock, in seconds
    seconds: int  # how long it is in all
    closes: bool


def timer_view(room: RoomState) -> TimerView:
    """What every clock in the room counts down to."""
    poll = room.state.now
    if room.ends is None or poll is None or poll.timer is None:
        return TimerView(None, 0, False)
    return TimerView(room.ends, poll.timer.seconds, poll.timer.closes)


class Stage(StrEnum):
    """What a page is about now."""

    LOBBY = "lobby"  # before the first poll
    COMING = "coming"  # chosen, not yet open
    INFO = "info"  # a page between questions
    QUESTION = "question"  # open
    OWN_PACE = "own-pace"  # a whole set is open
    CLOSED = "closed"  # closed, the result hidden
    RESULT = "result"  # closed and revealed
    ROOMS = "rooms"  # phones that choose a room
    ENDED = "ended"  # the event is over


def at_own_pace(room: RoomState) -> bool:
    """Whether a whole set is open, and everyone goes through it."""
    poll = room.state.now
    if poll is None or poll.state is not State.OPEN:
        return False
    return own_pace(plan(room.event, room.session.id), room.state, poll.key.set)


def stage_of(room: RoomState) -> Stage:
    """The stage that phones and screens are in."""
    poll = room.state.now
    if poll is None:
        return Stage.LOBBY
    if poll.state is State.PENDING:
        return Stage.COMING
    if at_own_pace(room):
        return Stage.OWN_PACE
    if room.question is not None and not room.question.answerable:
        return Stage.INFO if poll.state is State.OPEN else Stage.COMING
    if poll.state is State.OPEN:
        return Stage.QUESTION
    return Stage.RESULT if poll.revealed else Stage.CLOSED
