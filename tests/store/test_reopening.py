"""A result that was out can't be subtracted from the next one: reopened for a few, it stays what it was (P11)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_room import SECTOR, Room, fresh_rounds, make_event

from polling.core.poll import PollKey, State, Verb
from polling.core.results.withholding import Published, withhold
from polling.store.database import Database
from polling.store.polls import Unsealed
from polling.store.reading import outcomes
from polling.store.sealing import recount, seal
from polling.store.tallies import labelled


@pytest.fixture
def room(database: Database) -> Room:
    """Ten answers, and the result is out."""
    room = Room(database)
    room.open()
    room.vote(range(10), "steel", label="making")
    room.do(Verb.CLOSE)
    return room


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Iterator[tuple[Room, PollKey]]]:
    """A fresh round of the same question for each example."""
    with fresh_rounds(tmp_path_factory.mktemp("rounds")) as rounds:
        yield rounds


def told(room: Room) -> Published:
    """What screens and moderators see."""
    is_open = room.state.poll(SECTOR).state is State.OPEN
    return withhold(room.standing(), is_open=is_open, smallest_group=room.event.privacy.smallest_group)


def exported(room: Room) -> Published:
    with room.database.read() as connection:
        return outcomes(connection, room.event)[0].published


def reopened_for(room: Room, phones: range, *picks: str, revision: int = 1) -> None:
    room.do(Verb.REOPEN)
    room.vote(phones, *picks, revision=revision)
    room.do(Verb.CLOSE)


@pytest.mark.promise("P11")
def test_reopened_for_a_few_a_result_stays_what_it_was_while_the_count_runs(room: Room) -> None:
    reopened_for(room, range(10, 14), "glass")
    for published in (told(room), exported(room)):
        assert (published.cells, published.base) == ({"steel": 10}, 10)
    assert (told(room).respondents, told(room).held) == (14, True)


@pytest.mark.promise("P11")
def test_reopened_for_as_many_as_a_group_needs_a_result_is_exact_again(room: Room) -> None:
    reopened_for(room, range(10, 14), "glass")
    reopened_for(room, range(14, 15), "glass")
    for published in (told(room), exported(room)):
        assert (published.cells, published.base, published.held) == ({"steel": 10, "glass": 5}, 15, False)


@pytest.mark.promise("P11")
def test_changed_answers_count_as_new_ones_but_not_those_that_were_changed_back(room: Room) -> None:
    reopened_for(room, range(4), "glass", revision=2)
    reopened_for(room, range(4, 8), "glass", revision=2)
    assert exported(room).cells == {"steel": 2, "glass": 8}
    room.do(Verb.REOPEN)
    room.vote(range(8), "steel", revision=3)
    room.vote(range(4), "glass", revision=4)
    room.do(Verb.CLOSE)
    assert exported(room).cells == {"steel": 2, "glass": 8}  # only four are other than they were


@pytest.mark.promise("P11")
def test_the_bars_of_a_reopened_poll_stand_still_until_it_is_closed(room: Room) -> None:
    room.do(Verb.REOPEN)
    room.vote(range(10, 30), "glass")
    assert (told(room).cells, told(room).respondents, told(room).held) == ({"steel": 10}, 30, True)
    room.do(Verb.CLOSE)
    assert told(room).cells == {"steel": 10, "glass": 20}


def test_a_result_that_was_withheld_when_it_was_closed_is_exact_when_it_is_closed_again(database: Database) -> None:
    room = Room(database)
    room.open()
    room.vote(range(4), "steel")
    room.do(Verb.CLOSE)
    assert told(room).withheld
    reopened_for(room, range(4, 5), "glass")
    assert told(room).cells == {"steel": 4, "glass": 1}


def test_among_friends_each_close_is_exact(database: Database) -> None:
    room = Room(database, event=make_event(smallest_group=1))
    room.open()
    room.vote([1], "steel")
    room.do(Verb.CLOSE)
    reopened_for(room, range(2, 3), "glass")
    assert (told(room).cells, told(room).held) == ({"steel": 1, "glass": 1}, False)


@pytest.mark.promise("P11")
def test_what_is_held_back_leaves_the_database_at_the_seal(room: Room) -> None:
    reopened_for(room, range(10, 14), "glass", revision=1)
    room.writer.run(seal, [Unsealed(room.ref().id)])
    assert room.writer.settle_now()
    assert room.standing().now.cells == room.standing().shown.cells == {"steel": 10}
    assert (exported(room).cells, exported(room).base) == ({"steel": 10}, 10)
    with room.database.read() as connection:
        assert labelled(connection, room.ref().id) == {}
        assert recount(connection, room.event.event) == []
    assert b"glass" not in room.bytes().replace(room.event.model_dump_json().encode(), b"")


PHONES = st.sets(st.integers(0, 11), max_size=7)


@pytest.mark.promise("P11")
@given(st.lists(st.tuples(st.booleans(), PHONES, st.sampled_from(["soup", "bread"])), min_size=1, max_size=25))
@settings(max_examples=60, deadline=None)
def test_two_results_that_were_out_are_never_fewer_than_five_answers_apart(
    rounds: Iterator[tuple[Room, PollKey]], moves: list[tuple[bool, set[int], str]]
) -> None:
    room, key = next(rounds)
    now: dict[int, str] = {}
    out: dict[int, str] = {}  # the answers of which the result is out
    for close, phones, pick in moves:
        room.cast(*(room.ballot(phone, pick, key=key, revision=None) for phone in sorted(phones)))
        now |= dict.fromkeys(phones, pick)
        if close:
            room.do(Verb.CLOSE)
            if len(now) >= 5 and sum(out.get(phone) != answer for phone, answer in now.items()) >= 5:
                out = dict(now)
        told = withhold(room.standing(key), is_open=not close, smallest_group=5)
        if out:
            assert (told.base, told.cells) == (len(out), Counter(out.values()))
        if close:
            room.do(Verb.REOPEN)
