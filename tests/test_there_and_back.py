"""ROEM-II in all its rooms: from the plenary to ten break-outs at once and back, while one room moves into another, a
room is full, a phone is offline when all are called, and one comes late. No phone ends in a wrong room, and all counts
are right."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from cli_desk import make_desk
from server_process import HURRY, free_port

from polling.cli.handing_out import codes_of, organiser_link
from polling.cli.serve import Running, running
from polling.core.event import Event
from polling.core.event_state import BREAK_OUTS, EventVerb
from polling.core.files.loading import load_event, load_rehearsal
from polling.core.poll import PollKey, Verb
from polling.core.tally import Tally
from polling.robots import following
from polling.robots.following import Following, Way
from polling.robots.moderator import Moderator, enter
from polling.robots.phone import Phone
from polling.robots.plan import Plan, Put, plan
from polling.robots.playing import Director, Result
from polling.robots.swarm import FAST, Pace, Swarm, together
from polling.robots.visit import visit
from polling.settings import load_settings, server_keys
from polling.store.polls import poll_ref
from polling.store.sealing import Difference, recount
from polling.store.tallies import standing
from polling.web.site import Site

SOURCE = Path(__file__).parent.parent / "questionsets" / "roem-ii"
ROBOTS = 65
PACE = Pace(think=0.4, look=0.1)
HOME, LEAVING, TAKING, CROWDED = "plenary", "quantum-campus", "nl-space-campus", "tpy"


@dataclass
class Played:
    """What came out, and where everyone was. `seen`: phones by room, as the server and as the phones' sockets say."""

    event: Event
    dealt: Plan
    ways: list[Way] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    belong: dict[str, Counter[str]] = field(default_factory=dict)
    seen: dict[str, tuple[Counter[str], Counter[str]]] = field(default_factory=dict)
    told_full: bool = False
    seats: dict[str, int] = field(default_factory=dict)
    export: list[dict[str, str]] = field(default_factory=list)
    screens: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    stored: dict[Put, Tally] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)


def smaller(folder: Path) -> Path:
    """ROEM-II whose results are all shown, and with one seat too few in a room."""
    shutil.copytree(SOURCE, folder / "roem-ii")
    file = folder / "roem-ii" / "event.yaml"
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    content["privacy"]["smallest_group"] = 1
    whole = load_event(folder / "roem-ii")
    people = len(plan(whole, load_rehearsal(folder / "roem-ii", whole), ROBOTS).rooms[CROWDED])
    for session in content["sessions"]:
        if session["id"] == CROWDED:
            session["seats"] = people - 1
    file.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return folder


def dealt_for_the_move(event: Event, folder: Path) -> Plan:
    """After its first set the room moves: what is asked then is answered in the other one, all but one answer to the
    question that is open at the move. One robot comes late: it answers nothing in the plenary."""
    found = plan(event, load_rehearsal(folder, event), ROBOTS)
    late = latecomer(found)
    answers = {
        put: {robot: answer for robot, answer in given.items() if put.session != HOME or robot != late}
        for put, given in found.answers.items()
    }
    first, *later = [place for place in event.running_order(LEAVING) if place.set.set != "lasersatcom"]
    for place in (first, *later):
        there, here = (Put(room, place.set.set, place.question.id) for room in (LEAVING, TAKING))
        given = dict(answers.pop(there, {}))
        if place is first:
            answers[there] = dict([given.popitem()])
        answers[here] = {**answers.get(here, {}), **given}
    present = tuple(robot for robot in found.rooms[HOME] if robot != late)
    return replace(found, rooms={**found.rooms, HOME: present}, answers=answers, signs={})


def latecomer(dealt: Plan) -> int:
    return dealt.rooms["makersdistrict"][0]


