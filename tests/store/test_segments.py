"""Tallies by label: counted with the ballots, recounted, and merged at the seal."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_room import FOOD, SECTOR, Room, fresh_rounds, make_event

from polling.core.poll import PollKey, State, Verb
from polling.core.tally import Tally
from polling.store.ballot_box import my_ballot
from polling.store.database import Database
from polling.store.polls import Unsealed
from polling.store.reading import closed_results
from polling.store.sealing import Difference, recount, seal
from polling.store.tallies import labelled


@pytest.fixture
def room(database: Database) -> Room:
    return Room(database)


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Iterator[tuple[Room, PollKey]]]:
    """A fresh round of the same question for each example."""
    with fresh_rounds(tmp_path_factory.mktemp("rounds")) as rounds:
        yield rounds


def segments(room: Room) -> dict[str, Tally]:
    with room.database.read() as connection:
        return labelled(connection, room.ref().id)


def differences(room: Room) -> list[Difference]:
    with room.database.read() as connection:
        return recount(connection, room.event.event)


def close_and_seal(room: Room) -> None:
    room.do(Verb.CLOSE)
    assert room.writer.run(seal, [Unsealed(room.ref().id)])[0].sealed


def test_a_vote_counts_in_the_whole_and_in_the_one_segment_whose_label_it_carries(room: Room) -> None:
    room.open()
    room.vote([1, 2], "steel", label="making")
    room.vote([3], "glass", label="deciding")
    room.vote([4], "glass")
    assert room.standing().now == Tally(4, {"steel": 2, "glass": 2})
    assert segments(room) == {"making": Tally(2, {"steel": 2}), "deciding": Tally(1, {"glass": 1})}


def test_a_changed_vote_or_label_leaves_nothing_behind_where_it_was(room: Room) -> None:
    room.open()
    room.vote([1, 2], "steel", label="making")
    room.vote([1], "glass", label="deciding", revision=2)
    assert segments(room) == {"making": Tally(1, {"steel": 1}), "deciding": Tally(1, {"glass": 1})}
    room.vote([1, 2], "glass", revision=3)
    assert segments(room) == {}
    assert room.standing().now == Tally(2, {"glass": 2})


@given(
    votes=st.lists(
        st.tuples(st.integers(1, 6), st.sampled_from(["", "making", "deciding"]), st.sets(st.sampled_from(["a", "b"]))),
        max_size=30,
    ),
    batch=st.integers(1, 8),
)
@settings(max_examples=40, deadline=None)
def test_in_any_order_and_any_batches_a_recount_agrees(
    rounds: Iterator[tuple[Room, PollKey]], votes: list[tuple[int, str, set[str]]], batch: int
) -> None:
    room, key = next(rounds)
    casts = [room.ballot(phone, *picks, key=key, revision=None, label=label) for phone, label, picks in votes]
    for start in range(0, len(casts), batch):
        room.cast(*casts[start : start + batch])
    expected: dict[str, Tally] = {}
    for label, picks in {phone: (label, picks) for phone, label, picks in votes}.values():
        expected[label] = expected.get(label, Tally()).plus(dict.fromkeys(picks, 1))
    expected.pop("", None)
    with room.database.read() as connection:
        assert labelled(connection, room.ref(key).id) == expected
    assert differences(room) == []


def test_a_recount_finds_a_segment_that_is_not_its_ballots(room: Room) -> None:
    room.open()
    room.vote([1, 2], "steel", label="making")
    with room.database.write() as connection:
        connection.exec_driver_sql("UPDATE tally SET count = 5 WHERE label = 'making' AND cell = 'steel'")
    assert differences(room) == [Difference("plenary", SECTOR, "steel", 5, 2, "making")]
    room.do(Verb.CLOSE)
    assert not room.writer.run(seal, [Unsealed(room.ref().id)])[0].sealed


@pytest.mark.promise("P14")
def test_at_the_seal_small_segments_and_the_next_by_size_become_one_with_the_rest(room: Room) -> None:
    room.open()
    for number, (label, size) in enumerate([("large", 30), ("next", 12), ("small", 6)]):
        phones = range(100 * number, 100 * number + size)
        room.vote(phones[: size // 2], "steel", label=label)
        room.vote(phones[size // 2 :], "glass", label=label)
    close_and_seal(room)
    assert segments(room) == {"large": Tally(30, {"steel": 15, "glass": 15})}
    assert room.standing().now == Tally(48, {"steel": 24, "glass": 24})
    assert differences(room) == []
    with room.database.write() as connection:
        connection.exec_driver_sql("UPDATE tally SET count = 16 WHERE label = 'large' AND cell = 'glass'")
    assert len(differences(room)) == 1


@pytest.mark.promise("P14")
def test_what_was_merged_is_gone_from_the_bytes_of_the_file(room: Room) -> None:
    room.open()
    room.vote(range(30), "steel", label="large-segment")
    room.vote(range(30, 33), "glass", label="small-segment")
    close_and_seal(room)
    assert room.writer.settle_now()
    assert b"small-segment" not in room.bytes()


@pytest.mark.promise("P14")
def test_among_friends_nothing_is_merged(database: Database) -> None:
    room = Room(database, event=make_event(smallest_group=1))
    room.open()
    room.vote([1], "steel", label="making")
    room.do(Verb.CLOSE)
    room.writer.run(seal, [Unsealed(room.ref().id, least=1)])
    assert segments(room) == {"making": Tally(1, {"steel": 1})}


def test_segments_are_told_once_the_poll_is_sealed_and_not_before(room: Room) -> None:
    room.open()
    room.vote(range(20), "steel", label="making")
    room.do(Verb.CLOSE)
    with room.database.read() as connection:
        assert closed_results(connection, room.event)[0].labels == {}
    room.writer.run(seal, [Unsealed(room.ref().id)])
    with room.database.read() as connection:
        (found,) = closed_results(connection, room.event)
    assert (found.state, found.labels) == (State.SEALED, {"making": Tally(20, {"steel": 20})})


def test_a_vote_knows_its_label_until_the_seal_and_another_poll_s_vote_knows_it_not(room: Room) -> None:
    room.open()
    cast = room.ballot(1, "steel", label="making")
    room.cast(cast)
    room.do(Verb.CLOSE)
    room.open(FOOD)
    room.vote([1], "soup", key=FOOD)
    with room.database.read() as connection:
        held = my_ballot(connection, cast.poll_id, cast.ballot.voter_key)
        assert (held.cells if held else None) == {"steel": 1}
        labels = connection.exec_driver_sql("SELECT label FROM ballot ORDER BY poll_id").scalars().all()
    assert labels == ["making", None]
