"""An event as it stands while it is held: where everyone is, who was sent on, what is announced, who came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pydantic import Field

from polling.core.errors import Code, Refused
from polling.core.event import Event
from polling.core.questions.base import Frozen

BREAK_OUTS = "*"
"""In the place of a session: the break-outs, each phone its own."""
LONGEST_MESSAGE = 280


class EventVerb(StrEnum):
    """What an organiser does with the event as a whole. A moderator may `send_room` their own room on."""

    SEND = "send"  # everyone to a session, or to the break-outs
    SEND_ROOM = "send_room"  # the people of one session to another; to itself: no longer
    MOVE_ROOM = "move_room"  # one session into another, for good
    MESSAGE = "message"
    ATTENDANCE = "attendance"
    END = "end"


class Audience(StrEnum):
    """Who a message is for."""

    PHONES = "phones"
    SCREENS = "screens"
    MODERATORS = "moderators"


class Message(Frozen):
    """What is announced. `number`: the event's revision when it was."""

    number: int
    text: str


class Attendance(Frozen):
    """Heads, as typed in; None: not known."""

    registered: int | None = None
    present: int | None = None


class Sending(Frozen):
    """People were asked to go `to` a session, or to the break-outs. A phone follows what is newer than it knows."""

    number: int
    to: str


class EventState(Frozen):
    """`at`: where everyone is: a session, the break-outs, or "" as each likes. `revision` goes up with each command.
    `rooms`: sessions whose people were sent on alone. `moved`: session → the one that it moved into."""

    revision: int = 0
    at: Sending = Sending(number=0, to="")
    rooms: dict[str, Sending] = Field(default={})
    moved: dict[str, str] = Field(default={})
    messages: dict[Audience, Message] = Field(default={})
    attendance: dict[str, Attendance] = Field(default={})  # "" for the event as a whole
    ended: bool = False


@dataclass(frozen=True)
class EventCommand:
    """Something an organiser asks for. The same `id` gets the same answer; `based_on` None: whatever the revision is.

    `session`: the one it is about, for attendance "" for the whole event. `to`: where to. An empty `text` takes a
    message away.
    """

    id: str
    verb: EventVerb
    based_on: int | None = None
    session: str = ""
    to: str = ""
    audience: Audience = Audience.MODERATORS
    text: str = ""
    registered: int | None = None
    present: int | None = None


def beginning(event: Event) -> EventState:
    """Before anything was done: in the plenary, where there is one."""
    return EventState(at=Sending(number=0, to=event.home))


def decide_event(event: Event, state: EventState, command: EventCommand) -> EventState:
    """The event after `command`; raises `Refused` if it can't be done now."""
    if command.based_on not in (None, state.revision):
        raise Refused(Code.STALE, revision=state.revision)
    number = state.revision + 1
    return state.model_copy(update={"revision": number, **_changed(event, state, command, number)})


def _changed(event: Event, state: EventState, command: EventCommand, number: int) -> Mapping[str, object]:
    match command.verb:
        case EventVerb.SEND:
            if command.to != BREAK_OUTS or not event.break_out_sessions:
                _session(event, command.to)
            return {"at": Sending(number=number, to=command.to), "rooms": {}, "ended": False}
        case EventVerb.SEND_ROOM:
            if command.to == command.session:  # no longer
                _session(event, command.session)
                return {"rooms": {id: sending for id, sending in state.rooms.items() if id != command.session}}
            _different(event, command)
            return {"rooms": {**state.rooms, command.session: Sending(number=number, to=command.to)}}
        case EventVerb.MOVE_ROOM:
            _different(event, command)
            if settled(state, command.to) == command.session:
                raise Refused(Code.MOVES_IN_CIRCLE)
            return {"moved": {**state.moved, command.session: command.to}}
        case EventVerb.MESSAGE:
            if len(command.text) > LONGEST_MESSAGE:
                raise Refused(Code.TOO_LONG, length=len(command.text), most=LONGEST_MESSAGE)
            others = {key: message for key, message in state.messages.items() if key != command.audience}
            told = {command.audience: Message(number=number, text=command.text.strip())} if command.text.strip() else {}
            return {"messages": {**others, **told}}
        case EventVerb.ATTENDANCE:
            if command.session:
                _session(event, command.session)
            heads = Attendance(registered=command.registered, present=command.present)
            return {"attendance": {**state.attendance, command.session: heads}}
        case EventVerb.END:
            return {"ended": True}


def settled(state: EventState, session: str) -> str:
    """Where a session is in the end: itself, or the one that it moved into, perhaps by way of others."""
    while session in state.moved:
        session = state.moved[session]
    return session


def call_for(event: Event, state: EventState, session: str) -> Sending | None:
    """Where the people of `session` were asked to go, and when; None: they are where they should be."""
    if session in state.moved:
        return Sending(number=state.revision, to=settled(state, session))
    alone = state.rooms.get(session)
    if alone is not None:
        return Sending(number=alone.number, to=settled(state, alone.to))
    if state.at.to in ("", session):
        return None
    if state.at.to == BREAK_OUTS:
        return None if event.session(session).kind == "break-out" else state.at
    return Sending(number=state.at.number, to=settled(state, state.at.to))


def _session(event: Event, session: str) -> None:
    try:
        event.session(session)
    except KeyError:
        raise Refused(Code.UNKNOWN_SESSION, session=session[:60]) from None


def _different(event: Event, command: EventCommand) -> None:
    _session(event, command.session)
    _session(event, command.to)
    if command.session == command.to:
        raise Refused(Code.MOVES_IN_CIRCLE)
