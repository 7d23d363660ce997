"""Retention: once their day is past, contacts are erased, and with them the hashes that an idea could be signed by.

What remains is a certificate: how many, and when. Reads no ballot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update
from sqlmodel import Field, SQLModel, col

from polling.core.certificate import Certificate
from polling.store.contacts import ContactRow
from polling.store.database import DatabaseError
from polling.store.events import event_in_force, known_events
from polling.store.ideas import IdeaRow
from polling.store.polls import poll_ids


class CertificateRow(SQLModel, table=True):
    """That something was erased, and how much: no name, no answer."""

    __tablename__ = "certificate"

    event: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    contacts: int
    ideas: int  # that can't be signed any more


@dataclass(frozen=True)
class Expired:
    """An event whose contacts are to be erased, on the day that it is done."""

    event: str
    day: date


def expired(connection: Connection, today: date) -> list[Expired]:
    """The events, served or not, whose last day for contacts is past and that still hold something."""
    found = []
    for event_id in known_events(connection):
        last_day = _last_day(connection, event_id)
        if last_day is not None and today > last_day and to_erase(connection, Expired(event_id, today)):
            found.append(Expired(event_id, today))
    return found


def _last_day(connection: Connection, event_id: str) -> date | None:
    """As the event says it. Where an older version kept what this one can't read: as people were told."""
    try:
        event = event_in_force(connection, event_id)
    except DatabaseError:
        told = select(func.max(col(ContactRow.until))).where(col(ContactRow.event) == event_id)
        return connection.execute(told).scalar()
    return event.privacy.contacts_until if event else None


def to_erase(connection: Connection, item: Expired) -> Certificate:
    """How much there is to erase: counts, and nothing else."""
    contacts = select(func.count()).select_from(ContactRow).where(col(ContactRow.event) == item.event)
    ideas = select(func.count()).select_from(IdeaRow).where(*_claimed(connection, item.event))
    counts = (connection.execute(statement).scalar_one() for statement in (contacts, ideas))
    return Certificate(item.event, item.day, *counts)


def purge(connection: Connection, items: Sequence[Expired]) -> list[Certificate]:
    """The writer's handler that erases. Settle afterwards, so that it is gone from the bytes too."""
    return [_purge(connection, item) for item in items]


def _purge(connection: Connection, item: Expired) -> Certificate:
    erased = to_erase(connection, item)
    if erased:
        connection.execute(delete(ContactRow).where(col(ContactRow.event) == item.event))
        connection.execute(update(IdeaRow).where(*_claimed(connection, item.event)).values(claim_hash=None))
        _certify(connection, erased)
    return erased


def _claimed(connection: Connection, event_id: str) -> tuple[ColumnElement[bool], ...]:
    return (col(IdeaRow.poll_id).in_(poll_ids(connection, event_id)), col(IdeaRow.claim_hash).is_not(None))


def _certify(connection: Connection, erased: Certificate) -> None:
    """One row a day: what is erased on the same day adds up."""
    row = (col(CertificateRow.event) == erased.event, col(CertificateRow.day) == erased.day)
    more = {
        "contacts": col(CertificateRow.contacts) + erased.contacts,
        "ideas": col(CertificateRow.ideas) + erased.ideas,
    }
    if not connection.execute(update(CertificateRow).where(*row).values(**more)).rowcount:
        values = {"event": erased.event, "day": erased.day, "contacts": erased.contacts, "ideas": erased.ideas}
        connection.execute(insert(CertificateRow).values(**values))


def certificates(connection: Connection, event_id: str) -> list[Certificate]:
    """All that was erased of an event by its date, the oldest first."""
    columns = [col(getattr(CertificateRow, name)) for name in ("event", "day", "contacts", "ideas")]
    statement = select(*columns).where(columns[0] == event_id).order_by(columns[1])
    return [Certificate(*row) for row in connection.execute(statement)]


def forget_certificates(connection: Connection, event_id: str) -> None:
    """Deletes an event's certificates."""
    connection.execute(delete(CertificateRow).where(col(CertificateRow.event) == event_id))
