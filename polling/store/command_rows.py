"""The table of commands that were answered: so that the same id gets the same answer, and the audit list of who did
what, when. Never of ballots."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select
from sqlmodel import Field, SQLModel, col

from polling.core.errors import Code


class CommandRow(SQLModel, table=True):
    """A command that was answered. `session` "": one about the event as a whole; `poll` then says what it was about."""

    __tablename__ = "command"

    event: str = Field(primary_key=True)
    session: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    verb: str
    poll: str | None
    who: str = ""  # the link that its giver came in by
    at: float = 0.0  # seconds since 1970
    outcome: str  # JSON: {"revision": n} or {"revision": n, "code": "…"}


def answered_before(connection: Connection, event: str, session: str, id: str) -> tuple[int, Code | None] | None:
    """The revision and code that a command with this id was answered with; None: it is new."""
    told = connection.execute(
        select(col(CommandRow.outcome)).where(
            col(CommandRow.event) == event, col(CommandRow.session) == session, col(CommandRow.id) == id
        )
    ).scalar()
    if told is None:
        return None
    kept = json.loads(told)
    return kept["revision"], Code(kept["code"]) if "code" in kept else None


@dataclass(frozen=True)
class Given:
    """A command that was given: the audit list's line. `code` None: it was done."""

    session: str
    verb: str
    about: str  # a poll key; of a command about the event or a link, what that is about
    who: str
    at: float
    code: str | None


def commands_given(
    connection: Connection, event: str, session: str | None = None, *, start: int = 0, most: int | None = None
) -> Sequence[Given]:
    """The event's commands, the newest first: `most` of them from `start` on; of one session ("" is the event as a
    whole), or of all."""
    names = ("session", "verb", "poll", "who", "at", "outcome")
    columns = [col(getattr(CommandRow, name)) for name in names]
    statement = select(*columns).where(col(CommandRow.event) == event)
    if session is not None:
        statement = statement.where(col(CommandRow.session) == session)
    newest = statement.order_by(col(CommandRow.at).desc(), columns[0], col(CommandRow.id)).offset(start).limit(most)
    return [
        Given(row.session, row.verb, row.poll or "", row.who, row.at, json.loads(row.outcome).get("code"))
        for row in connection.execute(newest)
    ]


def done_as(connection: Connection, event: str, session: str, revision: int) -> Given | None:
    """The command that made this revision of a session; None: there is none."""
    made = json.dumps({"revision": revision})
    mine = (col(CommandRow.event) == event, col(CommandRow.session) == session, col(CommandRow.outcome) == made)
    columns = [col(getattr(CommandRow, name)) for name in ("verb", "poll", "who", "at")]
    row = connection.execute(select(*columns).where(*mine).order_by(col(CommandRow.at).desc()).limit(1)).first()
    return None if row is None else Given(session, row.verb, row.poll or "", row.who, row.at, None)
