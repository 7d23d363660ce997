"""Recounting, and the seal: the tally is checked and kept with a digest, and the ballots are deleted (those of a
pseudonymous event stay)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from secrets import token_bytes

from sqlalchemy import Connection, func, select, update
from sqlmodel import col

from polling.core.poll import PollKey, State
from polling.core.results.segments import apart, together
from polling.core.tally import Tally
from polling.store.ballot_box import BallotRow, forget_ballots
from polling.store.ideas import forget_writers
from polling.store.polls import PollRow, Unsealed, keeps_together, poll_ids
from polling.store.respondents import keep_ballots
from polling.store.tallies import keep_what_is_out, labelled, standing


@dataclass(frozen=True)
class Difference:
    """Where a tally is not what its ballots, or its digest, say. `cell` "": the respondents; else a cell. With `label`
    of those alone who have it.

    Of a sealed poll `counted` is None where only the digest tells that something changed: its ballots are gone.
    """

    session: str
    poll: PollKey
    cell: str
    kept: int
    counted: int | None
    label: str = ""


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
    return [_seal(connection, item) for item in items]


def recount(connection: Connection, event_id: str) -> list[Difference]:
    """Counts the ballots of an event's polls anew, and checks sealed sums against their digests."""
    return [found for poll_id in poll_ids(connection, event_id) for found in _differences(connection, poll_id)]


def _seal(connection: Connection, item: Unsealed) -> Seal:
    poll_id = item.poll_id
    state = connection.execute(select(col(PollRow.state)).where(col(PollRow.id) == poll_id)).scalar()
    if state != State.CLOSED:
        return Seal(poll_id, state == State.SEALED)
    if differences := _differences(connection, poll_id):
        return Seal(poll_id, False, tuple(differences))
    labels = apart(standing(connection, poll_id).now, labelled(connection, poll_id), item.least)
    if keeps_together(connection, poll_id):
        keep_ballots(connection, poll_id, () if standing(connection, poll_id).held else labels)
    else:
        forget_ballots(connection, [poll_id])
    forget_writers(connection, poll_id)
    keep_what_is_out(connection, poll_id, labels)
    nonce = token_bytes(16)
    values = {
        "state": State.SEALED.value,
        "seal_nonce": nonce,
        "digest": digest(nonce, standing(connection, poll_id).now, labelled(connection, poll_id)),
    }
    connection.execute(update(PollRow).where(col(PollRow.id) == poll_id).values(values))
    return Seal(poll_id, True)


def digest(nonce: bytes, tally: Tally, labels: Mapping[str, Tally] | None = None) -> bytes:
    """What a sealed tally is checked against. The nonce is random: a small room's sums could be found by trying."""
    sums = [(label, part.respondents, sorted(part.cells.items())) for label, part in sorted((labels or {}).items())]
    whole = [tally.respondents, sorted((cell, count) for cell, count in tally.cells.items() if count), *sums]
    return hashlib.sha256(nonce + json.dumps(whole).encode()).digest()


def _differences(connection: Connection, poll_id: int) -> list[Difference]:
    names = ("session", "set", "question", "round", "state", "seal_nonce", "digest")
    row = connection.execute(select(*(col(getattr(PollRow, n)) for n in names)).where(col(PollRow.id) == poll_id)).one()
    kept, key = standing(connection, poll_id).now, PollKey(row.set, row.question, row.round)
    labels, counted = labelled(connection, poll_id), _count(connection, poll_id)
    whole = together(counted.values())
    if row.state == State.SEALED:
        stay = keeps_together(connection, poll_id)
        fine = digest(row.seal_nonce or b"", kept, labels) == row.digest and (stay or not counted)
        if not fine:
            return [Difference(row.session, key, "", kept.respondents, None)]
        if not stay:
            return []
        kept = standing(connection, poll_id).out  # what its ballots stayed as
    pairs = dict(_pairs("", kept, whole))
    for label in {*labels, *counted} - {""}:
        pairs |= dict(_pairs(label, labels.get(label, Tally()), counted.get(label, Tally())))
    return [
        Difference(row.session, key, cell, *pair, label)
        for (label, cell), pair in sorted(pairs.items())
        if pair[0] != pair[1]
    ]


def _pairs(label: str, kept: Tally, counted: Tally) -> Iterator[tuple[tuple[str, str], tuple[int, int]]]:
    """(label, cell) → what is kept, and what the ballots say."""
    yield (label, ""), (kept.respondents, counted.respondents)
    for cell in {*kept.cells, *counted.cells}:
        yield (label, cell), (kept.cells.get(cell, 0), counted.cells.get(cell, 0))


def _count(connection: Connection, poll_id: int) -> dict[str, Tally]:
    """The tallies that the ballots make, by label ("": none). Those that are alike are counted by the database."""
    alike = (col(BallotRow.label), col(BallotRow.cells))
    statement = select(*alike, func.count()).where(col(BallotRow.poll_id) == poll_id).group_by(*alike)
    totals: dict[str, Tally] = {}
    for label, cells, times in connection.execute(statement):
        many = Tally(times, {cell: weight * times for cell, weight in json.loads(cells).items()})
        totals[label or ""] = totals.get(label or "", Tally()) + many
    return totals
