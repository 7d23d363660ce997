"""How all sessions of an event stand, in one look at the database, however many they are: for the organiser's board."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, select
from sqlmodel import col

from polling.core.event import Event
from polling.core.event_state import EventState
from polling.core.poll import Poll, PollKey, SessionState, State
from polling.core.results.funnel import Funnel, funnels
from polling.core.results.outcomes import Outcome
from polling.store.event_states import event_state
from polling.store.polls import PollRow
from polling.store.sessions import SessionRow


@dataclass(frozen=True)
class PollFacts:
    """What is known of a poll beside its result. `answered` is its running count; `opened` the first time and
    `closed` the last, in seconds since 1970."""

    answered: int
    joined: int | None
    opened: float | None
    closed: float | None


@dataclass(frozen=True)
class StoredSession:
    """A session as it stands."""

    state: SessionState = SessionState()
    facts: Mapping[PollKey, PollFacts] = field(default_factory=dict)


@dataclass(frozen=True)
class StoredEvent:
    """An event as it stands, with its sessions."""

    whole: EventState
    sessions: Mapping[str, StoredSession]


def stored_event(connection: Connection, event: Event) -> StoredEvent:
    """All sessions of the event: three reads, and no ballot, tally or text."""
    polls: dict[str, dict[PollKey, Poll]] = {}
    facts: dict[str, dict[PollKey, PollFacts]] = {}
    names = ("session", "set", "question", "round", "state", "revealed", "present", "step")
    numbers = ("respondents", "joined", "opened", "closed")
    columns = [col(getattr(PollRow, name)) for name in (*names, *numbers)]
    for row in connection.execute(select(*columns).where(col(PollRow.event) == event.event)):
        key = PollKey(row.set, row.question, row.round)
        polls.setdefault(row.session, {})[key] = Poll(key, State(row.state), row.revealed, row.present, row.step)
        facts.setdefault(row.session, {})[key] = PollFacts(row.respondents, row.joined, row.opened, row.closed)
    places = [col(getattr(SessionRow, name)) for name in ("session", "revision", "current", "calling", "paces")]
    sessions = {}
    for row in connection.execute(select(*places).where(col(SessionRow.event) == event.event)):
        current = PollKey.from_text(row.current) if row.current else None
        state = SessionState(row.revision, current, polls.get(row.session, {}), row.calling, json.loads(row.paces))
        sessions[row.session] = StoredSession(state, facts.get(row.session, {}))
    return StoredEvent(event_state(connection, event), sessions)


def stored_funnels(connection: Connection, event: Event, outcomes: list[Outcome]) -> list[Funnel]:
    """The funnel of each closed poll among `outcomes`."""
    stored = stored_event(connection, event)
    joined = {
        (session, key): facts.joined
        for session, each in stored.sessions.items()
        for key, facts in each.facts.items()
        if facts.joined is not None
    }
    return list(funnels(event, outcomes, joined, stored.whole.attendance))
