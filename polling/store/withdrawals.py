"""What is left of a consent that was taken back: which text it was, by its hash, and the half-days. Nobody's name,
no answer: enough to show that it was given and withdrawn, and to count."""

from __future__ import annotations

from secrets import token_bytes

from sqlalchemy import Connection, LargeBinary, delete, insert, select
from sqlmodel import Field, SQLModel, col

SIZE_OF_A_KEY = 16


class WithdrawalRow(SQLModel, table=True):
    """One withdrawal, under a random key."""

    __tablename__ = "withdrawal"
    __table_args__ = {"sqlite_with_rowid": False}

    id: bytes = Field(sa_type=LargeBinary, primary_key=True)
    event: str
    working_groups: str  # the groups' ids, apart by a space
    consent_version: str  # the hash of the text that was agreed to
    given: str  # "2026-11-24 pm"
    withdrawn: str


def remember_withdrawal(
    connection: Connection, event: str, working_groups: str, consent_version: str, given: str, withdrawn: str
) -> None:
    """Keeps that a consent was taken back."""
    row = WithdrawalRow(
        id=token_bytes(SIZE_OF_A_KEY),
        event=event,
        working_groups=working_groups,
        consent_version=consent_version,
        given=given,
        withdrawn=withdrawn,
    )
    connection.execute(insert(WithdrawalRow), [row.model_dump()])


def count_withdrawals(connection: Connection, event: str, working_group: str) -> int:
    """How many took back what they had signed for a working group."""
    found = connection.execute(select(col(WithdrawalRow.working_groups)).where(col(WithdrawalRow.event) == event))
    return sum(working_group in groups.split() for groups in found.scalars())


def forget_withdrawals(connection: Connection, event: str) -> None:
    """Deletes an event's withdrawals."""
    connection.execute(delete(WithdrawalRow).where(col(WithdrawalRow.event) == event))
