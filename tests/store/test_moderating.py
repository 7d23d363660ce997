"""Moderators' commands as they are stored: answered once, and still there after a restart."""

from __future__ import annotations

import pytest
from store_room import FOOD, IDEAS, SECTOR, Room, make_event

from polling.core.errors import Code
from polling.core.poll import Command, PollKey, State, Verb
from polling.store.database import Database
from polling.store.sessions import SessionCommand, command


@pytest.fixture
def room(database: Database) -> Room:
    return Room(database)


def test_a_session_begins_in_the_lobby(room: Room) -> None:
    assert (room.state.revision, room.state.current, room.state.polls) == (0, None, {})


def test_opening_fixes_who_was_present_and_the_step_of_the_bars(database: Database) -> None:
    room = Room(database, present=12)
    room.open()
    room.present = 40
    room.do(Verb.CLOSE)
    room.do(Verb.REOPEN)
    poll = room.state.poll(SECTOR)
    assert (poll.state, poll.present, poll.step, poll.revealed) == (State.OPEN, 12, 3, True)


@pytest.mark.promise("R10")
@pytest.mark.parametrize("together", [True, False])
def test_the_same_command_gets_the_same_answer(room: Room, together: bool) -> None:
    asked = room.command(Verb.OPEN, SECTOR, id="a tap")
    if together:
        answers = room.writer.run(command, [asked, asked])
    else:
        answers = [*room.writer.run(command, [asked]), *room.writer.run(command, [asked])]
    assert [(answer.revision, answer.code) for answer in answers] == [(1, None)] * 2
    assert room.state.revision == 1


def test_a_refusal_is_remembered_too_and_tells_the_present_state(room: Room) -> None:
    room.open()
    stale = SessionCommand(room.event, "plenary", Command("a late tap", Verb.CLOSE, based_on=0), 100)
    first = room.writer.run(command, [stale])[0]
    room.do(Verb.CLOSE)
    second = room.writer.run(command, [stale])[0]
    assert (first.code, first.revision, first.state.poll(SECTOR).state) == (Code.STALE, 1, State.OPEN)
    assert (second.code, second.revision, second.state.poll(SECTOR).state) == (Code.STALE, 1, State.CLOSED)


@pytest.mark.promise("R10")
def test_of_two_moderators_who_tap_at_once_one_is_told_what_the_other_did(room: Room) -> None:
    one, other = room.command(Verb.OPEN, SECTOR), room.command(Verb.OPEN, FOOD)
    done, refused = room.writer.run(command, [one, other])
    assert done.code is None
    assert (refused.code, refused.state.current) == (Code.STALE, SECTOR)


def test_the_same_id_in_another_room_is_another_command(database: Database) -> None:
    rooms = [Room(database, "plenary"), Room(database, "harbour")]
    answers = [room.writer.run(command, [room.command(Verb.OPEN, SECTOR, id="1")])[0] for room in rooms]
    assert [answer.code for answer in answers] == [None, None]
    assert [room.state.revision for room in rooms] == [1, 1]


def test_a_poll_keeps_its_nonce_and_another_round_gets_another(room: Room) -> None:
    nonce = room.open().nonce
    room.do(Verb.CLOSE)
    room.do(Verb.REOPEN)
    assert room.ref().nonce == nonce
    room.do(Verb.CLOSE)
    room.do(Verb.ASK_AGAIN)
    assert room.ref(PollKey("who", "sector", 2)).nonce != nonce


def test_a_restart_changes_nothing(room: Room) -> None:
    room.open()
    room.vote([1, 2], "steel")
    before, standing = room.state, room.standing()
    again = Room(Database(f"sqlite:///{room.database.path}"))
    assert (again.state, again.standing()) == (before, standing)
    again.vote([3], "steel")
    assert again.standing().now.respondents == 3
    again.database.close()


def test_an_idea_is_on_the_big_screen_after_a_tap_only(room: Room) -> None:
    room.open(IDEAS)
    room.cast(room.ballot(1, texts={"1": "a choir"}, key=IDEAS))
    assert room.texts() == {"a choir": False}
    (id,) = room.idea_ids()
    room.do(Verb.SHOW_IDEA, idea=id)
    assert room.texts() == {"a choir": True}
    room.do(Verb.HIDE_IDEA, idea=id)
    assert room.texts() == {"a choir": False}


def test_a_moderator_shows_ideas_of_the_own_room_only(database: Database) -> None:
    room, other = Room(database, "plenary"), Room(database, "harbour")
    room.open(IDEAS)
    other.open(IDEAS)
    room.cast(room.ballot(1, texts={"1": "a choir"}, key=IDEAS))
    (id,) = room.idea_ids()
    assert [other.do(Verb.SHOW_IDEA, idea=idea).code for idea in (id, "no hex", "")] == [Code.UNKNOWN_IDEA] * 3
    assert room.texts() == {"a choir": False}
    assert other.state.revision == 1


def test_a_session_that_is_none_is_an_error_of_its_own(room: Room) -> None:
    lost = SessionCommand(make_event(), "cellar", Command("1", Verb.OPEN, 0, SECTOR), 1)
    with pytest.raises(KeyError):
        room.writer.run(command, [lost])
