"""What moderators write beside a poll: a note for the report, a count by hand. Never a part of the poll's result.

Each is one text with a revision, so that two moderators don't write over each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlmodel import Field, SQLModel, col

from polling.core.errors import Code
from polling.core.poll import PollKey


class PollNoteRow(SQLModel, table=True):
    """A moderator's note: `content` is its words."""

    __tablename__ = "poll_note"

    event: str = Field(primary_key=True)
    session: str = Field(primary_key=True)
    poll: str = Field(primary_key=True)  # a poll key's text
    revision: int
    content: str
    who: str  # wrote last


class HandCountRow(SQLModel, table=True):
    """A count by hand: `content` is a `HandCount` as JSON, or "" once it was taken away."""

    __tablename__ = "hand_count"

    event: str = Field(primary_key=True)
    session: str = Field(primary_key=True)
    poll: str = Field(primary_key=True)
    revision: int
    content: str
    who: str


Table = type[PollNoteRow] | type[HandCountRow]


@dataclass(frozen=True)
class Writing:
    """Words for a place beside a poll. `based_on`: the revision that the writer saw; 0: there was nothing."""

    table: Table
    event_id: str
    session_id: str
    poll: PollKey
    content: str
    based_on: int
    who: str = ""


@dataclass(frozen=True)
class Written:
    """What stands there now. `code`: why it is not what was sent."""

    content: str
    revision: int
    who: str
    code: Code | None = None


NOTHING = Written("", 0, "")


def write_beside(connection: Connection, items: Sequence[Writing]) -> list[Written]:
    """The writer's handler: keeps what was written, unless someone else wrote there meanwhile. The same words again
    are kept already."""
    return [_write(connection, item) for item in items]


def beside(connection: Connection, table: Table, event_id: str, session_id: str, poll: PollKey) -> Written:
    """What is written beside one poll."""
    return _all(connection, table, event_id, session_id).get((session_id, poll), NOTHING)


def all_beside(connection: Connection, table: Table, event_id: str) -> Mapping[tuple[str, PollKey], Written]:
    """What is written beside each poll of an event, by session and poll; those with words in it."""
    return {key: written for key, written in _all(connection, table, event_id).items() if written.content}


def forget_beside(connection: Connection, event_id: str) -> None:
    """Deletes all notes and counts by hand of an event."""
    for table in (PollNoteRow, HandCountRow):
        connection.execute(delete(table).where(col(table.event) == event_id))


def _write(connection: Connection, item: Writing) -> Written:
    present = beside(connection, item.table, item.event_id, item.session_id, item.poll)
    if present.content == item.content:
        return present
    if item.based_on != present.revision:
        return Written(present.content, present.revision, present.who, Code.NOTE_CHANGED)
    changed = {"revision": present.revision + 1, "content": item.content, "who": item.who}
    names = {"event": item.event_id, "session": item.session_id, "poll": str(item.poll)}
    statement = upsert(item.table).values(names | changed)
    connection.execute(statement.on_conflict_do_update(["event", "session", "poll"], set_=changed))
    return Written(item.content, present.revision + 1, item.who)


def _all(
    connection: Connection, table: Table, event_id: str, session_id: str | None = None
) -> dict[tuple[str, PollKey], Written]:
    columns = [col(getattr(table, name)) for name in ("session", "poll", "content", "revision", "who")]
    where = [col(table.event) == event_id] + ([col(table.session) == session_id] if session_id is not None else [])
    rows = connection.execute(select(*columns).where(*where))
    return {(session, PollKey.from_text(poll)): Written(*rest) for session, poll, *rest in rows}
