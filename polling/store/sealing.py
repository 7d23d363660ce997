"""Recounting, and the seal: the tally is checked and kept with a digest, and the ballots are deleted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from secrets import token_bytes

from sqlalchemy import Connection, func, select, update
from sqlmodel import col

from polling.core.poll import PollKey, State
from polling.core.tally import Tally, add
from polling.store.ballot_box import BallotRow, forget_ballots
from polling.store.ideas import forget_writers
from polling.store.polls import PollRow, Unsealed, poll_ids
from polling.store.tallies import standing


@dataclass(frozen=True)
class Difference:
    """Where a tally is not what its ballots, or its digest, say. `cell` "": the respondents; else a cell.

    Of a sealed poll `counted` is None: its ballots are gone, and only the digest tells that something changed.
    """

    session: str
    poll: PollKey
    cell: str
    kept: int
    counted: int | None


@dataclass(frozen=True)
class Seal:
    """What became of sealing a poll. Where it is not `sealed`: it was not closed, or its tally is not its ballots'."""

    poll_id: int
    sealed: bool
    differences: tuple[Difference, ...] = ()


def seal(connection: Connection, items: Sequence[Unsealed]) -> list[Seal]:
    """The writer's handler for sealing closed polls. Sealing a sealed poll changes nothing.

    A poll whose recount differs from its tally is left as it is, ballots and all: something is wrong with it.
    """
    return [_seal(connection, item.poll_id) for item in items]


def recount(connection: Connection, event_id: str) -> list[Difference]:
    """Counts the ballots of an event's polls anew, and checks sealed sums against their digests."""
    return [found for poll_id in poll_ids(connection, event_id) for found in _differences(connection, poll_id)]


def _seal(connection: Connection, poll_id: int) -> Seal:
    state = connection.execute(select(col(PollRow.state)).where(col(PollRow.id) == poll_id)).scalar()
    if state != State.CLOSED:
        return Seal(poll_id, state == State.SEALED)
    if differences := _differences(connection, poll_id):
        return Seal(poll_id, False, tuple(differences))
    forget_ballots(connection, [poll_id])
    forget_writers(connection, poll_id)
    nonce = token_bytes(16)
    values = {
        "state": State.SEALED.value,
        "seal_nonce": nonce,
        "digest": digest(nonce, standing(connection, poll_id).now),
    }
    connection.execute(update(PollRow).where(col(PollRow.id) == poll_id).values(values))
    return Seal(poll_id, True)


def digest(nonce: bytes, tally: Tally) -> bytes:
    """What a sealed tally is checked against. The nonce is random: a small room's sums could be found by trying."""
    cells = sorted((cell, count) for cell, count in tally.cells.items() if count)
    return hashlib.sha256(nonce + json.dumps([tally.respondents, cells]).encode()).digest()


def _differences(connection: Connection, poll_id: int) -> list[Difference]:
    names = ("session", "set", "question", "round", "state", "seal_nonce", "digest")
    row = connection.execute(select(*(col(getattr(PollRow, n)) for n in names)).where(col(PollRow.id) == poll_id)).one()
    kept, key = standing(connection, poll_id).now, PollKey(row.set, row.question, row.round)
    counted = _count(connection, poll_id)
    if row.state == State.SEALED:
        fine = digest(row.seal_nonce or b"", kept) == row.digest and counted == Tally()
        return [] if fine else [Difference(row.session, key, "", kept.respondents, None)]
    pairs = {"": (kept.respondents, counted.respondents)}
    pairs |= {cell: (kept.cells.get(cell, 0), counted.cells.get(cell, 0)) for cell in {*kept.cells, *counted.cells}}
    return [Difference(row.session, key, cell, *pair) for cell, pair in sorted(pairs.items()) if pair[0] != pair[1]]


def _count(connection: Connection, poll_id: int) -> Tally:
    """The tally that the ballots make. Those that are alike are counted by the database."""
    statement = select(col(BallotRow.cells), func.count()).where(col(BallotRow.poll_id) == poll_id)
    total = Tally()
    for cells, times in connection.execute(statement.group_by(col(BallotRow.cells))):
        many = {cell: weight * times for cell, weight in json.loads(cells).items()}
        total = Tally(total.respondents + times, add(total.cells, many))
    return total
