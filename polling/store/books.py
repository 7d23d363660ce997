"""Reads the books of an event, for whoever exports them."""

from __future__ import annotations

from sqlalchemy import Connection

from polling.core.event import Event
from polling.core.results.books import Books
from polling.store.reading import outcomes
from polling.store.respondents import respondents


def books(connection: Connection, event: Event) -> Books:
    """All that is left of the event, as it stands in this one view of the database."""
    results = outcomes(connection, event)
    return Books(event, results, respondents(connection, event, results))
