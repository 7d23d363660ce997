"""Recount and seal: the sums are checked, and then the ballots are gone to the last byte."""

from __future__ import annotations

import math

import pytest
from sqlalchemy import text
from store_room import IDEAS, SECTOR, Room, make_event

from polling.core.errors import Code
from polling.core.poll import State, Verb
from polling.core.tally import Tally
from polling.store.database import Database
from polling.store.polls import Unsealed, polls_to_seal
from polling.store.sealing import Difference, Seal, recount, seal


@pytest.fixture
def room(database: Database) -> Room:
    return Room(database)


def differences(room: Room) -> list[Difference]:
    with room.database.read() as connection:
        return recount(connection, room.event.event)


def tamper(room: Room, sql: str) -> None:
    with room.database.write() as connection:
        assert connection.exec_driver_sql(sql).rowcount > 0


def closed_with_three(room: Room) -> Unsealed:
    ref = room.open()
    room.vote([1, 2], "steel")
    room.vote([3], "glass")
    room.do(Verb.CLOSE)
    return Unsealed(ref.id)


@pytest.mark.promise("P03")
def test_a_sealed_poll_keeps_its_sums_and_no_ballot(room: Room) -> None:
    poll = closed_with_three(room)
    assert room.writer.run(seal, [poll, poll]) == [Seal(poll.poll_id, True)] * 2
    assert room.standing().now == Tally(3, {"steel": 2, "glass": 1})
    assert room.state.poll(SECTOR).state is State.SEALED
    with room.database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM ballot")).scalar() == 0
    assert differences(room) == []
    assert room.do(Verb.REOPEN).code is Code.POLL_SEALED


@pytest.mark.promise("P03")
def test_after_the_seal_no_voter_key_is_left_in_the_bytes_of_the_file(room: Room) -> None:
    ref = room.open(IDEAS)
    votes = [room.ballot(phone, texts={"1": f"idea of {phone}."}, key=IDEAS) for phone in range(130)]
    room.cast(*votes)
    changed = [room.ballot(phone, texts={"1": f"new idea {phone}"}, key=IDEAS, revision=2) for phone in range(20)]
    room.cast(*changed)
    room.do(Verb.CLOSE)
    keys = [key for vote in votes for key in (vote.ballot.voter_key, vote.ballot.idea_key)]
    assert sum(key in room.bytes() for key in keys) == 260
    texts = room.texts()
    room.writer.run(seal, [Unsealed(ref.id)])
    assert room.writer.settle_now()
    left = room.bytes()
    assert sum(key in left for key in keys) == 0
    assert sum(f"idea of {phone}.".encode() in left for phone in range(20)) == 0
    assert room.texts() == texts
    assert sum(text.encode() in left for text in texts) == 130


def test_an_open_or_pending_poll_is_not_sealed(room: Room) -> None:
    ref = room.open()
    assert room.writer.run(seal, [Unsealed(ref.id), Unsealed(999)]) == [Seal(ref.id, False), Seal(999, False)]
    assert room.state.poll(SECTOR).state is State.OPEN


@pytest.mark.promise("P19")
def test_a_poll_whose_tally_is_not_its_ballots_is_not_sealed(room: Room) -> None:
    poll = closed_with_three(room)
    tamper(room, "UPDATE tally SET count = 3 WHERE cell = 'steel'")
    found = (Difference("plenary", SECTOR, "steel", kept=3, counted=2),)
    assert room.writer.run(seal, [poll]) == [Seal(poll.poll_id, False, found)]
    assert room.state.poll(SECTOR).state is State.CLOSED
    assert differences(room) == list(found)
    tamper(room, "UPDATE tally SET count = 2 WHERE cell = 'steel'")
    assert room.writer.run(seal, [poll]) == [Seal(poll.poll_id, True)]


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("DELETE FROM ballot WHERE cells LIKE '%glass%'", [("", 3, 2), ("glass", 1, 0)]),
        ("UPDATE ballot SET cells = '{\"glass\":1}'", [("glass", 1, 3), ("steel", 2, 0)]),
        ("DELETE FROM tally WHERE cell = 'steel'", [("steel", 0, 2)]),
        ("UPDATE poll SET respondents = 4", [("", 4, 3)]),
    ],
)
def test_a_recount_names_each_difference(room: Room, sql: str, found: list[tuple[str, int, int]]) -> None:
    closed_with_three(room)
    assert differences(room) == []
    tamper(room, sql)
    assert [(one.cell, one.kept, one.counted) for one in differences(room)] == found


@pytest.mark.promise("P19")
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE tally SET count = count + 1 WHERE cell = 'glass'",
        "UPDATE poll SET respondents = 4",
        "DELETE FROM tally WHERE cell = 'glass'",
        "UPDATE poll SET digest = x'00'",
        "INSERT INTO ballot SELECT id, x'01', 1, '{}', NULL, NULL FROM poll",
    ],
)
def test_a_sealed_sum_that_was_changed_is_found_by_its_digest(room: Room, sql: str) -> None:
    room.writer.run(seal, [closed_with_three(room)])
    tamper(room, sql)
    assert [(one.session, one.poll, one.counted) for one in differences(room)] == [("plenary", SECTOR, None)]


def test_two_seals_of_the_same_sums_have_different_digests(database: Database) -> None:
    rooms = [Room(database, session) for session in ("plenary", "harbour")]
    for room in rooms:
        room.writer.run(seal, [closed_with_three(room)])
    with database.read() as connection:
        digests = list(connection.execute(text("SELECT digest FROM poll")).scalars())
    assert len(set(digests)) == 2


def test_a_poll_is_sealed_once_it_has_been_closed_for_as_long_as_the_event_says(database: Database) -> None:
    room = Room(database, event=make_event(seal_after=5))
    closed_with_three(room)
    room.open(IDEAS)
    with database.read() as connection:
        closed = connection.execute(text("SELECT closed FROM poll WHERE question = 'sector'")).scalar()
        assert closed is not None
        due = [polls_to_seal(connection, closed + seconds, room.event) for seconds in (0, 299, 300, math.inf)]
    assert due == [[], [], [Unsealed(room.ref().id)], [Unsealed(room.ref().id)]]
    room.do(Verb.CLOSE)
    room.do(Verb.REOPEN, SECTOR)
    with database.read() as connection:
        assert polls_to_seal(connection, math.inf, room.event) == [Unsealed(room.ref(IDEAS).id)]
