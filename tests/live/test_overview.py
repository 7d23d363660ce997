"""The organiser's board, live: one look at the database for all rooms, and only while someone watches."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from served import CAKE, CAKES, EVENT, write_event
from sqlalchemy import event as sql

from polling.core.event import Event
from polling.core.event_state import Audience, EventCommand, EventVerb
from polling.core.files.loading import load_event
from polling.core.keys import Keys
from polling.core.poll import Command, Poll, PollKey, SessionState, State, Verb
from polling.live.frame import Form
from polling.live.hall import Hall
from polling.live.overview import Overview, _answers
from polling.live.screens import Screen
from polling.live.watched import Watched
from polling.rendering import Renderer
from polling.store import event_states, sessions
from polling.store.board_rows import PollFacts, StoredSession
from polling.store.database import Database
from polling.store.event_states import EventOrder
from polling.store.writer import Writer

ROOMS = 11
KEYS = Keys(b"a secret of thirty-two characters")
MANY = EVENT | {
    "sessions": [
        {"id": f"room{number}", "kind": "break-out", "title": f"Room {number}", "sets": [CAKES["set"]]}
        for number in range(ROOMS)
    ]
}


class Page:
    """A page and what each of its regions last told."""

    def __init__(self, role: str = "organiser") -> None:
        self.heard: list[dict[str, Any]] = []
        self.screen = Screen(self._hear, role, Form.JSON, "en")

    async def _hear(self, message: MutableMapping[str, Any]) -> None:
        self.heard.append(json.loads(message["text"]))

    def last(self, region: str) -> Any:
        return [each["value"] for each in self.heard if each["region"] == region][-1]


@pytest.fixture
async def hall(database: Database, tmp_path: Path) -> AsyncIterator[Hall]:
    made = Hall(database, Renderer(), KEYS, "http://poll.example", "e1")
    made.add(load_event(write_event(tmp_path / "questionsets", MANY)))
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def overview(hall: Hall) -> Overview:
    return hall.overview("tea")


@contextmanager
def queries(database: Database) -> Iterator[list[str]]:
    """What the database is asked meanwhile."""
    asked: list[str] = []

    def hear(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append(statement)

    sql.listen(database.engine, "before_cursor_execute", hear)
    yield asked
    sql.remove(database.engine, "before_cursor_execute", hear)


def do(hall: Hall, database: Database, verb: Verb, session: str = "room3") -> None:
    with database.read() as connection:
        state = sessions.session_state(connection, "tea", session)
    asked = Command(f"{session}-{state.revision}", verb, state.revision, CAKE)
    item = sessions.SessionCommand(hall.events["tea"], session, asked, 5)
    (outcome,) = Writer(database).run(sessions.command, [item])
    assert not isinstance(outcome, Exception)
    assert outcome.code is None
    hall.committed([item])


async def settled(hall: Hall) -> None:
    """Until everything that changed was shown."""
    watches: list[Watched[Any]] = [*hall.rooms, hall.overview("tea")]
    for watched in watches * 2:
        await watched.fresh()
        await watched._show()


async def test_all_rooms_are_read_in_one_look_however_many_they_are(overview: Overview, database: Database) -> None:
    with queries(database) as asked:
        await overview.fresh()
    assert len(asked) == 3


async def test_a_frame_of_the_board_has_no_room_read_anything(
    hall: Hall, overview: Overview, database: Database
) -> None:
    page = Page()
    overview.join(page.screen)
    await settled(hall)
    reads = [room._reads for room in hall.rooms]
    await overview._show()
    assert [room._reads for room in hall.rooms] == reads


async def test_nobody_watching_is_nothing_read(overview: Overview, database: Database) -> None:
    with queries(database) as asked:
        await overview._show()
    assert asked == []


async def test_a_room_without_a_screen_moves_on_the_board_too(
    hall: Hall, overview: Overview, database: Database
) -> None:
    page = Page()
    overview.join(page.screen)
    await settled(hall)
    assert {line["stage"] for line in page.last("sessions")} == {"lobby"}
    do(hall, database, Verb.OPEN)
    await settled(hall)
    assert [line["stage"] for line in page.last("sessions")].index("question") == 3
    assert page.last("sessions")[3]["active"] is not None


async def test_a_screen_and_a_moderator_are_here_and_then_gone(hall: Hall, overview: Overview) -> None:
    room, page = hall.room("tea", "room3"), Page()
    overview.join(page.screen)
    others = [Page("presenter"), Page("moderator")]
    for other in others:
        room.join(other.screen)
    await settled(hall)
    line = page.last("sessions")[3]
    assert (line["screen"], line["moderator"]) == ("here", "here")
    for other in others:
        room.leave(other.screen)
    await settled(hall)
    line = page.last("sessions")[3]
    assert (line["screen"], line["moderator"], line["troubles"]) == ("gone", "gone", []), "it may only be loaded anew"
    watch = overview._watches["room3"]
    watch.gone = {role: since - 60 for role, since in watch.gone.items()}
    await settled(hall)
    assert page.last("sessions")[3]["troubles"] == ["moderator-gone", "screen-gone"]
    assert page.last("figures")["attention"] == 1


async def test_a_figure_that_changes_leaves_the_rows_as_they_are(
    hall: Hall, overview: Overview, database: Database
) -> None:
    page = Page()
    overview.join(page.screen)
    await settled(hall)
    heard = len([each for each in page.heard if each["region"] == "sessions"])
    asked = EventCommand("one", EventVerb.ATTENDANCE, registered=292, present=240)
    order = EventOrder(hall.events["tea"], asked)
    Writer(database).run(event_states.command_event, [order])
    hall.committed([order])
    await settled(hall)
    assert page.last("figures")["registered"] == 292
    assert len([each for each in page.heard if each["region"] == "sessions"]) == heard


@pytest.mark.parametrize(
    ("role", "audience"),
    [("participant", Audience.PHONES), ("presenter", Audience.SCREENS), ("moderator", Audience.MODERATORS)],
)
async def test_a_message_reaches_the_pages_it_is_for_and_no_others(
    hall: Hall, database: Database, role: str, audience: Audience
) -> None:
    pages = {each: Page(each) for each in ("participant", "presenter", "moderator")}
    for page in pages.values():
        hall.room("tea", "room3").join(page.screen)
    order = EventOrder(hall.events["tea"], EventCommand("one", EventVerb.MESSAGE, audience=audience, text="Lunch <b>"))
    Writer(database).run(event_states.command_event, [order])
    hall.committed([order])
    await settled(hall)
    assert {each: page.last("notice")["text"] for each, page in pages.items()} == {
        each: "Lunch <b>" if each == role else "" for each in pages
    }


@pytest.mark.promise("P11")
@pytest.mark.parametrize("pace", ["participant", "moderator"])
def test_how_many_answered_what_only_some_are_asked_is_not_on_the_board_while_people_set_the_pace(pace: str) -> None:
    first = {"id": "first", "type": "choice", "title": "?", "options": [{"id": "yes", "text": "Yes"}]}
    more = {"id": "more", "type": "text", "title": "?", "only_if": {"first": ["yes"]}}
    event = Event.model_validate(
        {
            "event": "day",
            "title": "Day",
            "sessions": [{"id": "room", "kind": "plenary", "title": "Room", "sets": ["set"]}],
            "sets": [{"set": "set", "title": "Set", "pace": pace, "questions": [first, more]}],
        }
    )
    key = PollKey("set", "more")
    state = SessionState(1, key, {key: Poll(key, State.OPEN)})
    told = _answers(event, event.session("room"), StoredSession(state, {key: PollFacts(3, 9, 1.0, None)}))
    assert told == (0 if pace == "participant" else 3)
