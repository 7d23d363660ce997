"""The table of commands that were answered: so that the same id gets the same answer, and the audit list of who did
what, when. Never of ballots."""

from __future__ import annotations

import json

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
