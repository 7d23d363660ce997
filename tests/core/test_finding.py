"""Where a phone belongs: what the event's code leads to, which rooms there are, which is drawn, who is called."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polling.core.event import Event
from polling.core.event_state import BREAK_OUTS, EventCommand, EventState, EventVerb, beginning, decide_event
from polling.core.finding import drawn, leads_to, rooms_of
from polling.core.poll import SessionState
from polling.core.regions.calling import call_of
from polling.core.regions.lobby import LobbyState, lobby_view, rooms_view
from polling.core.regions.phone import phone_view
from polling.core.regions.room import RoomState, Stage

SEATS = {"north": 2, "east": 4, "south": None}
QUESTION = {"id": "q", "type": "choice", "title": "?", "options": [{"id": "a", "text": "A"}, {"id": "b", "text": "B"}]}
CODES = {"": "EVENTS", "hall": "HALLLL", "north": "NORTHH", "east": "EASTTT", "south": "SOUTHH"}


def make_event(**more: Any) -> Event:
    rooms = [
        {"id": id, "kind": "break-out", "title": id.title(), "sets": ["set"]} | ({"seats": seats} if seats else {})
        for id, seats in SEATS.items()
    ]
    hall = {"id": "hall", "kind": "plenary", "title": "Hall", "sets": ["set"]}
    sets = [{"set": "set", "title": "Set", "questions": [QUESTION]}]
    return Event.model_validate({"event": "e", "title": "E", "sessions": [hall, *rooms], "sets": sets} | more)


EVENT = make_event()


def after(*commands: tuple[EventVerb, str, str], event: Event = EVENT) -> EventState:
    state = beginning(event)
    for number, (verb, session, to) in enumerate(commands):
        state = decide_event(event, state, EventCommand(str(number), verb, session=session, to=to))
    return state


SENT = (EventVerb.SEND, "", BREAK_OUTS)


def test_the_events_code_leads_to_where_everyone_is() -> None:
    assert leads_to(EVENT, after(), None) == "hall"
    assert leads_to(EVENT, after(SENT), None) is None
    assert leads_to(EVENT, after(SENT), "east") == "east"
    assert leads_to(EVENT, after(SENT, (EventVerb.SEND, "", "hall")), "east") == "hall"
    assert leads_to(EVENT, after(SENT, (EventVerb.MOVE_ROOM, "north", "east")), "north") == "east"
    assert leads_to(EVENT, after(SENT, (EventVerb.END, "", "")), "east") == "east"
    assert leads_to(EVENT, after((EventVerb.END, "", "")), None) == "hall"


@pytest.mark.parametrize("own", ["hall", "nowhere", ""])
def test_only_a_break_out_of_the_event_is_a_phones_own(own: str) -> None:
    assert leads_to(EVENT, after(SENT), own) is None


def test_an_event_of_one_session_leads_there_whatever_was_done() -> None:
    event = make_event(sessions=[{"id": "only", "kind": "break-out", "title": "Only", "sets": ["set"]}])
    assert leads_to(event, beginning(event), None) == "only"


def test_seats_are_counted_down_to_full_and_a_room_that_moved_sits_in_the_other() -> None:
    rooms = {room.session.id: room for room in rooms_of(EVENT, after(SENT), {"north": 2, "east": 1, "south": 9})}
    assert {id: (room.left, room.full) for id, room in rooms.items()} == {
        "north": (0, True),
        "east": (3, False),
        "south": (None, False),
    }
    moved = rooms_of(EVENT, after(SENT, (EventVerb.MOVE_ROOM, "north", "east")), {"north": 2, "east": 1})
    assert [(room.session.id, room.left, [each.id for each in room.also]) for room in moved] == [
        ("east", 1, ["north"]),
        ("south", None, []),
    ]


def test_where_nobody_was_sent_to_break_outs_every_session_can_be_chosen() -> None:
    assert [room.session.id for room in rooms_of(EVENT, after(), {})] == ["hall", "north", "east", "south"]


@given(st.integers(min_value=0, max_value=12))
def test_a_draw_fills_rooms_by_their_seats_and_never_beyond(people: int) -> None:
    taken: dict[str, int] = {}
    for _ in range(people):
        session = drawn(rooms_of(EVENT, after(SENT), taken))
        assert session is not None  # the room without seats takes all who come
        taken[session.id] = taken.get(session.id, 0) + 1
    assert taken.get("north", 0) <= 2
    assert taken.get("east", 0) <= 4
    if people in (3, 6, 9):  # as full as each other
        assert abs(taken["north"] / 2 - taken["east"] / 4) <= 0.5


def test_nothing_is_drawn_where_all_rooms_are_full() -> None:
    event = make_event(sessions=[session.model_dump() for session in EVENT.sessions if session.id != "south"])
    state = after(SENT, event=event)
    assert drawn(rooms_of(event, state, {"north": 2, "east": 4})) is None


# calls


def test_people_are_called_with_a_number_that_goes_up_and_nobody_once_it_is_over() -> None:
    first = call_of(EVENT, after(SENT), "hall", CODES)
    assert first is not None
    assert (first.number, first.session, first.code, first.alone) == (1, None, "EVENTS", False)
    back = call_of(EVENT, after(SENT, (EventVerb.SEND, "", "hall")), "north", CODES)
    assert back is not None
    assert (back.number, back.code) == (2, "HALLLL")
    on = call_of(EVENT, after(SENT, (EventVerb.SEND_ROOM, "north", "east")), "north", CODES)
    assert on is not None
    assert (on.number, on.code, on.alone) == (2, "EASTTT", True)
    assert call_of(EVENT, after(SENT), "north", CODES) is None
    assert call_of(EVENT, after(SENT, (EventVerb.SEND, "", "hall"), (EventVerb.END, "", "")), "north", CODES) is None


def test_a_phones_page_tells_of_a_call_of_rooms_that_moved_in_and_of_the_end() -> None:
    def view(state: EventState, session: str = "east") -> Any:
        return phone_view(RoomState(EVENT, EVENT.session(session), SessionState(), whole=state, codes=CODES))

    moved = after(SENT, (EventVerb.MOVE_ROOM, "north", "east"))
    assert [session.id for session in view(moved).moved_in] == ["north"]
    assert view(moved).call is None
    assert view(moved, "north").call.code == "EASTTT"
    assert view(after((EventVerb.END, "", ""))).stage is Stage.ENDED


def test_the_lobby_shows_rooms_only_while_people_are_sent_there() -> None:
    def lobby(state: EventState) -> LobbyState:
        return LobbyState(EVENT, state, {"north": 2}, CODES, present=7)

    assert (lobby_view(lobby(after())).stage, lobby_view(lobby(after())).rooms) == (Stage.LOBBY, ())
    shown = lobby_view(lobby(after(SENT)))
    assert (shown.stage, shown.present, [line.full for line in shown.rooms]) == (Stage.ROOMS, 7, [True, False, False])
    assert lobby_view(lobby(after((EventVerb.END, "", "")))).stage is Stage.ENDED
    back = rooms_view(lobby(after(SENT, (EventVerb.SEND, "", "hall"))))
    assert back.call is not None
    assert back.call.code == "HALLLL"


def test_a_room_says_whose_answers_lead_there() -> None:
    rules = {"assign": "rules", "rules": [{"answer": "set/q", "any_of": ["b"], "session": "north"}]}
    event = make_event(break_outs=rules)
    lines = rooms_view(LobbyState(event, after(SENT, event=event), {}, CODES)).rooms
    assert [[list(words.values()) for words in line.meant_for] for line in lines] == [[["B"]], [], []]
