"""Events as they are kept, read when closed, and forgotten."""

from __future__ import annotations

import hashlib
import json

import pytest
from sqlalchemy import text
from store_room import FOOD, IDEAS, SECTOR, Room, make_event

from polling.core.event import Event
from polling.core.poll import PollKey, State, Verb
from polling.core.results.outcomes import Text
from polling.core.tally import Tally
from polling.store.database import Database
from polling.store.events import Kept, WrongSecret, keep_event
from polling.store.polls import Unsealed
from polling.store.reading import PollResult, closed_results, outcomes
from polling.store.reset import reset
from polling.store.sealing import seal


def keep(database: Database, event: Event, fingerprint: str = "one secret") -> Kept:
    with database.write() as connection:
        return keep_event(connection, event, fingerprint)


def test_an_event_that_did_not_change_is_kept_as_it_is(database: Database) -> None:
    event = make_event()
    room = Room(database, event=event)
    assert keep(database, event) == Kept(event, event.content_hash)
    room.open()
    assert keep(database, event) == Kept(event, event.content_hash)
    assert room.state.poll(SECTOR).state is State.OPEN


@pytest.mark.promise("R14")
def test_before_the_first_answer_an_edited_file_counts_and_the_rooms_begin_again(database: Database) -> None:
    room = Room(database, event=make_event())
    keep(database, room.event)
    room.open()
    edited = make_event(title="A better title")
    assert keep(database, edited) == Kept(edited, edited.content_hash)
    assert room.state.current is None
    assert keep(database, edited) == Kept(edited, edited.content_hash)


@pytest.mark.promise("R14")
def test_from_the_first_answer_on_an_edited_file_changes_nothing(database: Database) -> None:
    event, edited = make_event(smallest_group=5), make_event(smallest_group=1)
    room = Room(database, event=event)
    keep(database, event)
    poll = room.open()
    room.vote([1], "steel")
    assert keep(database, edited) == Kept(event, event.content_hash, True, ("privacy.smallest_group",))
    room.do(Verb.CLOSE)
    room.writer.run(seal, [Unsealed(poll.id)])
    assert keep(database, edited) == Kept(event, event.content_hash, True, ("privacy.smallest_group",))


def test_an_event_that_an_older_program_kept_goes_on_under_the_hash_of_this_one(database: Database) -> None:
    """A key that is new in the model has its default in what was stored before, and commands compare hashes."""
    room = Room(database, event=make_event())
    keep(database, room.event)
    room.open()
    room.vote([1], "steel")
    with database.write() as connection:
        content = connection.execute(text("SELECT content FROM event")).scalar_one()
        older = json.dumps({key: value for key, value in json.loads(content).items() if key != "break_outs"})
        values = {"content": older, "hash": hashlib.sha256(older.encode()).hexdigest()}
        connection.execute(text("UPDATE event SET content = :content, hash = :hash"), values)
    assert keep(database, room.event).event == room.event
    assert room.do(Verb.CLOSE).code is None


@pytest.mark.promise("S14")
def test_another_secret_is_refused_with_the_remedy(database: Database) -> None:
    keep(database, make_event(), "one secret")
    with pytest.raises(WrongSecret, match=r"POLLING_SECRET.*polling reset the-event"):
        keep(database, make_event(), "another")
    keep(database, make_event(), "one secret")


def test_results_are_of_closed_polls_in_the_order_of_the_event(database: Database) -> None:
    plenary, harbour = (Room(database, session) for session in ("plenary", "harbour"))
    harbour.open(SECTOR)
    harbour.vote(range(5), "glass")
    harbour.do(Verb.CLOSE)
    plenary.open(FOOD)
    plenary.vote(range(6), "soup", key=FOOD)
    plenary.do(Verb.CLOSE)
    poll = plenary.open(SECTOR)
    plenary.vote(range(7), "steel")
    plenary.do(Verb.CLOSE)
    plenary.writer.run(seal, [Unsealed(poll.id)])
    plenary.do(Verb.ASK_AGAIN)
    plenary.do(Verb.OPEN)
    plenary.do(Verb.CLOSE)
    plenary.open(IDEAS)
    with database.read() as connection:
        found = closed_results(connection, plenary.event)
    assert found == [
        PollResult("plenary", SECTOR, State.SEALED, Tally(7, {"steel": 7}), ()),
        PollResult("plenary", PollKey("who", "sector", 2), State.CLOSED, Tally(), ()),
        PollResult("plenary", FOOD, State.CLOSED, Tally(6, {"soup": 6}), ()),
        PollResult("harbour", SECTOR, State.CLOSED, Tally(5, {"glass": 5}), ()),
    ]


def test_exports_get_results_through_the_gate(database: Database) -> None:
    room = Room(database)
    for key, phones in ((SECTOR, range(4)), (FOOD, range(5))):
        room.open(key)
        room.vote(phones, "steel" if key == SECTOR else "soup", key=key)
        room.do(Verb.CLOSE)
    room.open(IDEAS)
    room.cast(*(room.ballot(phone, texts={"1": f"idea {phone}"}, key=IDEAS) for phone in (2, 1)))
    room.do(Verb.CLOSE)
    with database.read() as connection:
        sector, food, ideas = outcomes(connection, room.event)
    assert (sector.published.cells, sector.published.withheld) == (None, True)
    assert (food.published.cells, food.published.base) == ({"soup": 5}, 5)
    assert (ideas.texts, ideas.names_room) == ((Text("1", "idea 1"), Text("1", "idea 2")), False)


def test_reset_leaves_nothing_of_an_event_and_everything_of_others(database: Database) -> None:
    room = Room(database)
    other = Room(database, event=room.event.model_copy(update={"event": "another-event"}))
    for one in (room, other):
        keep(database, one.event)
        one.open()
        one.vote([1, 2], "steel")
        one.do(Verb.CLOSE)
        one.open(IDEAS)
        one.cast(one.ballot(1, texts={"1": "a choir"}, key=IDEAS))
    before = rows(database)
    with database.write() as connection:
        reset(connection, room.event.event)
    assert {table: 2 * count for table, count in rows(database).items()} == before
    assert other.standing().now == Tally(2, {"steel": 2})
    assert room.state.current is None
    assert keep(database, make_event(), "another secret").changed is False


def rows(database: Database) -> dict[str, int]:
    tables = ("event", "session", "poll", "command", "ballot", "tally", "idea")
    with database.read() as connection:
        return {name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar() or 0 for name in tables}
