"""What the organiser sees of all sessions at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from polling.core.alarms import LATE, Missing, Trouble, Turnout, is_sinking
from polling.core.event import Event, SessionPlan
from polling.core.event_state import Audience, EventState, call_for
from polling.core.poll import SessionState, State
from polling.core.punctuality import Phase, Punctuality
from polling.core.questions.base import Question
from polling.core.regions.room import RoomState, Stage, stage_of

GRACE = 10.0
"""Seconds that a page may be away before that is trouble: it is loaded anew, or its network blinked."""


class Link(StrEnum):
    """Whether a page of a kind is connected to a room."""

    NEVER = "never"  # none was, since the server started
    HERE = "here"
    GONE = "gone"


@dataclass(frozen=True)
class Health:
    """Who is connected to a room. `known`: the phones that belong here, connected or not. `*_gone`: since when, in
    seconds, no page of that kind is connected; None: one is, or none ever was."""

    connected: int = 0
    known: int = 0
    screens: int = 0
    screen_gone: float | None = None
    moderators: int = 0
    moderator_gone: float | None = None
    active: float | None = None  # the last command or answer, by the server's own clock


@dataclass(frozen=True)
class Seen:
    """What is known of a session: how it stands, its earlier polls and the open one, who is there, its plan."""

    session: SessionPlan
    state: SessionState
    answered: int = 0  # the present poll
    before: tuple[Turnout, ...] = ()  # closed polls
    open_for: float = 0.0  # seconds
    health: Health = Health()
    plan: Punctuality | None = None


@dataclass(frozen=True)
class SessionLine:
    """A session on the organiser's page."""

    session: SessionPlan
    stage: Stage
    position: int
    total: int
    question: Question | None
    answered: int
    present: int
    done: int  # polls closed or sealed
    connected: int
    screen: Link
    moderator: Link
    active: float | None
    plan: Punctuality | None
    moved: str | None
    troubles: tuple[Trouble, ...]


@dataclass(frozen=True)
class FiguresView:
    """The head of the organiser's page. `at`: where everyone is. `now`: whole minutes after `midnight`, which is by the
    server's own clock."""

    registered: int | None
    present: int | None
    connected: int
    attention: int
    now: int
    midnight: float
    at: str
    ended: bool


@dataclass(frozen=True)
class Announced:
    """A message that stands."""

    audience: Audience
    text: str


@dataclass(frozen=True)
class StandingView:
    """What stands for the event as a whole: messages, segments that nobody is in yet, and files that were edited."""

    messages: tuple[Announced, ...]
    missing: tuple[Missing, ...]
    edited: bool = False  # the event's files say something that nobody has taken in
    mistakes: int = 0  # in these files, so that they can't be


@dataclass(frozen=True)
class Board:
    """All that the organiser's page shows."""

    figures: FiguresView
    standing: StandingView
    lines: tuple[SessionLine, ...] = ()


class Clock(NamedTuple):
    """What the clock on the page shows: see `FiguresView`."""

    now: int
    midnight: float


def board(
    event: Event, whole: EventState, seen: Sequence[Seen], missing: tuple[Missing, ...], connected: int, clock: Clock
) -> Board:
    """The organiser's page, with the sessions in the event's order. `connected`: phones, wherever they are."""
    lines = tuple(session_line(event, whole, each) for each in seen)
    heads = whole.attendance.get("")
    figures = FiguresView(
        registered=heads.registered if heads else None,
        present=heads.present if heads else None,
        connected=connected,
        attention=sum(bool(line.troubles) for line in lines),
        now=clock.now,
        midnight=clock.midnight,
        at=whole.at.to,
        ended=whole.ended,
    )
    told = tuple(Announced(each, whole.messages[each].text) for each in Audience if each in whole.messages)
    return Board(figures, StandingView(told, missing), lines)


def figures_view(state: Board) -> FiguresView:
    """The head of the page."""
    return state.figures


def standing_view(state: Board) -> StandingView:
    """What stands for all."""
    return state.standing


def lines_view(state: Board) -> tuple[SessionLine, ...]:
    """The sessions; rows never reorder."""
    return state.lines


def session_line(event: Event, whole: EventState, seen: Seen) -> SessionLine:
    """How a session stands."""
    health, plan = seen.health, seen.plan
    room = RoomState(event, seen.session, seen.state)
    held = _is_held(event, whole, seen)
    return SessionLine(
        session=seen.session,
        stage=stage_of(room),
        position=room.position,
        total=len(room.order),
        question=room.question,
        answered=seen.answered,
        present=max(health.known, health.connected),
        done=sum(poll.state in (State.CLOSED, State.SEALED) for poll in seen.state.polls.values()),
        connected=health.connected,
        screen=_link(health.screens, health.screen_gone),
        moderator=_link(health.moderators, health.moderator_gone),
        active=health.active,
        plan=plan,
        moved=whole.moved.get(seen.session.id),
        troubles=tuple(trouble for trouble in Trouble if _has(trouble, event, whole, seen, held=held)),
    )


def _link(connected: int, gone: float | None) -> Link:
    if connected:
        return Link.HERE
    return Link.NEVER if gone is None else Link.GONE


def _has(trouble: Trouble, event: Event, whole: EventState, seen: Seen, *, held: bool) -> bool:
    """Whether a session has this trouble. Where nobody is, or all is done, only its moderator's call is one."""
    if trouble is Trouble.CALLING:
        return seen.state.calling and seen.session.id not in whole.moved
    if not held:
        return False
    match trouble:
        case Trouble.MODERATOR_GONE:
            return (seen.health.moderator_gone or 0) >= GRACE
        case Trouble.SCREEN_GONE:
            return (seen.health.screen_gone or 0) >= GRACE
        case Trouble.BEHIND:
            waits = seen.plan and seen.plan.phase is Phase.BEFORE and call_for(event, whole, seen.session.id)
            return seen.plan is not None and seen.plan.behind > LATE and not waits
        case Trouble.SINKING:
            joined = max(seen.health.known, seen.health.connected)
            return is_sinking(seen.before, Turnout(joined, seen.answered), seen.open_for)


def _is_held(event: Event, whole: EventState, seen: Seen) -> bool:
    """Whether people are meant to be in this session now. Before anyone was sent anywhere, all may be held."""
    if any(poll.state is State.OPEN for poll in seen.state.polls.values()):
        return True
    if whole.ended or seen.session.id in whole.moved or _is_done(event, seen):
        return False
    return not whole.at.number or call_for(event, whole, seen.session.id) is None


def _is_done(event: Event, seen: Seen) -> bool:
    last = event.running_order(seen.session.id)[-1].poll_key()
    now = seen.state.now
    return now is not None and now.key[:2] == last[:2] and now.state in (State.CLOSED, State.SEALED)
