"""A room that moves into another while it is held: what is open is closed, and its results stay its own, once."""

from __future__ import annotations

import csv
import io
import json

import pytest
from store_room import SECTOR, Room, make_event

from polling.core.errors import Code
from polling.core.event_state import EventCommand, EventVerb
from polling.core.poll import State, Verb
from polling.core.results.books import Books
from polling.core.results.rollup import roll_up
from polling.export import FORMATS
from polling.store.books import books
from polling.store.database import Database
from polling.store.event_states import EventOrder, EventOutcome, command_event


def move(room: Room, session: str, to: str, id: str = "move") -> EventOutcome:
    asked = EventCommand(id, EventVerb.MOVE_ROOM, session=session, to=to)
    (outcome,) = room.writer.run(command_event, [EventOrder(room.event, asked, "organiser")])
    return outcome


def kept(room: Room) -> Books:
    with room.database.read() as connection:
        return books(connection, room.event)


@pytest.fixture
def rooms(database: Database) -> tuple[Room, Room]:
    """Two rooms that ask the same: seven answered in the one, six in the other."""
    event = make_event(smallest_group=1)
    plenary, harbour = Room(database, event=event), Room(database, "harbour", event=event)
    for room, phones in ((plenary, range(7)), (harbour, range(20, 26))):
        room.open()
        room.vote(list(phones), "steel")
    return plenary, harbour


def test_what_is_open_in_the_room_that_moves_is_closed_and_nothing_else(rooms: tuple[Room, Room]) -> None:
    plenary, harbour = rooms
    assert move(harbour, "harbour", "plenary").code is None
    assert harbour.state.poll(SECTOR).state is State.CLOSED
    assert plenary.state.poll(SECTOR).state is State.OPEN


def test_its_results_stay_its_own_and_are_added_up_once(rooms: tuple[Room, Room]) -> None:
    plenary, harbour = rooms
    move(harbour, "harbour", "plenary")
    plenary.vote([50, 51], "glass")  # two of those who moved were not asked before
    plenary.do(Verb.CLOSE)
    found = kept(plenary)
    assert {each.session.id: (each.published.base, each.moved_into) for each in found.outcomes} == {
        "plenary": (9, ""),
        "harbour": (6, "plenary"),
    }
    (total,) = roll_up(found.outcomes)
    assert (total.base, dict(total.cells), total.rooms) == (15, {"steel": 13, "glass": 2}, 2)


def test_every_format_says_where_it_went(rooms: tuple[Room, Room]) -> None:
    _, harbour = rooms
    move(harbour, "harbour", "plenary")
    found = kept(harbour)
    rows = list(csv.DictReader(io.StringIO(FORMATS["csv"](found)["results.csv"].decode())))
    assert {(row["session"], row["moved_into"]) for row in rows} == {("harbour", "plenary")}
    document = json.loads(FORMATS["json"](found)["results.json"])
    assert {row["moved_into"] for row in document["results"]} == {"plenary"}


def test_it_can_t_move_back_in_a_circle_nor_twice_by_one_press(rooms: tuple[Room, Room]) -> None:
    _, harbour = rooms
    first = move(harbour, "harbour", "plenary")
    again = move(harbour, "harbour", "plenary")
    assert (again.code, again.revision) == (None, first.revision)
    assert move(harbour, "plenary", "harbour", "back").code is Code.MOVES_IN_CIRCLE
    assert move(harbour, "harbour", "harbour", "self").code is Code.MOVES_IN_CIRCLE
