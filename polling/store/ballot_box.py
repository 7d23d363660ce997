"""The ballot box: ballots and the tallies they change, in one transaction.

A ballot has a poll, a voter key, a revision, cells and at most one label. No time, no address, no text, and no row per
participant.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, LargeBinary, delete, select
from sqlmodel import Field, SQLModel, col

from polling.core.ballot import Acknowledgement, Ballot, Fate, judge, replaces
from polling.core.errors import Code
from polling.core.poll import State
from polling.core.tally import Cells, add, negative
from polling.store.ideas import Written, rewrite, written_by
from polling.store.polls import Box, add_respondents, boxes
from polling.store.tallies import add_cells, show_now

HIGHEST_REVISION = 2**53 - 1
"""What JSON can carry exactly."""
_CHUNK = 500


class BallotRow(SQLModel, table=True):
    """What one participant answered in one poll, under a key that means nothing elsewhere."""

    __tablename__ = "ballot"
    __table_args__ = {"sqlite_with_rowid": False}

    poll_id: int = Field(primary_key=True, foreign_key="poll.id")
    voter_key: bytes = Field(sa_type=LargeBinary, primary_key=True)
    revision: int
    cells: str  # JSON: cell → weight
    label: str | None = None  # the segment it counts in
    out: str | None = None  # JSON: [edition, cells as in that edition of the result]; only in a poll that was reopened


_UPSERT = """
INSERT INTO ballot (poll_id, voter_key, revision, cells, label, out) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (poll_id, voter_key) DO UPDATE
SET revision = excluded.revision, cells = excluded.cells, label = excluded.label, out = excluded.out
WHERE excluded.revision > ballot.revision
"""
"""The database's own key and guard hold the rule that a vote counts once and the highest revision wins."""


@dataclass(frozen=True, slots=True)
class Cast:
    """A ballot for a poll."""

    poll_id: int
    ballot: Ballot


class Held(NamedTuple):
    """The ballot that counts for a voter."""

    revision: int
    cells: Cells
    label: str = ""
    out: tuple[int, Cells | None] | None = None  # an edition of the result, and its cells in it; None: not in it

    def out_in(self, edition: int) -> Cells | None:
        """Its cells when this edition of the result was out, which is the newest one."""
        return self.out[1] if self.out and self.out[0] == edition else self.cells if self.revision else None


_NOTHING = Held(0, {})
_json = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
_Key = tuple[int, bytes]


def cast(connection: Connection, items: Sequence[Cast]) -> list[Acknowledgement]:
    """The writer's handler for ballots: all of a batch, counted together.

    A ballot that does not replace the stored one is answered by what is stored, whether the poll is still open
    or not, so that asking again gives the same answer. One for a poll that is not open is refused.
    """
    polls = boxes(connection, {item.poll_id for item in items})
    batch = _Batch(connection, polls, _held(connection, items))
    answers = [batch.take(item) for item in items]
    batch.write()
    return answers


def my_ballot(connection: Connection, poll_id: int, voter_key: bytes) -> Held | None:
    """The ballot that counts for a voter, for that voter's own page. None once the poll is sealed."""
    statement = select(col(BallotRow.revision), col(BallotRow.cells)).where(
        col(BallotRow.poll_id) == poll_id, col(BallotRow.voter_key) == voter_key
    )
    row = connection.execute(statement).first()
    return None if row is None else Held(row[0], json.loads(row[1]))


def forget_ballots(connection: Connection, poll_ids: Iterable[int]) -> None:
    """Deletes the ballots of polls."""
    connection.execute(delete(BallotRow).where(col(BallotRow.poll_id).in_(list(poll_ids))))


