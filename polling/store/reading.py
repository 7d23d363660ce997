"""What is read when an event is over, or nearly: the results of closed polls. Reads no ballot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from polling.core.event import Event
from polling.core.event_state import EventState, settled
from polling.core.poll import PollKey, State
from polling.core.results.outcomes import Outcome, Text, named_together, outcome
from polling.core.tally import Tally
from polling.store.event_states import event_state
from polling.store.ideas import ideas_of
from polling.store.polls import PollRef, poll_refs
from polling.store.tallies import labelled, standings


@dataclass(frozen=True)
class PollResult:
    """A closed poll as far as it is out. It may be shown only through the gate: see `outcomes`."""

    session: str
    key: PollKey
    state: State  # closed or sealed
    tally: Tally
    texts: tuple[Text, ...]
    labels: Mapping[str, Tally] = field(default_factory=dict)  # by segment; once it is sealed, since it is told once


def closed_results(connection: Connection, event: Event) -> list[PollResult]:
    """Every closed or sealed poll of the event: by session, in its running order, round by round."""
    refs = list(_closed(connection, event))
    tallies = standings(connection, [ref.id for _, ref in refs])
    return [
        PollResult(
            session_id,
            ref.key,
            ref.state,
            tallies[ref.id].out,
            _texts(connection, ref.id),
            labelled(connection, ref.id) if ref.state is State.SEALED else {},
        )
        for session_id, ref in refs
    ]


def outcomes(connection: Connection, event: Event) -> list[Outcome]:
    """The same through the gate, as exports take it."""
    moved = event_state(connection, event)
    found = [
        outcome(event, result.session, result.key, result.tally, result.texts, result.labels)
        for result in closed_results(connection, event)
    ]
    told = [replace(each, moved_into=_moved_into(moved, each.session.id)) for each in found]
    return named_together(event, told)


def _moved_into(state: EventState, session: str) -> str:
    return settled(state, session) if session in state.moved else ""


def _closed(connection: Connection, event: Event) -> Iterator[tuple[str, PollRef]]:
    for session in event.sessions:
        refs = poll_refs(connection, event.event, session.id)
        for key in event.in_order(session.id, refs):
            if refs[key].state in (State.CLOSED, State.SEALED):
                yield session.id, refs[key]


def _texts(connection: Connection, poll_id: int) -> tuple[Text, ...]:
    return tuple(Text(idea.cell, idea.text) for idea in ideas_of(connection, poll_id))
