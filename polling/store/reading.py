"""What is read when an event is over, or nearly: the results of closed polls. Reads no ballot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from polling.core.event import Event
from polling.core.poll import PollKey, State
from polling.core.results.outcomes import Outcome, Text, outcome
from polling.core.tally import Tally
from polling.store.ideas import ideas_of
from polling.store.polls import PollRef, poll_refs
from polling.store.tallies import standings


@dataclass(frozen=True)
class PollResult:
    """A closed poll as stored. It may be shown only through the gate: see `outcomes`."""

    session: str
    key: PollKey
    state: State  # closed or sealed
    tally: Tally
    texts: tuple[Text, ...]


def closed_results(connection: Connection, event: Event) -> list[PollResult]:
    """Every closed or sealed poll of the event: by session, in its running order, round by round."""
    refs = list(_closed(connection, event))
    tallies = standings(connection, [ref.id for _, ref in refs])
    return [
        PollResult(session_id, ref.key, ref.state, tallies[ref.id].now, _texts(connection, ref.id))
        for session_id, ref in refs
    ]


def outcomes(connection: Connection, event: Event) -> list[Outcome]:
    """The same through the gate, as exports take it."""
    return [
        outcome(event, result.session, result.key, result.tally, result.texts)
        for result in closed_results(connection, event)
    ]


def _closed(connection: Connection, event: Event) -> Iterator[tuple[str, PollRef]]:
    for session in event.sessions:
        refs = poll_refs(connection, event.event, session.id)
        for place in event.running_order(session.id):
            rounds = (ref for key, ref in sorted(refs.items()) if key[:2] == place.poll_key()[:2])
            yield from ((session.id, ref) for ref in rounds if ref.state in (State.CLOSED, State.SEALED))


def _texts(connection: Connection, poll_id: int) -> tuple[Text, ...]:
    return tuple(Text(idea.cell, idea.text) for idea in ideas_of(connection, poll_id))