class _Batch:
    """The ballots of one batch, applied in memory first and written once."""

    def __init__(self, connection: Connection, polls: dict[int, Box], held: dict[_Key, Held]) -> None:
        self._connection = connection
        self._polls = polls
        self._held = held
        self._before = dict(held)
        self._taken: dict[_Key, Ballot] = {}  # the last ballot that was taken

    def take(self, item: Cast) -> Acknowledgement:
        """Judges one ballot after those before it."""
        ballot, key = item.ballot, (item.poll_id, item.ballot.voter_key)
        poll = self._polls.get(item.poll_id)
        if poll is None:
            return Acknowledgement(Fate.REFUSED, code=Code.UNKNOWN_POLL)
        held = self._held.get(key, _NOTHING)
        revision = held.revision + 1 if ballot.revision is None else ballot.revision
        if not 0 < revision <= HIGHEST_REVISION or not _is_text(ballot):
            return Acknowledgement(Fate.REFUSED, held.revision, held.cells, Code.MALFORMED)
        if not replaces(revision, held.revision):
            return Acknowledgement(self._judged(item, held), held.revision, held.cells)
        if poll.state is not State.OPEN:
            return Acknowledgement(Fate.REFUSED, held.revision, held.cells, _WHY[poll.state])
        out = (poll.edition, held.out_in(poll.edition)) if poll.edition else None
        self._held[key] = Held(revision, ballot.cells, ballot.label, out)
        self._taken[key] = ballot
        return Acknowledgement(Fate.COUNTED, revision, ballot.cells)

    def write(self) -> None:
        """Writes what was taken: ballots, ideas, tallies, and where the bars stand."""
        rows = [(*key, *_row(self._held[key])) for key in self._taken]
        if not rows:
            return
        if self._connection.exec_driver_sql(_UPSERT, rows).rowcount != len(rows):
            raise RuntimeError("a ballot was not written as judged: is there a second writer?")
        self._write_ideas()
        self._write_tallies()

    def _write_ideas(self) -> None:
        texts: dict[int, dict[bytes, tuple[Written, ...]]] = {}
        for key, ballot in self._taken.items():
            if ballot.ideas or key in self._before:  # a first ballot without a text has nothing to take back
                texts.setdefault(key[0], {})[ballot.idea_key] = _written(ballot)
        for poll_id, by_writer in texts.items():
            rewrite(self._connection, poll_id, by_writer)

    def _write_tallies(self) -> None:
        deltas: Counter[tuple[int, str, str]] = Counter()
        fresh: Counter[int] = Counter()
        changed: Counter[int] = Counter()
        for key in self._taken:
            poll_id, before, now = key[0], self._before.get(key, _NOTHING), self._held[key]
            fresh[poll_id] += before is _NOTHING
            for cell, delta in add(negative(before.cells), now.cells).items():
                deltas[poll_id, "", cell] += delta
            if before.label or now.label:
                _divide(deltas, poll_id, before, now)
            if edition := self._polls[poll_id].edition:
                out = now.out_in(edition)
                changed[poll_id] += (now.cells != out) - (before is not _NOTHING and before.cells != out)
        add_cells(self._connection, deltas)
        add_respondents(self._connection, fresh, changed)
        for poll_id, more in fresh.items():
            if self._polls[poll_id].moves(more):
                show_now(self._connection, poll_id)

    def _judged(self, item: Cast, held: Held) -> Fate:
        """Counted if it is the stored ballot, its texts included; those may be of this batch or an earlier one."""
        ballot = item.ballot
        revision = 0 if ballot.revision is None else ballot.revision
        fate = judge(revision, ballot.cells, held.revision, held.cells)
        if fate is Fate.SUPERSEDED:
            return fate
        last = self._taken.get((item.poll_id, ballot.voter_key))
        stored = _written(last) if last else written_by(self._connection, item.poll_id, ballot.idea_key)
        same = {(text.cell, text.text) for text in stored} == {(text.cell, text.text) for text in ballot.ideas}
        return Fate.COUNTED if same else Fate.SUPERSEDED


def _divide(deltas: Counter[tuple[int, str, str]], poll_id: int, before: Held, now: Held) -> None:
    """What changes in the tallies by label: minus the old ballot under its label, plus the new one under its own."""
    for held, sign in ((before, -1), (now, 1)):
        if held.label:
            deltas[poll_id, held.label, ""] += sign
            for cell, weight in held.cells.items():
                deltas[poll_id, held.label, cell] += sign * weight


_WHY = {State.PENDING: Code.POLL_PENDING, State.CLOSED: Code.POLL_CLOSED, State.SEALED: Code.POLL_SEALED}


def _held(connection: Connection, items: Sequence[Cast]) -> dict[_Key, Held]:
    """The stored ballots of those who cast."""
    voters: dict[int, set[bytes]] = {}
    for item in items:
        voters.setdefault(item.poll_id, set()).add(item.ballot.voter_key)
    held = {}
    for poll_id, keys in voters.items():
        for some in _chunks(keys):
            where = f"poll_id = ? AND voter_key IN ({_marks(some)})"
            sql = f"SELECT voter_key, revision, cells, label, out FROM ballot WHERE {where}"  # noqa: S608
            for voter_key, revision, cells, label, out in connection.exec_driver_sql(sql, (poll_id, *some)):
                was = tuple(json.loads(out)) if out else None
                held[poll_id, voter_key] = Held(revision, json.loads(cells), label or "", was)
    return held


def _chunks(keys: Iterable[bytes]) -> Iterable[list[bytes]]:
    listed = list(keys)
    return (listed[start : start + _CHUNK] for start in range(0, len(listed), _CHUNK))


def _marks(some: Sequence[bytes]) -> str:
    return ",".join("?" * len(some))


def _written(ballot: Ballot) -> tuple[Written, ...]:
    return tuple(Written(idea.cell, idea.text, idea.claim_hash) for idea in ballot.ideas)


def _is_text(ballot: Ballot) -> bool:
    """Whether its texts can be stored: JSON can smuggle in halves of characters."""
    try:
        for idea in ballot.ideas:
            idea.text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _row(held: Held) -> tuple[int, str, str | None, str | None]:
    return held.revision, _json(held.cells), held.label or None, held.out and _json(held.out)
