"""Ideas: what participants wrote. Records of their own from the first write, never a part of a ballot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from secrets import token_bytes
from typing import Any

from sqlalchemy import Connection, Index, LargeBinary, Row, delete, insert, select, update
from sqlmodel import Field, SQLModel, col

from polling.core.regions.room import IdeaLine


class IdeaRow(SQLModel, table=True):
    """A text under a random id, so that their order tells nothing. The voter key goes at the seal."""

    __tablename__ = "idea"
    __table_args__ = (
        Index("idea_voter", "poll_id", "voter_key"),
        Index("idea_claim", "claim_hash"),
        {"sqlite_with_rowid": False},
    )

    id: bytes = Field(sa_type=LargeBinary, primary_key=True)  # 16 random bytes
    poll_id: int = Field(foreign_key="poll.id")
    voter_key: bytes | None = Field(default=None, sa_type=LargeBinary)  # under a key of the ideas' own
    cell: str
    text: str
    claim_hash: bytes | None = Field(sa_type=LargeBinary)  # None once the day for signing is past (retention.py)
    shown: bool = False  # on the big screen, after a moderator's tap
    blocked: bool = False  # never on the big screen
    tags: str = ""  # working groups beyond those of the routing: ids, apart by a space
    merged_into: bytes | None = Field(default=None, sa_type=LargeBinary)  # its twin, of the same poll
    lit: bool = False  # on the big screen, the one that is talked about
    status: str = "open"  # as the working group set it


@dataclass(frozen=True)
class Written:
    """A text as a participant sent it."""

    cell: str
    text: str
    claim_hash: bytes | None


@dataclass(frozen=True)
class Idea:
    """An idea found by its claim."""

    id: bytes
    poll_id: int
    cell: str
    text: str


def ideas_of(connection: Connection, poll_id: int) -> tuple[IdeaLine, ...]:
    """A poll's ideas, in the order of their random ids."""
    return tuple(
        IdeaLine(
            row.id.hex(),
            row.text,
            row.cell,
            row.shown,
            row.blocked,
            tuple(row.tags.split()),
            row.merged_into.hex() if row.merged_into else None,
            row.lit,
        )
        for row in idea_rows(connection, poll_id)
    )


def idea_rows(connection: Connection, poll_id: int) -> list[Row[Any]]:
    """A poll's ideas with all that is kept of them but their writers and claims, in the order of their ids."""
    names = ("id", "text", "cell", "shown", "blocked", "tags", "merged_into", "status", "lit")
    columns = [col(getattr(IdeaRow, name)) for name in names]
    statement = select(*columns).where(col(IdeaRow.poll_id) == poll_id).order_by(columns[0])
    return list(connection.execute(statement).all())


def idea_by_claim(connection: Connection, claim_hash: bytes) -> Idea | None:
    """The idea whose claim has this hash, sealed or not."""
    columns = (col(IdeaRow.id), col(IdeaRow.poll_id), col(IdeaRow.cell), col(IdeaRow.text))
    row = connection.execute(select(*columns).where(col(IdeaRow.claim_hash) == claim_hash).order_by(columns[0])).first()
    return None if row is None else Idea(*row)


def written_by(connection: Connection, poll_id: int, idea_key: bytes) -> tuple[Written, ...]:
    """What one participant has written in a poll, for that participant's own page. Nothing after the seal."""
    columns = (col(IdeaRow.cell), col(IdeaRow.text), col(IdeaRow.claim_hash))
    statement = select(*columns).where(col(IdeaRow.poll_id) == poll_id, col(IdeaRow.voter_key) == idea_key)
    return tuple(Written(*row) for row in connection.execute(statement.order_by(columns[0])))


def rewrite(connection: Connection, poll_id: int, texts: Mapping[bytes, Sequence[Written]]) -> None:
    """Makes each participant's texts (by idea key) all that they have in the poll.

    An idea keeps its record while its claim stays. One whose text changed leaves the big screen until it is
    tapped again, and its twin: the moderator read other words.
    """
    kept = _kept(connection, poll_id, texts)
    fresh, changed = [], []
    for voter_key, written in texts.items():
        for new in {(text.cell, text.claim_hash): text for text in written}.values():
            id, text = kept.pop((voter_key, new.cell, new.claim_hash), (None, None))
            if id is None:
                fresh.append((token_bytes(16), poll_id, voter_key, new.cell, new.text, new.claim_hash))
            elif text != new.text:
                changed.append((new.text, id))
    gone = [(id,) for id, _ in kept.values()]
    for statement, rows in ((_INSERT, fresh), (_CHANGE, changed), (_DELETE, gone)):
        if rows:
            connection.exec_driver_sql(statement, rows)
    _part(connection, poll_id, [*(id for _, id in changed), *(id for (id,) in gone)])


_INSERT = (
    "INSERT INTO idea (id, poll_id, voter_key, cell, text, claim_hash, shown, blocked, tags, lit, status)"
    " VALUES (?, ?, ?, ?, ?, ?, 0, 0, '', 0, 'open')"
)
_CHANGE = (
    "UPDATE idea SET text = ?, shown = 0, blocked = 0, tags = '', lit = 0, merged_into = NULL, status = 'open'"
    " WHERE id = ?"
)
_DELETE = "DELETE FROM idea WHERE id = ?"


def _part(connection: Connection, poll_id: int, ideas: Sequence[bytes | None]) -> None:
    """Lets stand alone what was merged into these."""
    if ideas:
        twins = (col(IdeaRow.poll_id) == poll_id, col(IdeaRow.merged_into).in_(ideas))
        connection.execute(update(IdeaRow).where(*twins).values(merged_into=None))


def _kept(
    connection: Connection, poll_id: int, voter_keys: Iterable[bytes]
) -> dict[tuple[bytes | None, str, bytes | None], tuple[bytes | None, str | None]]:
    """(voter key, cell, claim hash) → (id, text) of what these participants have in the poll."""
    names = (col(IdeaRow.voter_key), col(IdeaRow.cell), col(IdeaRow.claim_hash))
    statement = select(*names, col(IdeaRow.id), col(IdeaRow.text)).where(
        col(IdeaRow.poll_id) == poll_id, col(IdeaRow.voter_key).in_(list(voter_keys))
    )
    return {(voter, cell, claim): (id, text) for voter, cell, claim, id, text in connection.execute(statement)}


def forget_writers(connection: Connection, poll_id: int) -> None:
    """What the seal does: no idea can be put under a participant any more, and rows stand in their ids' order."""
    columns = tuple(col(getattr(IdeaRow, name)) for name in IdeaRow.model_fields if name != "voter_key")
    mine = col(IdeaRow.poll_id) == poll_id
    rows = [dict(row) for row in connection.execute(select(*columns).where(mine).order_by(columns[0])).mappings()]
    connection.execute(delete(IdeaRow).where(mine))
    if rows:
        connection.execute(insert(IdeaRow), [row | {"voter_key": None} for row in rows])


def forget_ideas(connection: Connection, poll_ids: Iterable[int]) -> None:
    """Deletes the ideas of polls."""
    connection.execute(delete(IdeaRow).where(col(IdeaRow.poll_id).in_(list(poll_ids))))
