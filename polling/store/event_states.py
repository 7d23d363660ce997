"""How events stand while they are held, and the organiser's commands that change it. All of it survives a restart."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlmodel import Field, SQLModel, col

from polling.core.errors import Code, Refused
from polling.core.event import Event
from polling.core.event_state import EventCommand, EventState, EventVerb, beginning, decide_event
from polling.store.command_rows import CommandRow, answered_before
from polling.store.sessions import close_open


class EventStateRow(SQLModel, table=True):
    """How an event stands. No row: nothing was done with it as a whole."""

    __tablename__ = "event_state"

    event: str = Field(primary_key=True)
    content: str  # JSON


@dataclass(frozen=True)
class EventOrder:
    """An organiser's command, the event in force, and who gave it."""

    event: Event
    command: EventCommand
    who: str = ""
    at: float = field(default_factory=time.time)


@dataclass(frozen=True)
class EventOutcome:
    """The answer to a command: carried out (`code` None) as `revision`, or refused; and how the event stands now."""

    revision: int
    code: Code | None
    state: EventState


def event_state(connection: Connection, event: Event) -> EventState:
    """How the event stands."""
    statement = select(col(EventStateRow.content)).where(col(EventStateRow.event) == event.event)
    content = connection.execute(statement).scalar()
    return beginning(event) if content is None else EventState.model_validate_json(content)


def command_event(connection: Connection, items: Sequence[EventOrder]) -> list[EventOutcome]:
    """The writer's handler for an organiser's commands: each sees what those before it did."""
    return [_answer(connection, item) for item in items]


def forget_event_state(connection: Connection, event_id: str) -> None:
    """Deletes how the event stood."""
    connection.execute(delete(EventStateRow).where(col(EventStateRow.event) == event_id))


def _answer(connection: Connection, item: EventOrder) -> EventOutcome:
    asked, before = item.command, event_state(connection, item.event)
    told = answered_before(connection, item.event.event, "", asked.id)
    if told is not None:
        return EventOutcome(*told, before)
    try:
        after = decide_event(item.event, before, asked)
        _carry_out(connection, item, after)
        outcome = EventOutcome(after.revision, None, after)
    except Refused as refused:
        outcome = EventOutcome(before.revision, refused.code, before)
    said = {"revision": outcome.revision} | ({"code": outcome.code.value} if outcome.code else {})
    about = " → ".join(each for each in (asked.session, asked.to) if each) or None
    names = {"event": item.event.event, "session": "", "id": asked.id, "verb": asked.verb.value, "poll": about}
    connection.execute(insert(CommandRow).values(**names, who=item.who, at=item.at, outcome=json.dumps(said)))
    return outcome


def _carry_out(connection: Connection, item: EventOrder, after: EventState) -> None:
    ending = [session.id for session in item.event.sessions] if item.command.verb is EventVerb.END else []
    leaving = [item.command.session] if item.command.verb is EventVerb.MOVE_ROOM else []
    for session in (*ending, *leaving):  # nobody is left to answer
        close_open(connection, item.event, session, id=f"{item.command.id}-{session}", who=item.who, at=item.at)
    content = after.model_dump_json()
    values = {"event": item.event.event, "content": content}
    connection.execute(upsert(EventStateRow).values(values).on_conflict_do_update(["event"], set_={"content": content}))
