"""Tallies: sums of ballots, changed in the same transaction as the ballots they count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, delete, select, update
from sqlmodel import Field, SQLModel, col

from polling.core.results.withholding import Standing
from polling.core.tally import Tally
from polling.store.polls import PollRow, boxes


class TallyRow(SQLModel, table=True):
    """How often a cell was chosen in a poll; `shown` as at the last step of the bars."""

    __tablename__ = "tally"
    __table_args__ = {"sqlite_with_rowid": False}

    poll_id: int = Field(primary_key=True, foreign_key="poll.id")
    cell: str = Field(primary_key=True)
    count: int
    shown: int = 0


_ADD = """
INSERT INTO tally (poll_id, cell, count, shown) VALUES (?, ?, ?, 0)
ON CONFLICT (poll_id, cell) DO UPDATE SET count = tally.count + excluded.count
"""


def standing(connection: Connection, poll_id: int) -> Standing:
    """A poll's tally: exact, and as its bars show it while it is open."""
    return standings(connection, [poll_id]).get(poll_id, Standing())


def standings(connection: Connection, poll_ids: Iterable[int]) -> dict[int, Standing]:
    """The same for many polls."""
    ids = list(poll_ids)
    now: dict[int, dict[str, int]] = {id: {} for id in ids}
    shown: dict[int, dict[str, int]] = {id: {} for id in ids}
    columns = (col(TallyRow.poll_id), col(TallyRow.cell), col(TallyRow.count), col(TallyRow.shown))
    for id, cell, count, seen in connection.execute(select(*columns).where(columns[0].in_(ids)).order_by(columns[1])):
        now[id] |= {cell: count} if count else {}
        shown[id] |= {cell: seen} if seen else {}
    return {
        id: Standing(Tally(base.respondents, now[id]), Tally(base.shown, shown[id]))
        for id, base in boxes(connection, ids).items()
    }


def add_cells(connection: Connection, deltas: Mapping[tuple[int, str], int]) -> None:
    """Adds to the cells of polls: (poll, cell) → by how much."""
    rows = [(poll_id, cell, delta) for (poll_id, cell), delta in deltas.items() if delta]
    if rows:
        connection.exec_driver_sql(_ADD, rows)


def show_now(connection: Connection, poll_id: int) -> None:
    """Moves the bars of a poll to what is counted now."""
    cells = update(TallyRow).where(col(TallyRow.poll_id) == poll_id, col(TallyRow.shown) != col(TallyRow.count))
    connection.execute(cells.values(shown=col(TallyRow.count)))
    connection.execute(
        update(PollRow).where(col(PollRow.id) == poll_id).values(shown_respondents=col(PollRow.respondents))
    )


def forget_tallies(connection: Connection, poll_ids: Iterable[int]) -> None:
    """Deletes the tallies of polls."""
    connection.execute(delete(TallyRow).where(col(TallyRow.poll_id).in_(list(poll_ids))))
