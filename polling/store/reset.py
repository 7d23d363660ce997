"""Forgetting a whole event, as if it had never been held here."""

from __future__ import annotations

from sqlalchemy import Connection, delete
from sqlmodel import col

from polling.store.ballot_box import forget_ballots
from polling.store.contacts import ContactRow
from polling.store.events import forget_event
from polling.store.ideas import forget_ideas
from polling.store.links import retire_links
from polling.store.polls import poll_ids
from polling.store.retention import forget_certificates
from polling.store.tallies import forget_tallies
from polling.store.withdrawals import forget_withdrawals


def reset(connection: Connection, event_id: str) -> None:
    """Deletes everything of an event: answers, texts, contacts, sessions, the event itself. Settle afterwards.

    Links that were revoked or replaced stay so: their keys are derived, and would open again what comes after."""
    ids = poll_ids(connection, event_id)
    forget_ballots(connection, ids)
    forget_ideas(connection, ids)
    forget_tallies(connection, ids)
    connection.execute(delete(ContactRow).where(col(ContactRow.event) == event_id))
    forget_certificates(connection, event_id)
    forget_withdrawals(connection, event_id)
    retire_links(connection, event_id)
    forget_event(connection, event_id)