class Evening:
    """The event as it is played."""

    def __init__(self, server: Running, folder: Path) -> None:
        self.site: Site = server.app.state.site
        event = load_event(folder)
        self.played = Played(event, dealt_for_the_move(event, folder))
        self.url, self.keys = server.url, server_keys(self.site.settings)
        self.codes = codes_of(event, self.keys)

    async def play(self) -> Played:
        event, dealt = self.played.event, self.played.dealt
        self.cookies = await enter(organiser_link(event.event, self.keys, self.url))
        self.swarm = Swarm(self.url, dealt, self.codes, PACE, HURRY)
        self.director = Director(self.url, event, self.swarm, self.cookies, HURRY, only_robots=True)
        try:
            await self.director.gather()
            self.played.results.append(await self.director.session(HOME))
            self.played.ways.append(await self._to_the_rooms())
            self._look_around(BREAK_OUTS)
            await self._choose_a_full_room()
            rooms = [each.id for each in event.break_out_sessions if each.id != LEAVING]
            self.played.results += await together(self._moves(), *(self.director.session(room) for room in rooms))
            self._look_around("moved")
            self.played.ways.append(await self.director.send(HOME))
            self._look_around(HOME)
            await self._take_along()
        finally:
            await self.director.leave()
            await self.swarm.close()
        return self.played

    async def _to_the_rooms(self) -> Way:
        """One phone is offline meanwhile, and comes back to the page that it knows."""
        away = self.played.dealt.rooms["robovalley"][0]
        await self.swarm.go_out(away, HOME)

        async def back() -> Way | None:
            await asyncio.sleep(1)
            await self.swarm.go_in(away, HOME)
            return None

        way, _ = await together(self.director.send(BREAK_OUTS), back())
        assert way is not None
        return way

    async def _choose_a_full_room(self) -> None:
        """A newcomer by the event's code finds a room full, and takes a seat in another."""
        guest = Phone(self.url, HURRY)
        assert await guest.find(self.codes[""]) == self.codes[""], "the list of rooms"
        self.played.told_full = await guest.choose(self.codes[""], CROWDED) is None
        assert await guest.choose(self.codes[""], "general") == self.codes["general"]
        self.played.seats = self.site.hall.lobby(self.played.event.event).whereabouts.taken()

    async def _moves(self) -> Result:
        """A room moves into another while a question is open in it, and a part has answered."""
        event, session = self.played.event, LEAVING
        order = event.running_order(session)
        result = await self.director.session(session, [place for place in order if place.set.set == "lasersatcom"])
        moderator = Moderator(self.url, event.event, session, self.cookies, HURRY)
        place = next(place for place in order if place.set.set != "lasersatcom")
        await moderator.command(Verb.OPEN, str(place.poll_key()))
        await self.swarm.until_answered(session, str(place.poll_key()))
        assert self.director.organiser is not None
        await self.director.organiser.command(EventVerb.MOVE_ROOM, session=session, to=TAKING)
        assert self.swarm.following is not None
        self.swarm.following.moved(session, TAKING)
        await moderator.leave()
        return result

    def _look_around(self, to: str) -> None:
        event, follow = self.played.event, self.swarm.following
        assert follow is not None
        place = BREAK_OUTS if to == "moved" else to
        sessions = {code: session for session, code in self.codes.items()}
        by_server = {each.id: self.site.hall.room(event.event, each.id).present for each in event.sessions}
        by_phones = Counter(sessions[code] for phone in self.swarm.phones for code in phone.places)
        self.played.belong[to] = +follow.heads(place, follow.expected(place))
        self.played.seen[to] = (+Counter(by_server), by_phones)

    async def _take_along(self) -> None:
        """The export, the big screens' last results, and what is in the database."""
        event, played = self.played.event, self.played
        reply = await visit(f"{self.url}/o/{event.event}/export/results.csv", cookies=self.cookies)
        played.export = list(csv.DictReader(io.StringIO(reply.body.removeprefix("\ufeff"), newline="")))
        for session in event.sessions:
            page = f"{self.url}/s/{event.event}/{session.id}/regions"
            shown = await visit(page, cookies=self.cookies, accept="application/json")
            played.screens[session.id] = next(
                each["value"] for each in json.loads(shown.body) if each["region"] == "screen"
            )
        with self.site.database.read() as connection:
            played.differences = recount(connection, event.event)
            for put in played.dealt.answers:
                ref = poll_ref(connection, event.event, put.session, PollKey(put.set, put.question, 1))
                assert ref is not None, put
                played.stored[put] = standing(connection, ref.id).now


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    place = tmp_path_factory.mktemp("there-and-back")
    settings = load_settings(
        {name: value for name, value in os.environ.items() if not name.startswith("POLLING_")}
        | {
            "DATABASE_URL": f"sqlite:///{place / 'polling.db'}",
            "POLLING_QUESTIONSETS": str(smaller(place / "questionsets")),
            "POLLING_HOST": "127.0.0.1",
            "PORT": str(free_port()),
        }
    )
    with running(settings, any_day=True) as server:
        return asyncio.run(Evening(server, settings.questionsets / "roem-ii").play())


def test_every_phone_is_in_the_room_that_it_chose_and_all_are_back_in_the_end(played: Played) -> None:
    there, back = played.ways
    assert (there.wrong, back.wrong) == ([], [])
    assert (there.sent, there.arrived) == (ROBOTS, ROBOTS)
    assert (back.sent, back.arrived) == (ROBOTS, ROBOTS)
    assert there.full == 1, "who finds a room full and stands at its door comes in by its code"
    print(f"\nto ten rooms: {there.seconds:.1f} s, back: {back.seconds:.1f} s")


