"""Events as they are kept: by content hash, and fixed from the first answer on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from secrets import token_bytes

from pydantic import ValidationError
from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlmodel import col

from polling.core.event import Event
from polling.core.one_way import weakened
from polling.core.revising import revise
from polling.store.beside_polls import forget_beside
from polling.store.database import DatabaseError
from polling.store.event_rows import EventRow
from polling.store.event_states import forget_event_state
from polling.store.polls import forget_polls, has_answers
from polling.store.sessions import forget_sessions


class WrongSecret(DatabaseError):
    """The event was begun under another secret: with this one every phone could vote twice."""


@dataclass(frozen=True)
class Kept:
    """The event in force, and the hash of the files that it was taken in from. `changed`: they say something else now,
    and wait for an organiser since there are answers. `weakened`: the settings with which that would take back what
    people answered under."""

    event: Event
    file_hash: str
    changed: bool = False
    weakened: tuple[str, ...] = ()


def keep_event(connection: Connection, files: Event, fingerprint: str) -> Kept:
    """Keeps the event that `files` say, or finds the one that is in force under its id. In a write transaction, before
    serving.

    While nobody has answered, an edited file replaces what was kept, and its sessions begin in the lobby again. What
    moderators added on the spot stays.
    """
    event = files
    row = _row(connection, event.event)
    if row is not None:
        hash, content, begun_with, nonce, file_hash = row
        if begun_with != fingerprint:
            raise WrongSecret(
                f"{event.event} was begun under another secret: give the server that one (POLLING_SECRET, or the "
                f".secret file beside the database), or delete what is stored with: polling reset {event.event}"
            )
        if has_answers(connection, event.event):
            in_force = _stored(event.event, content, hash, nonce)
            if in_force.content_hash != hash:  # kept by a version of the program that knew fewer keys
                renewed = {"hash": in_force.content_hash, "content": in_force.model_dump_json()}
                connection.execute(update(EventRow).where(col(EventRow.id) == event.event).values(renewed))
            if file_hash == event.content_hash:
                return Kept(in_force, file_hash)
            return Kept(in_force, file_hash, True, weakened(in_force, event))
        kept = _unharmed(event.event, content, hash, nonce)
        if kept is not None and file_hash == event.content_hash:
            return Kept(kept, file_hash)
        event = files if kept is None else revise(kept, files, {}).event
        forget_event(connection, event.event)
    values = {"id": event.event, "hash": event.content_hash, "content": event.model_dump_json()}
    values["file_hash"] = files.content_hash
    nonce = token_bytes(16) if event.privacy.keeps_together else None
    connection.execute(insert(EventRow).values(**values, secret_fingerprint=fingerprint, nonce=nonce))
    return Kept(event, files.content_hash)


def event_in_force(connection: Connection, event_id: str) -> Event | None:
    """The event as it is kept, whatever its files say now; None if it never was served here."""
    row = _row(connection, event_id)
    return None if row is None else _stored(event_id, row.content, row.hash, row.nonce)


def known_events(connection: Connection) -> list[str]:
    """The ids of all events that are kept."""
    return list(connection.execute(select(col(EventRow.id)).order_by(col(EventRow.id))).scalars())


def forget_event(connection: Connection, event_id: str) -> None:
    """Deletes an event, its sessions and its polls; nothing may hang on the polls any more."""
    forget_sessions(connection, event_id)
    forget_event_state(connection, event_id)
    forget_beside(connection, event_id)
    forget_polls(connection, event_id)
    connection.execute(delete(EventRow).where(col(EventRow.id) == event_id))


def _unharmed(event_id: str, content: str, hash: str, nonce: bytes | None) -> Event | None:
    """As `_stored`; None where that can't be read. Nobody answered it, so that it may be forgotten."""
    try:
        return _stored(event_id, content, hash, nonce)
    except DatabaseError:
        return None


def _row(connection: Connection, event_id: str) -> Row[str, str, str, bytes | None, str] | None:
    columns = ("hash", "content", "secret_fingerprint", "nonce", "file_hash")
    names = [col(getattr(EventRow, name)) for name in columns]
    return connection.execute(select(*names).where(col(EventRow.id) == event_id)).first()


def _stored(event_id: str, content: str, hash: str, nonce: bytes | None) -> Event:
    """The event that `content` holds; raises `DatabaseError` where it is not what was kept under `hash`, or has the
    other mode's nonce."""
    if hashlib.sha256(content.encode()).hexdigest() != hash:
        raise _changed(event_id)
    try:
        event = Event.model_validate_json(content)
    except ValidationError:
        raise DatabaseError(
            f"{event_id} as stored can't be read by this version of the program: use the version that stored it"
        ) from None
    if event.privacy.keeps_together is not (nonce is not None):
        raise _changed(event_id)
    return event


def _changed(event_id: str) -> DatabaseError:
    return DatabaseError(
        f"{event_id} as stored is not the event that people answered: the database was changed from outside. "
        f"Put back a backup, or delete what is stored with: polling reset {event_id}"
    )
