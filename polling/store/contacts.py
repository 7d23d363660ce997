"""Contacts: one row per signed answer. Reads no ballot, and nothing that it imports does."""

from __future__ import annotations

from datetime import date

from sqlalchemy import LargeBinary
from sqlmodel import Field, SQLModel


class ContactRow(SQLModel, table=True):
    """A name under one answer, with a copy of that answer and of the consent as it was seen.

    The key is random and there is no clock finer than half a day: the rows tell neither who signed first
    nor which other answers the same person gave.
    """

    __tablename__ = "contact"
    __table_args__ = {"sqlite_with_rowid": False}

    id: bytes = Field(sa_type=LargeBinary, primary_key=True)  # 16 random bytes
    event: str
    session: str
    set: str
    question: str
    round: int
    cell: str
    idea_id: bytes | None = Field(default=None, sa_type=LargeBinary, unique=True)  # None: an option was signed
    answer: str  # the words that were signed
    name: str
    email: str
    working_group: str | None
    consent_text: str
    consent_version: str  # the hash of the text
    language: str
    until: date | None  # the day that the consent names
    half_day: str  # "2026-11-24 pm"
    key_hash: bytes = Field(sa_type=LargeBinary, unique=True)  # of the private link's key