@pytest.mark.parametrize("when", [BREAK_OUTS, "moved", HOME])
def test_the_server_sees_each_phone_where_it_belongs_and_nowhere_else(played: Played, when: str) -> None:
    by_server, by_phones = played.seen[when]
    assert by_phones == played.belong[when]
    assert by_server == played.belong[when]
    assert by_phones.total() == ROBOTS
    assert len(by_phones) == {BREAK_OUTS: 10, "moved": 9, HOME: 1}[when]


def test_a_full_room_takes_nobody_from_the_list(played: Played) -> None:
    assert played.told_full
    assert played.seats == played.belong[BREAK_OUTS] + Counter({"general": 1})


def test_every_poll_in_every_room_counts_what_was_planned(played: Played) -> None:
    assert [difference for result in played.results for difference in result.differences] == []
    expected = {put: played.dealt.expected(played.event, put) for put in played.dealt.answers}
    assert played.stored == expected
    assert played.differences == []


def test_the_export_says_what_is_in_the_database_and_where_the_room_went(played: Played) -> None:
    counts = {
        (Put(row["session"], row["set"], row["question"]), row["cell"]): (int(row["count"]), int(row["respondents"]))
        for row in played.export
        if row["cell"] and row["count"]
    }
    assert {each for each, (count, _) in counts.items() if count} == {
        (put, cell) for put, tally in played.stored.items() for cell, count in tally.cells.items() if count
    }
    for (put, cell), (count, respondents) in counts.items():
        tally = played.stored[put]
        assert (count, respondents) == (tally.cells.get(cell, 0), tally.respondents), f"{put}/{cell}"
    assert {row["moved_into"] for row in played.export if row["session"] == LEAVING} == {TAKING}
    assert {row["moved_into"] for row in played.export if row["session"] != LEAVING} == {""}


def test_each_big_screen_shows_at_last_what_is_in_the_database(played: Played) -> None:
    for session in played.event.sessions:
        screen = played.screens[session.id]
        place = played.event.running_order(session.id)[screen["position"] - 1]
        tally = played.stored.get(Put(session.id, place.set.set, place.question.id), Tally())
        assert screen["answered"] == tally.respondents, session.id
        for row in screen["chart"]["rows"] if screen["chart"] else ():
            assert row["count"] == tally.cells.get(row["cell"], 0), session.id
    assert sum(bool(screen["chart"]) for screen in played.screens.values()) >= 9


def test_the_same_phones_go_there_and_back_again_straight_to_the_rooms_that_they_know(tmp_path: Path) -> None:
    desk = make_desk(tmp_path)
    folder = desk.place / "questionsets" / "burst"
    event = load_event(folder)
    dealt = plan(event, load_rehearsal(folder, event))

    async def twice(server: Running, site: Site) -> list[Way]:
        keys = server_keys(site.settings)
        cookies = await enter(organiser_link(event.event, keys, server.url))
        ways: list[Way] = []
        phones: list[Phone] | None = None
        for _ in range(2):
            swarm = Swarm(server.url, dealt, codes_of(event, keys), FAST, HURRY, phones)
            director = Director(server.url, event, swarm, cookies, HURRY, only_robots=True)
            assert [result.differences for result in await director.play()] == [[], []]
            await swarm.close()
            phones, ways = swarm.phones, ways + director.ways
        assert site.hall.lobby(event.event).whereabouts.taken() == {"attic": len(dealt.rooms["attic"])}
        return ways

    with running(load_settings({**desk.environment, "POLLING_PUBLIC_URL": ""})) as server:
        ways = asyncio.run(twice(server, server.app.state.site))
    assert [way.wrong for way in ways] == [[]] * 4
    assert [way.arrived for way in ways] == [way.sent for way in ways]


def test_a_phone_that_does_not_follow_makes_the_rehearsal_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Following.hear

    def deaf(self: Following, robot: int, view: Mapping[str, Any]) -> None:
        if robot != min(self.own):
            heard(self, robot, view)

    monkeypatch.setattr(Following, "hear", deaf)
    monkeypatch.setattr(following, "THERE_WITHIN", 2.0)
    monkeypatch.setattr("polling.robots.organiser.SEEN_WITHIN", 2.0)
    desk = make_desk(tmp_path)
    said = desk.run("rehearse", "burst", "--play", "--fast", "--participants", "5")
    assert said.status == 1
    assert "is in hall instead of attic" in said.out
    assert "the server sees 4 phones in attic instead of 5" in said.out
