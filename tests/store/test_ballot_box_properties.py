"""In whatever order ballots come, and however they fall into batches: the sums are those of the ballots that count."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select
from sqlmodel import col
from store_room import Room, fresh_rounds

from polling.core.ballot import Acknowledgement, Fate
from polling.core.poll import PollKey
from polling.core.tally import Tally, tally_of
from polling.store.ballot_box import BallotRow
from polling.store.sealing import recount


@dataclass(frozen=True)
class Vote:
    """One sending, before it is a ballot."""

    phone: int
    revision: int | None
    picks: frozenset[str]


@dataclass
class Model:
    """What a ballot box does, in six lines."""

    held: dict[int, tuple[int, frozenset[str]]] = field(default_factory=dict)

    def cast(self, vote: Vote) -> Acknowledgement:
        revision, picks = self.held.get(vote.phone, (0, frozenset()))
        sent = revision + 1 if vote.revision is None else vote.revision
        if sent > revision:
            self.held[vote.phone] = (sent, vote.picks)
            return Acknowledgement(Fate.COUNTED, sent, dict.fromkeys(vote.picks, 1))
        fate = Fate.COUNTED if (sent, vote.picks) == (revision, picks) else Fate.SUPERSEDED
        return Acknowledgement(fate, revision, dict.fromkeys(picks, 1))


VOTES = st.builds(
    Vote,
    phone=st.integers(1, 5),
    revision=st.none() | st.integers(1, 4),
    picks=st.frozensets(st.sampled_from(["soup", "bread", "cake"]), min_size=1),
)


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Iterator[tuple[Room, PollKey]]]:
    """A fresh round of the same question for each example."""
    with fresh_rounds(tmp_path_factory.mktemp("rounds")) as rounds:
        yield rounds


@pytest.mark.promise("R02")
@settings(max_examples=50, deadline=None)
@given(votes=st.lists(VOTES, max_size=25), cuts=st.lists(st.integers(1, 8), min_size=25, max_size=25))
def test_any_order_and_any_split_is_the_model(
    rounds: Iterator[tuple[Room, PollKey]], votes: list[Vote], cuts: list[int]
) -> None:
    room, key = next(rounds)
    model, told = Model(), []
    for batch in split(votes, cuts):
        told += room.cast(*(room.ballot(v.phone, *sorted(v.picks), revision=v.revision, key=key) for v in batch))
    assert told == [model.cast(vote) for vote in votes]
    expected = tally_of(dict.fromkeys(picks, 1) for _, picks in model.held.values())
    assert room.standing(key).now == room.standing(key).shown == expected
    with room.database.read() as connection:
        assert recount(connection, room.event.event) == []
        assert counted(connection, room.ref(key).id) == expected


def split(votes: Sequence[Vote], cuts: Sequence[int]) -> Iterator[Sequence[Vote]]:
    start = 0
    for size in cuts:
        if start < len(votes):
            yield votes[start : start + size]
        start += size


def counted(connection: Connection, poll_id: int) -> Tally:
    """The ballots as they are stored, counted by the core."""
    rows = connection.execute(select(col(BallotRow.cells)).where(col(BallotRow.poll_id) == poll_id)).scalars()
    return tally_of(json.loads(cells) for cells in rows)
