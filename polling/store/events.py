"""Events as they are kept: by content hash, and fixed from the first answer on."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import ValidationError
from sqlalchemy import Connection, delete, insert, select
from sqlmodel import Field, SQLModel, col

from polling.core.event import Event
from polling.store.database import DatabaseError
from polling.store.polls import forget_polls, has_answers
from polling.store.sessions import forget_sessions


class EventRow(SQLModel, table=True):
    """An event in force, whole, so that an edited file can't change what people answered."""

    __tablename__ = "event"

    id: str = Field(primary_key=True)
    hash: str
    content: str  # JSON
    secret_fingerprint: str


class WrongSecret(DatabaseError):
    """The event was begun under another secret: with this one every phone could vote twice."""


@dataclass(frozen=True)
class Kept:
    """The event in force. `changed`: its file says something else, and is ignored since there are answers."""

    event: Event
    changed: bool = False


def keep_event(connection: Connection, event: Event, fingerprint: str) -> Kept:
    """Keeps `event`, or finds the one that is in force under its id. In a write transaction, before serving.

    While nobody has answered, an edited file replaces what was kept, and its sessions begin in the lobby again.
    """
    columns = (col(EventRow.hash), col(EventRow.content), col(EventRow.secret_fingerprint))
    row = connection.execute(select(*columns).where(col(EventRow.id) == event.event)).first()
    if row is not None:
        hash, content, begun_with = row
        if begun_with != fingerprint:
            raise WrongSecret(
                f"{event.event} was begun under another secret: give the server that one (POLLING_SECRET, or the "
                f".secret file beside the database), or delete what is stored with: polling reset {event.event}"
            )
        if hash == event.content_hash:
            return Kept(event)
        if has_answers(connection, event.event):
            return Kept(_stored(event.event, content), changed=True)
        forget_event(connection, event.event)
    values = {"id": event.event, "hash": event.content_hash, "content": event.model_dump_json()}
    connection.execute(insert(EventRow).values(**values, secret_fingerprint=fingerprint))
    return Kept(event)


def event_in_force(connection: Connection, event_id: str) -> Event | None:
    """The event as it is kept, whatever its files say now; None if it never was served here."""
    content = connection.execute(select(col(EventRow.content)).where(col(EventRow.id) == event_id)).scalar()
    return None if content is None else _stored(event_id, content)


def known_events(connection: Connection) -> list[str]:
    """The ids of all events that are kept."""
    return list(connection.execute(select(col(EventRow.id)).order_by(col(EventRow.id))).scalars())


def forget_event(connection: Connection, event_id: str) -> None:
    """Deletes an event, its sessions and its polls; nothing may hang on the polls any more."""
    forget_sessions(connection, event_id)
    forget_polls(connection, event_id)
    connection.execute(delete(EventRow).where(col(EventRow.id) == event_id))


def _stored(event_id: str, content: str) -> Event:
    try:
        return Event.model_validate_json(content)
    except ValidationError:
        raise DatabaseError(
            f"{event_id} as stored can't be read by this version of the program: use the version that stored it"
        ) from None
