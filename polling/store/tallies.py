"""Tallies: sums of ballots, changed in the same transaction as the ballots they count."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import Connection, delete, select, update
from sqlmodel import Field, SQLModel, col

from polling.core.results.withholding import Standing, changes_for
from polling.core.tally import Cells, Tally
from polling.store.polls import Box, PollRow, boxes


class TallyRow(SQLModel, table=True):
    """How often a cell was chosen in a poll; `shown` as at the last step of the bars.

    Of all its ballots (`label` ""), or of those with a label; there the cell "" holds how many these are. Those are
    never shown before the seal.
    """

    __tablename__ = "tally"
    __table_args__ = {"sqlite_with_rowid": False}

    poll_id: int = Field(primary_key=True, foreign_key="poll.id")
    label: str = Field(primary_key=True)
    cell: str = Field(primary_key=True)
    count: int
    shown: int = 0


_ADD = """
INSERT INTO tally (poll_id, label, cell, count, shown) VALUES (?, ?, ?, ?, 0)
ON CONFLICT (poll_id, label, cell) DO UPDATE SET count = tally.count + excluded.count
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
    whole = select(*columns).where(columns[0].in_(ids), col(TallyRow.label) == "").order_by(columns[1])
    for id, cell, count, seen in connection.execute(whole):
        now[id] |= {cell: count} if count else {}
        shown[id] |= {cell: seen} if seen else {}
    return {id: _standing(box, now[id], shown[id]) for id, box in boxes(connection, ids).items()}


def _standing(box: Box, now: Cells, shown: Cells) -> Standing:
    exact, seen = Tally(box.respondents, now), Tally(box.shown, shown)
    return Standing(exact, seen, held=bool(box.edition) and exact != seen)


def labelled(connection: Connection, poll_id: int) -> dict[str, Tally]:
    """The tallies of a poll by label."""
    statement = select(col(TallyRow.label), col(TallyRow.cell), col(TallyRow.count)).where(
        col(TallyRow.poll_id) == poll_id, col(TallyRow.label) != "", col(TallyRow.count) != 0
    )
    cells: dict[str, dict[str, int]] = {}
    for label, cell, count in connection.execute(statement.order_by(col(TallyRow.label), col(TallyRow.cell))):
        cells.setdefault(label, {})[cell] = count
    return {label: Tally(counts.pop("", 0), counts) for label, counts in cells.items()}


def add_cells(connection: Connection, deltas: Mapping[tuple[int, str, str], int]) -> None:
    """Adds to the cells of polls: (poll, label, cell) → by how much. Label "": all ballots; cell "": respondents."""
    rows = [(*place, delta) for place, delta in deltas.items() if delta]
    if rows:
        connection.exec_driver_sql(_ADD, rows)


def show_now(connection: Connection, poll_id: int) -> None:
    """Moves the bars of a poll to what is counted now."""
    whole = (col(TallyRow.poll_id) == poll_id, col(TallyRow.label) == "")
    cells = update(TallyRow).where(*whole, col(TallyRow.shown) != col(TallyRow.count))
    connection.execute(cells.values(shown=col(TallyRow.count)))
    connection.execute(
        update(PollRow).where(col(PollRow.id) == poll_id).values(shown_respondents=col(PollRow.respondents))
    )


def bring_out(connection: Connection, poll_id: int, smallest_group: int) -> None:
    """At a close: the exact result may be seen from now on. Where it was out before, only if enough answers are new or
    changed since then; else it stays as it was."""
    box, least = boxes(connection, [poll_id])[poll_id], changes_for(smallest_group)
    if box.edition and box.changed < least:
        return
    show_now(connection, poll_id)
    if least and box.respondents >= smallest_group:
        edition = {"edition": box.edition + 1, "changed": 0}
        connection.execute(update(PollRow).where(col(PollRow.id) == poll_id).values(edition))


def keep_what_is_out(connection: Connection, poll_id: int, labels: Collection[str]) -> None:
    """At the seal: what may not be told leaves the database too. Of the labels only these are left; and a tally whose
    newest answers are held back is what it was before them, and is not divided."""
    this = col(TallyRow.poll_id) == poll_id
    if standing(connection, poll_id).held:
        connection.execute(update(TallyRow).where(this).values(count=col(TallyRow.shown)))
        labels = ()
    connection.execute(delete(TallyRow).where(this, col(TallyRow.label).not_in(["", *labels])))
    connection.execute(delete(TallyRow).where(this, col(TallyRow.count) == 0))


def forget_tallies(connection: Connection, poll_ids: Iterable[int]) -> None:
    """Deletes the tallies of polls."""
    connection.execute(delete(TallyRow).where(col(TallyRow.poll_id).in_(list(poll_ids))))
