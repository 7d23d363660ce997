"""How a phone finds its room: where the event's code leads, the rooms that there are, and which of them is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from polling.core.event import Event, Rule, SessionPlan
from polling.core.event_state import BREAK_OUTS, EventState, settled
from polling.core.poll import PollKey
from polling.core.questions.base import Question


@dataclass(frozen=True)
class Room:
    """A session that people can go to, with all who moved into it."""

    session: SessionPlan
    also: tuple[SessionPlan, ...]  # sessions that moved into it
    taken: int

    @property
    def left(self) -> int | None:
        """Seats that are left; None: as many as come."""
        return None if self.session.seats is None else max(0, self.session.seats - self.taken)

    @property
    def full(self) -> bool:
        """Whether no one can choose it any more. Who stands in the room comes in by its code all the same."""
        return self.left == 0


def leads_to(event: Event, state: EventState, own: str | None) -> str | None:
    """The session that the event's code leads a phone to; None: it has to find one. `own`: its own break-out."""
    mine = settled(state, own) if own and is_break_out(event, own) else None
    if len(event.sessions) == 1:
        return event.sessions[0].id
    if state.ended:
        return mine or event.home or event.sessions[0].id
    if state.at.to == BREAK_OUTS:
        return mine
    return settled(state, state.at.to) if state.at.to else None


def rooms_of(event: Event, state: EventState, taken: Mapping[str, int]) -> tuple[Room, ...]:
    """The rooms to choose from: the break-outs while people are sent there, else every session."""
    sessions = event.break_out_sessions if state.at.to == BREAK_OUTS else event.sessions
    return tuple(room_of(event, state, session, taken) for session in sessions if session.id not in state.moved)


def room_of(event: Event, state: EventState, session: SessionPlan, taken: Mapping[str, int]) -> Room:
    """A session with the sessions that moved into it."""
    together = [session.id, *moved_into(event, state, session.id)]
    also = tuple(event.session(each) for each in together[1:])
    return Room(session, also, sum(taken.get(each, 0) for each in together))


def moved_into(event: Event, state: EventState, session: str) -> tuple[str, ...]:
    """The sessions that moved into this one, perhaps by way of others."""
    return tuple(each.id for each in event.sessions if each.id in state.moved and settled(state, each.id) == session)


def drawn(rooms: Iterable[Room]) -> SessionPlan | None:
    """The room for the next phone: the one that will be the emptiest of its seats; None: all are full. A room without a
    number of seats is filled as if it had as many as the others have on average."""
    open_rooms = [room for room in rooms if not room.full]
    known = [room.session.seats for room in open_rooms if room.session.seats]
    usual = sum(known) / len(known) if known else 1.0
    emptiest = min(open_rooms, key=lambda room: (room.taken + 1) / (room.session.seats or usual), default=None)
    return emptiest.session if emptiest else None


def question_of(event: Event, rule: Rule) -> Question:
    """The question that a rule is about."""
    set_id, _, question = rule.answer.partition("/")
    return event.question(PollKey(set_id, question))


def is_break_out(event: Event, session: str) -> bool:
    """Whether the event has this break-out."""
    return any(each.id == session for each in event.break_out_sessions)
