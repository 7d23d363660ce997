"""Robots for people who practise: an answer for every question, of whatever type, and a way along with calls."""

from __future__ import annotations

from pathlib import Path

import pytest
from served import serving, until

from polling.core.event_state import BREAK_OUTS, EventCommand, EventVerb
from polling.core.files.loading import load_event, load_rehearsal
from polling.robots.guests import USUAL, Guests, guests_plan
from polling.robots.plan import Put
from polling.web.commanding import command_event

QUESTIONSETS = Path(__file__).parent.parent.parent / "questionsets"


@pytest.mark.parametrize("event", ["roem-ii", "retro"])
@pytest.mark.parametrize("robots", [None, 7])
def test_every_question_of_every_room_is_answered_with_something_that_fits(event: str, robots: int | None) -> None:
    found = load_event(QUESTIONSETS / event)
    for rehearsal in (load_rehearsal(QUESTIONSETS / event, found), None):
        dealt = guests_plan(found, rehearsal, robots)
        assert dealt.phones == robots or robots is None
        for session in found.sessions:
            for place in found.running_order(session.id):
                answers = dealt.answers.get(Put(session.id, place.set.set, place.question.id), {})
                assert bool(answers) == (place.question.answerable and bool(dealt.rooms[session.id]))
                assert set(answers) <= set(dealt.rooms[session.id])
                for answer in answers.values():
                    place.question.parse(answer.picks, answer.texts)


def test_without_a_rehearsal_there_are_as_many_as_usual_and_they_do_not_all_say_the_same() -> None:
    found = load_event(QUESTIONSETS / "roem-ii")
    dealt = guests_plan(found, None, None)
    assert dealt.phones == USUAL
    sector = dealt.answers[Put("plenary", "plenary", "sector")]
    assert len({answer.picks for answer in sector.values()}) > 2


async def test_they_are_in_every_room_and_go_along_when_people_are_called(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        event = served.site.hall.events["tea"]
        codes = {session: served.code(session) for session in ("hall", "annex")}
        guests = Guests(served.url, guests_plan(event, None, 4), codes, event, speed=100)

        def present() -> tuple[int, ...]:
            return tuple(served.site.hall.room("tea", session).present for session in ("hall", "annex"))

        async def send(to: str) -> None:
            command = EventCommand(f"send to {to}", EventVerb.SEND, to=to)
            await served.on_server(command_event(served.site, event, command))

        try:
            await guests.come()
            await until(lambda: present() == (4, 4))
            await send(BREAK_OUTS)
            await until(lambda: present() == (0, 4))
            await send("hall")
            await until(lambda: present() == (4, 0))
            assert guests.failure is None
        finally:
            await guests.close()
