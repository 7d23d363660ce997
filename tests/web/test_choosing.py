"""Finding a room over HTTP, as a browser without JavaScript does it, and what phones hear over sockets."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from served import CAKE, EVENT, Reply, Served, serving

from polling.core.event_state import BREAK_OUTS, EventCommand, EventVerb
from polling.live.whereabouts import Whereabouts
from polling.web.commanding import command_event

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ROOMS = {"north": 1, "east": 2, "south": None}


def tea(assign: str = "choose", **more: Any) -> dict[str, Any]:
    """The event with three break-outs, of one seat, of two, and of as many as come."""
    rooms = [
        {"id": id, "kind": "break-out", "title": id.title(), "place": "Upstairs", "sets": ["cakes"]}
        | ({"seats": seats} if seats else {})
        for id, seats in ROOMS.items()
    ]
    hall = {"id": "hall", "kind": "plenary", "title": "Hall", "sets": ["cakes"]}
    return {**EVENT, "sessions": [hall, *rooms], "break_outs": {"assign": assign, **more}}


@pytest.fixture
def served(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Served]:
    with serving(tmp_path, tea(**getattr(request, "param", {}))) as it:
        yield it


async def give(served: Served, verb: EventVerb, session: str = "", to: str = "") -> None:
    event = served.site.hall.events["tea"]
    asked = EventCommand(secrets.token_hex(4), verb, session=session, to=to)
    outcome = await served.on_server(command_event(served.site, event, asked, "organiser"))
    assert outcome.code is None


async def get(served: Served, path: str, phone: int | None = None, **cookies: str) -> Reply:
    held = [served.phone_cookie(phone)] if phone is not None else []
    cookie = "; ".join([*held, *(f"{name.replace('_', '-')}={value}" for name, value in cookies.items())])
    return await served.ask(path, headers={"Cookie": cookie} if cookie else {})


async def choose(served: Served, phone: int, fields: Mapping[str, str]) -> Reply:
    headers = FORM | {"Cookie": served.phone_cookie(phone)}
    path = f"/p/{served.code('')}/room"
    return await served.ask(path, method="POST", body=urlencode(fields).encode(), headers=headers)


def leads(served: Served, reply: Reply) -> str:
    """The session that a redirect leads to."""
    assert reply.status == 303, reply.text[:200]
    found = served.site.hall.by_code(reply.headers["location"].split("/")[2].partition("?")[0])
    assert found
    return found[1]


def seats_left(page: str) -> dict[str, str]:
    found = re.findall(r'name="room" value="(\w+)".*?</label>', page, re.DOTALL)
    parts = re.findall(r'value="(\w+)"(.*?)</label>', page, re.DOTALL)
    told = {room: re.search(r'seats-left">(?:<b>)?([^<]*)', part) for room, part in parts if room in found}
    return {room: match[1] if match else "" for room, match in told.items()}


# where the event is


async def test_the_events_code_leads_latecomers_to_where_everyone_is(served: Served) -> None:
    door = f"/p/{served.code('')}"
    assert leads(served, await get(served, door)) == "hall"
    await give(served, EventVerb.SEND, to=BREAK_OUTS)
    assert "Choose your room" in (await get(served, door)).text
    await give(served, EventVerb.SEND, to="east")
    assert leads(served, await get(served, door)) == "east"


async def test_at_break_outs_it_leads_a_phone_to_its_own_room_which_only_its_cookie_knows(served: Served) -> None:
    door = f"/p/{served.code('')}"
    came_in = await get(served, f"/p/{served.code('east')}", 1)
    assert "polling-room-tea=east; Path=/p/" in str(came_in.headers.get_all("Set-Cookie"))
    await give(served, EventVerb.SEND, to=BREAK_OUTS)
    assert leads(served, await get(served, door, 9, polling_room_tea="east")) == "east"
    assert (await get(served, door, 9, polling_room_tea="nowhere")).status == 200


async def test_a_rooms_own_code_goes_straight_in_when_it_is_full_and_when_others_are_elsewhere(served: Served) -> None:
    await give(served, EventVerb.SEND, to=BREAK_OUTS)
    for phone in (1, 2):
        assert (await get(served, f"/p/{served.code('north')}", phone)).status == 200
    await give(served, EventVerb.SEND, to="hall")
    page = await get(served, f"/p/{served.code('north')}", 3)
    assert page.status == 200
    assert "Everyone is now in: Hall." in page.text


async def test_the_code_of_a_room_that_moved_leads_into_the_other(served: Served) -> None:
    await give(served, EventVerb.MOVE_ROOM, "north", "east")
    await give(served, EventVerb.MOVE_ROOM, "east", "south")
    assert leads(served, await get(served, f"/p/{served.code('north')}", 1)) == "south"


async def test_after_the_event_there_are_thanks_and_the_way_to_what_was_signed(served: Served) -> None:
    await give(served, EventVerb.END)
    reply = await get(served, f"/p/{served.code('')}", 1)
    assert leads(served, reply) == "hall"
    page = (await get(served, f"/p/{served.code('hall')}", 1)).text
    assert "Thank you for taking part" in page
    assert 'href="/me"' in page


async def test_a_waiting_page_without_javascript_follows_by_its_refresh(served: Served) -> None:
    page = (await get(served, f"/p/{served.code('hall')}", 1)).text
    match = re.search(r'http-equiv="refresh" content="5; url=([^"]+)"', page)
    assert match
    again = match[1].replace("&amp;", "&")
    assert (await get(served, again, 1)).status == 200
    await give(served, EventVerb.SEND, to="east")
    assert leads(served, await get(served, again, 1)) == "east"
    await give(served, EventVerb.SEND, to="hall")
    page = (await get(served, f"/p/{served.code('east')}", 1)).text  # by its own code: it stays
    match = re.search(r"url=([^\"]+)", page)
    assert match
    assert (await get(served, match[1], 1)).status == 200


# choosing


async def test_one_chooses_from_a_list_that_says_what_is_left_and_what_is_full(served: Served) -> None:
    await give(served, EventVerb.SEND, to=BREAK_OUTS)
    assert seats_left((await get(served, f"/p/{served.code('')}", 7)).text) == {
        "north": "1 left",
        "east": "2 left",
        "south": "",
    }
    chosen = await choose(served, 1, {"room": "north"})
    assert leads(served, chosen) == "north"
    assert "polling-room-tea=north" in str(chosen.headers.get_all("Set-Cookie"))
    assert seats_left((await get(served, f"/p/{served.code('')}", 7)).text)["north"] == "full"


async def test_the_last_seat_taken_twice_at_once_is_given_once(served: Served) -> None:
    await give(served, EventVerb.SEND, to=BREAK_OUTS)
    replies = await asyncio.gather(*(choose(served, phone, {"room": "north"}) for phone in range(1, 7)))
    assert sorted(reply.status for reply in replies) == [303, 409, 409, 409, 409, 409]
    refused = next(reply for reply in replies if reply.status == 409)
    assert "This room is full. Choose another one." in refused.text
    assert seats_left(refused.text)["north"] == "full"


async def test_who_joins_another_room_gives_up_the_seat(served: Served) -> None:
    await give(served, EventVerb.SEND, to=BREAK_OUTS)
    await choose(served, 1, {"room": "north"})
    await get(served, f"/p/{served.code('south')}", 1)
    assert leads(served, await choose(served, 2, {"room": "north"})) == "north"


async def test_after_a_restart_seats_are_held_again_as_phones_come_back(served: Served) -> None:
    await give(served, EventVerb.SEND, to=BREAK_OUTS)
    await choose(served, 1, {"room": "north"})
    lobby = served.site.hall.lobby("tea")
    forgotten = Whereabouts()
    forgotten.on_change = lobby.dirty
    lobby.whereabouts = forgotten  # as a process that starts knows nobody
    assert leads(served, await get(served, f"/p/{served.code('')}", 1, polling_room_tea="north")) == "north"
    cookie = f"{served.phone_cookie(1)}; polling-room-tea=north"
    async with served.socket(f"/p/{served.code('hall')}/socket", cookie=cookie) as talk:
        await talk.region("phone")
        assert (await choose(served, 2, {"room": "north"})).status == 409


async def test_a_room_that_there_is_not_is_refused(served: Served) -> None:
    assert (await choose(served, 1, {"room": "attic"})).status == 404
    assert (await choose(served, 1, {})).status == 404
    assert (await get(served, f"/p/{served.code('hall')}/room")).status == 404


async def test_who_keeps_no_cookie_takes_no_seat(served: Served) -> None:
    await give(served, EventVerb.SEND, to=BREAK_OUTS)
    for _ in range(3):
        body = urlencode({"room": "north"}).encode()
        reply = await served.ask(f"/p/{served.code('')}/room", method="POST", body=body, headers=FORM)
        assert leads(served, reply) == "north"
    assert served.site.hall.lobby("tea").whereabouts.taken() == {}


# draw, codes, rules


@pytest.mark.parametrize("served", [{"assign": "draw"}], indirect=True)
async def test_a_draw_is_balanced_and_the_same_phone_always_gets_the_same_room(served: Served) -> None:
    await give(served, EventVerb.SEND, to=BREAK_OUTS)
    drawn = {phone: leads(served, await get(served, f"/p/{served.code('')}", phone)) for phone in range(1, 10)}
    assert sorted(drawn.values()).count("north") == 1
    assert sorted(drawn.values()).count("east") == 2
    again = {phone: leads(served, await get(served, f"/p/{served.code('')}", phone)) for phone in range(1, 10)}
    assert again == drawn


@pytest.mark.parametrize("served", [{"assign": "draw"}], indirect=True)
async def test_nothing_is_drawn_for_a_browser_that_keeps_no_cookie(served: Served) -> None:
    await give(served, EventVerb.SEND, to=BREAK_OUTS)
    door = f"/p/{served.code('')}"
    first = await get(served, door)
    assert (first.status, first.headers["location"]) == (303, f"{door}?kept=1")
    assert (await get(served, f"{door}?kept=1")).status == 200
    assert served.site.hall.lobby("tea").whereabouts.taken() == {}
    cookie = str(first.headers["set-cookie"]).partition(";")[0]
    assert (await served.ask(f"{door}?kept=1", headers={"Cookie": cookie})).status == 303


@pytest.mark.parametrize("served", [{"assign": "codes"}], indirect=True)
async def test_the_code_on_a_card_leads_to_its_room_also_when_that_is_full(served: Served) -> None:
    await give(served, EventVerb.SEND, to=BREAK_OUTS)
    page = (await get(served, f"/p/{served.code('')}", 1)).text
    assert "Type the code on your card" in page
    assert 'name="room"' not in page
    code = served.code("north")
    for phone in (1, 2):
        assert leads(served, await choose(served, phone, {"code": f" {code[:3].lower()} {code[3:]}"})) == "north"
    wrong = await choose(served, 3, {"code": "ZZZZZZ"})
    assert (wrong.status, 'value="ZZZZZZ"' in wrong.text) == (404, True)
    assert (await choose(served, 3, {"code": served.code("")})).status == 404


RULES = {"assign": "rules", "rules": [{"answer": "cakes/cake", "any_of": ["plum"], "session": "north"}]}


@pytest.mark.parametrize("served", [RULES], indirect=True)
async def test_rules_travel_to_the_phone_and_the_list_says_for_whom_a_room_is_meant(served: Served) -> None:
    await give(served, EventVerb.SEND, to=BREAK_OUTS)
    page = (await get(served, f"/p/{served.code('')}", 1)).text
    assert "Meant for: Plum" in page
    assert "cakes/cake" in page.partition("data-rules='")[2].partition("'")[0]
    again = (await get(served, f"/p/{served.code('')}/room", 1)).text  # choosing another room: no rule leads away
    assert "data-rules='[]'" in again


# sockets


@asynccontextmanager
async def hall_screen(served: Served) -> AsyncIterator[Any]:
    async with served.socket("/s/tea/socket", cookie=served.pass_cookie("organiser")) as talk:
        yield talk


async def test_phones_hear_of_a_call_and_of_nothing_when_someone_votes(served: Served) -> None:
    async with served.moderator() as moderator, served.phone(1) as phone:
        await moderator.command("open", 0, CAKE)
        await phone.until("phone", stage="question")
        await give(served, EventVerb.SEND, to=BREAK_OUTS)
        frame = await phone.region("phone")
        assert frame["value"]["call"] == {"number": 1, "session": None, "code": served.code(""), "alone": False}
        assert (await phone.cast(CAKE, "plum"))["fate"] == "counted"
        await asyncio.sleep(0.4)
        assert (await phone.cast(CAKE, "apple", revision=2))["fate"] == "counted"
        assert len(phone.regions["phone"]) <= 3  # the lobby, the question, the call


async def test_who_is_choosing_sees_seats_go_and_is_called_back(served: Served) -> None:
    await give(served, EventVerb.SEND, to=BREAK_OUTS)
    async with served.phone(9, session="") as chooser:
        first = await chooser.region("rooms")
        assert [line["left"] for line in first["value"]["rooms"]] == [1, 2, None]
        await choose(served, 1, {"room": "north"})
        then = await chooser.region("rooms")
        assert [line["full"] for line in then["value"]["rooms"]] == [True, False, False]
        await give(served, EventVerb.SEND, to="hall")
        back = await chooser.region("rooms")
        assert back["value"]["call"]["code"] == served.code("hall")


async def test_the_screen_in_the_hall_counts_every_phone_once_and_shows_rooms_at_break_outs(served: Served) -> None:
    async with hall_screen(served) as screen, served.phone(1), served.phone(1, "east"), served.phone(2, session=""):
        await screen.until("lobby", present=2, stage="lobby")
        await give(served, EventVerb.SEND, to=BREAK_OUTS)
        shown = await screen.until("lobby", stage="rooms")
        assert [line["left"] for line in shown["value"]["rooms"]] == [1, 1, None]
    async with served.socket("/s/tea/socket") as nobody:
        assert await nobody.closed() == 4401


async def test_the_page_of_the_hall_asks_for_its_own_link(served: Served) -> None:
    assert (await served.ask("/s/tea")).status == 401
    key = served.site.keys.link_key("presenter", "tea", "", 0, 1)
    body = urlencode({"role": "presenter", "event": "tea", "session": "", "key": key}).encode()
    reply = await served.ask("/pass", method="POST", body=body, headers=FORM)
    assert (reply.status, reply.headers["location"]) == (303, "/s/tea")
    cookie = str(reply.headers["set-cookie"]).partition(";")[0]
    page = await served.ask("/s/tea", headers={"Cookie": cookie})
    assert page.status == 200
    assert served.code("")[:3] in page.text
    assert (await served.ask("/s/tea/hall", headers={"Cookie": cookie})).status == 401
    assert 'id="region-lobby"' in (await served.ask("/s/tea/regions", headers={"Cookie": cookie})).text


async def test_the_pages_of_staff_say_where_a_room_moved_with_a_way_there(served: Served) -> None:
    await give(served, EventVerb.MOVE_ROOM, "north", "east")
    headers = {"Cookie": served.pass_cookie("organiser")}
    screen = (await served.ask("/s/tea/north", headers=headers)).text
    assert "This room goes on in East." in screen
    assert 'href="/s/tea/east"' in screen
    moderator = (await served.ask("/m/tea/north", headers=headers)).text
    assert "This room has moved." in moderator
    assert 'href="/m/tea/east"' in moderator
    assert "This room goes on in" not in (await served.ask("/s/tea/east", headers=headers)).text
