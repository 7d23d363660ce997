"""Sessions as they stand, and the moderators' commands that move them. All of it survives a restart."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlmodel import Field, SQLModel, col

from polling.core.deciding import decide
from polling.core.errors import Code, Refused
from polling.core.event import Event
from polling.core.poll import IDEA_VERBS, Command, PollKey, SessionState, State, Verb
from polling.core.regions.room import plan
from polling.store.command_rows import CommandRow, answered_before
from polling.store.event_rows import EventRow
from polling.store.idea_moderation import moderate
from polling.store.polls import PollRef, poll_ref, poll_refs, polls_of, save_polls
from polling.store.tallies import bring_out

__all__ = [
    "CommandRow",
    "Outcome",
    "PollRef",
    "SessionCommand",
    "SessionRow",
    "close_open",
    "command",
    "forget_sessions",
    "poll_ref",
    "poll_refs",
    "session_state",
]


class SessionRow(SQLModel, table=True):
    """Where a session is. No row: it is in the lobby, and nothing was done yet."""

    __tablename__ = "session"

    event: str = Field(primary_key=True)
    session: str = Field(primary_key=True)
    revision: int
    current: str | None = None  # a poll key's text
    calling: bool = False
    paces: str = "{}"  # JSON: set → whether participants set the pace


@dataclass(frozen=True)
class SessionCommand:
    """A moderator's command, with what deciding needs: the event in force and how many are present."""

    event: Event
    session_id: str
    command: Command
    present: int
    who: str = ""  # the link that its giver came in by
    at: float = field(default_factory=time.time)


@dataclass(frozen=True)
class Outcome:
    """The answer to a command: carried out (`code` None) as `revision`, or refused; and the state it left.

    The same id gets the same revision and code; `state` is always the present one.
    """

    revision: int
    code: Code | None
    state: SessionState


def session_state(connection: Connection, event_id: str, session_id: str) -> SessionState:
    """The session as it stands."""
    columns = (col(SessionRow.revision), col(SessionRow.current), col(SessionRow.calling), col(SessionRow.paces))
    statement = select(*columns).where(col(SessionRow.event) == event_id, col(SessionRow.session) == session_id)
    row = connection.execute(statement).first()
    revision, current, calling, paces = row or (0, None, False, "{}")
    polls = polls_of(connection, event_id, session_id)
    return SessionState(revision, PollKey.from_text(current) if current else None, polls, calling, json.loads(paces))


def command(connection: Connection, items: Sequence[SessionCommand]) -> list[Outcome]:
    """The writer's handler for commands: each sees what those before it did."""
    return [_answer(connection, item) for item in items]


def close_open(connection: Connection, event: Event, session_id: str, *, id: str, who: str, at: float) -> None:
    """Closes what is open in a session, by a command under `id`, so that it is in the audit list."""
    state = session_state(connection, event.event, session_id)
    poll = next((poll for poll in state.polls.values() if poll.state is State.OPEN), None)
    if poll is not None:
        closing = Command(id, Verb.CLOSE, state.revision, poll.key)
        _answer(connection, SessionCommand(event, session_id, closing, poll.present or 0, who, at))


def forget_sessions(connection: Connection, event_id: str) -> None:
    """Deletes where the event's sessions were, and their commands."""
    connection.execute(delete(SessionRow).where(col(SessionRow.event) == event_id))
    connection.execute(delete(CommandRow).where(col(CommandRow.event) == event_id))


def _answer(connection: Connection, item: SessionCommand) -> Outcome:
    event_id, session_id, asked = item.event.event, item.session_id, item.command
    before = session_state(connection, event_id, session_id)
    told = answered_before(connection, event_id, session_id, asked.id)
    if told is not None:
        return Outcome(*told, before)
    try:
        _check_in_force(connection, item.event)
        outcome = Outcome(before.revision + 1, None, _carry_out(connection, item, before))
    except Refused as refused:
        outcome = Outcome(before.revision, refused.code, before)
    said = {"revision": outcome.revision} | ({"code": outcome.code.value} if outcome.code else {})
    names = {"event": event_id, "session": session_id, "id": asked.id, "verb": asked.verb.value}
    about = asked.poll or outcome.state.current
    poll = str(about) if about else None
    given = {"who": item.who, "at": item.at}
    connection.execute(insert(CommandRow).values(**names, **given, poll=poll, outcome=json.dumps(said)))
    return outcome


def _check_in_force(connection: Connection, event: Event) -> None:
    """Raises `Refused` where the event was changed between the giving of a command and this moment."""
    hash = connection.execute(select(col(EventRow.hash)).where(col(EventRow.id) == event.event)).scalar()
    if hash not in (None, event.content_hash):
        raise Refused(Code.STALE)


def _carry_out(connection: Connection, item: SessionCommand, before: SessionState) -> SessionState:
    event_id, session_id, asked = item.event.event, item.session_id, item.command
    rules = item.event.privacy
    order = plan(item.event, session_id)
    after = decide(order, before, asked, present=item.present, smallest_group=rules.smallest_group, now=item.at)
    if asked.verb in IDEA_VERBS:
        ids = [ref.id for ref in poll_refs(connection, event_id, session_id).values()]
        groups = [group.id for group in item.event.working_groups]
        moderate(connection, ids, asked, groups)
    save_polls(connection, event_id, session_id, before.polls, after.polls.values(), item.present)
    for poll in after.polls.values():
        if poll.state is State.CLOSED and before.poll(poll.key).state is State.OPEN:
            bring_out(connection, poll_refs(connection, event_id, session_id)[poll.key].id, rules.smallest_group)
    current = str(after.current) if after.current else None
    changed = {"revision": after.revision, "current": current, "calling": after.calling}
    changed |= {"paces": json.dumps(dict(after.paces))}
    values = {"event": event_id, "session": session_id} | changed
    connection.execute(upsert(SessionRow).values(values).on_conflict_do_update(["event", "session"], set_=changed))
    return after
