"""The table of events. Apart from what keeps them (events.py), since their polls' keys hang on it."""

from __future__ import annotations

from sqlalchemy import LargeBinary
from sqlmodel import Field, SQLModel


class EventRow(SQLModel, table=True):
    """An event in force, whole, so that an edited file can't change what people answered."""

    __tablename__ = "event"

    id: str = Field(primary_key=True)
    hash: str
    file_hash: str  # of the files that it was taken in from; `hash` is that of what came of it
    content: str  # JSON
    secret_fingerprint: str
    nonce: bytes | None = Field(default=None, sa_type=LargeBinary)
    """Where the event is pseudonymous, and only there: the voter keys of all its polls are made from it."""
