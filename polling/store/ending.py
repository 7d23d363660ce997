"""The end of an event: what is still open when its day is past is closed, by commands of the server's own."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, select
from sqlmodel import col

from polling.core.event import Event
from polling.core.poll import Command, PollKey, State, Verb
from polling.store.polls import PollRow
from polling.store.sessions import SessionCommand, session_state

WHO = "the end of the event"
"""Whose commands these are, in the list of commands."""


def is_over(event: Event, today: date) -> bool:
    """Whether the event's (last) day is past. One that names no day never ends by itself."""
    return event.day is not None and today > event.day


def open_polls(connection: Connection, event_id: str) -> list[tuple[str, PollKey]]:
    """The event's polls that take ballots: session and key."""
    names = [col(getattr(PollRow, name)) for name in ("session", "set", "question", "round")]
    where = (col(PollRow.event) == event_id, col(PollRow.state) == State.OPEN.value)
    return [(session, PollKey(*key)) for session, *key in connection.execute(select(*names).where(*where))]


def closings(connection: Connection, event: Event, at: float) -> list[SessionCommand]:
    """For each session where something is open the command that closes it; `at` in seconds since 1970.

    Their ids hold the revision and the event that they are based on: where a moderator was faster, or the event was
    changed just then, the next look gives others.
    """
    due = dict(open_polls(connection, event.event))
    commands = []
    for session, key in due.items():
        based_on = session_state(connection, event.event, session).revision
        asked = Command(f"end-{based_on}-{event.content_hash[:12]}", Verb.CLOSE, based_on, key)
        commands.append(SessionCommand(event, session, asked, present=0, at=at, who=WHO))
    return commands
