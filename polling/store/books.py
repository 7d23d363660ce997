"""Reads the books of an event, for whoever exports them."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from polling.core.event import Event
from polling.core.hand_count import HandCount
from polling.core.poll import PollKey
from polling.core.results.books import Books
from polling.store.beside_polls import HandCountRow, PollNoteRow, Written, all_beside
from polling.store.board_rows import stored_funnels
from polling.store.reading import outcomes
from polling.store.respondents import respondents
from polling.store.retention import certificates


def books(connection: Connection, event: Event) -> Books:
    """All that is left of the event, as it stands in this one view of the database."""
    results = outcomes(connection, event)
    counts = all_beside(connection, HandCountRow, event.event)
    by_hand = [
        (session, poll, HandCount.model_validate_json(written.content))
        for (session, poll), written in _in_order(event, counts)
    ]
    told = _in_order(event, all_beside(connection, PollNoteRow, event.event))
    notes = [(session, poll, written.content) for (session, poll), written in told]
    funnels = stored_funnels(connection, event, results)
    erased = certificates(connection, event.event)
    return Books(event, results, respondents(connection, event, results), by_hand, notes, erased, funnels)


def _in_order(event: Event, beside: Mapping[tuple[str, PollKey], Written]) -> list[tuple[tuple[str, PollKey], Written]]:
    """By session, in its running order, round by round."""
    return [
        ((session.id, key), beside[session.id, key])
        for session in event.sessions
        for key in event.in_order(session.id, [poll for written_in, poll in beside if written_in == session.id])
    ]
