"""A room: who is there, and frames that are whole, numbered, and sent only where something changed."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
from collections.abc import AsyncIterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
from served import CAKE, until, write_event

from polling.core.ballot import Ballot
from polling.core.files.loading import load_event
from polling.core.keys import Keys
from polling.core.poll import Command, PollKey, Verb
from polling.live.frame import Form
from polling.live.hall import Hall
from polling.live.room import Room
from polling.live.screens import Screen
from polling.live.watched import Watched
from polling.rendering import Renderer
from polling.store import ballot_box, sessions
from polling.store.database import Database
from polling.store.writer import Writer

KEYS = Keys(b"a secret of thirty-two characters")


class Page:
    """A screen and what it was told."""

    def __init__(self, role: str = "participant", form: Form = Form.JSON, language: str = "en") -> None:
        self.heard: list[str] = []
        self.screen = Screen(self._hear, role, form, language)

    async def _hear(self, message: MutableMapping[str, Any]) -> None:
        """All but the timer's and the notice's, which are told in tests of their own."""
        if not re.search(r"""region["']?[:=]["'](timer|notice)["']""", message["text"]):
            self.heard.append(message["text"])

    @property
    def last(self) -> Any:
        return json.loads(self.heard[-1])

    @property
    def revisions(self) -> list[int]:
        return [json.loads(text)["revision"] for text in self.heard]


class Stage:
    """A room over a real database, and someone who plays it."""

    def __init__(self, hall: Hall, database: Database) -> None:
        self.hall = hall
        self.database = database
        self.writer = Writer(database)
        self.room = hall.room("tea", "hall")
        self._ids = itertools.count()

    def do(self, verb: Verb, poll: PollKey | None = None) -> None:
        """Carries out a command, and says so to the hall, as the writer does."""
        state = self._state()
        asked = Command(f"c{next(self._ids)}", verb, state.revision, poll)
        item = sessions.SessionCommand(self.room.event, "hall", asked, self.room.present)
        (outcome,) = self.writer.run(sessions.command, [item])
        assert not isinstance(outcome, Exception)
        assert outcome.code is None
        self.hall.committed([item])

    async def vote(self, phone: int, pick: str, revision: int = 1) -> None:
        """One phone's answer."""
        ref = await self.room.poll_ref(CAKE)
        assert ref is not None
        secret = phone.to_bytes(16, "big")
        keys = KEYS.voter_key(ref.nonce, secret), KEYS.idea_key(ref.nonce, secret)
        item = ballot_box.Cast(ref.id, Ballot(*keys, revision, {pick: 1}))
        self.writer.run(ballot_box.cast, [item])
        self.hall.committed([item])

    async def turn(self) -> None:
        """Waits until all that changed was shown."""
        watched: list[Watched[Any]] = [*self.hall._rooms.values(), *self.hall._overviews.values()]
        async with asyncio.timeout(20):
            while tasks := [it._pace._task for it in watched if it._pace._task]:
                await asyncio.wait(tasks)

    def _state(self) -> Any:
        with self.database.read() as connection:
            return sessions.session_state(connection, "tea", "hall")


@pytest.fixture
async def stage(database: Database, tmp_path: Path) -> AsyncIterator[Stage]:
    hall = Hall(database, Renderer(), KEYS, "http://poll.example", "e1")
    hall.add(load_event(write_event(tmp_path / "questionsets")))
    yield Stage(hall, database)
    await hall.stop()


@pytest.fixture
def room(stage: Stage) -> Room:
    return stage.room


def phone(number: int) -> bytes:
    return number.to_bytes(16, "big")


async def test_present_are_the_different_phones_however_often_they_connect(room: Room) -> None:
    tabs = [Page() for _ in range(3)]
    room.join(tabs[0].screen, phone(1))
    room.join(tabs[1].screen, phone(1))
    room.join(tabs[2].screen, phone(2))
    moderator = Page("moderator")
    room.join(moderator.screen)
    assert (room.present, room.sockets_of(phone(1))) == (2, 2)
    room.leave(tabs[0].screen)
    assert room.present == 2
    room.leave(tabs[0].screen)  # heard of twice
    assert room.present == 2
    room.leave(tabs[1].screen)
    assert (room.present, room.sockets_of(phone(1))) == (1, 0)


async def test_a_phone_that_comes_back_before_its_old_socket_is_given_up_is_one_phone(stage: Stage, room: Room) -> None:
    old, new = Page(), Page()
    room.join(old.screen, phone(1))
    room.join(new.screen, phone(1))
    room.leave(old.screen)
    assert room.present == 1
    await stage.turn()
    assert (await room.fresh()).present == 1


async def test_who_joins_gets_the_present_state_and_then_what_changes(stage: Stage, room: Room) -> None:
    first = Page()
    room.join(first.screen, phone(1))
    await stage.turn()
    assert first.last["value"]["stage"] == "lobby"
    stage.do(Verb.OPEN, CAKE)
    await stage.turn()
    assert first.last["value"]["stage"] == "question"
    late = Page()
    room.join(late.screen, phone(2))
    await stage.turn()
    assert late.last["value"] == first.last["value"]
    assert len(late.heard) == 1
    assert first.revisions == sorted(set(first.revisions))


async def test_a_vote_reaches_the_screens_that_show_it_and_no_other(stage: Stage, room: Room) -> None:
    stage.do(Verb.OPEN, CAKE)
    on_phone, big = Page(), Page("presenter", Form.HTML, "nl")
    room.join(on_phone.screen, phone(1))
    room.join(big.screen)
    await stage.turn()
    heard = len(on_phone.heard), len(big.heard)
    await stage.vote(1, "plum")
    await stage.turn()
    assert len(on_phone.heard) == heard[0]
    assert len(big.heard) == heard[1] + 1
    assert "--k:1" in big.heard[-1]
    await stage.vote(1, "plum")  # sent again: nothing changed
    await stage.turn()
    assert len(big.heard) == heard[1] + 1


async def test_the_first_change_shows_at_once_and_a_burst_at_most_ten_times_a_second(stage: Stage, room: Room) -> None:
    big = Page("presenter")
    stage.do(Verb.OPEN, CAKE)
    room.join(big.screen)
    await stage.turn()
    before = len(big.heard)
    begun = asyncio.get_running_loop().time()
    await stage.vote(1, "plum")
    await until(lambda: len(big.heard) > before)
    print(f"a vote was on the big screen after {asyncio.get_running_loop().time() - begun:.3f} s")
    begun = asyncio.get_running_loop().time()
    for number in range(2, 60):
        await stage.vote(number, "apple")
        await asyncio.sleep(0.005)
    took = asyncio.get_running_loop().time() - begun
    await stage.turn()
    assert len(big.heard) - before <= took * 10 + 4
    assert big.last["value"]["answered"] == 59


async def test_a_state_has_one_number_and_a_read_that_finds_nothing_new_gives_it_no_other(
    stage: Stage, room: Room
) -> None:
    await room.fresh()
    first = room.revision
    await asyncio.gather(*(room.fresh() for _ in range(20)))
    assert room.revision == first
    stage.do(Verb.NEXT)
    assert (await room.fresh()).state.current == CAKE
    assert room.revision == first + 1


async def test_who_asks_while_a_read_is_under_way_gets_one_that_began_after(
    stage: Stage, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = []
    read = room._read

    async def counted() -> Any:
        reads.append(1)
        return await read()

    monkeypatch.setattr(room, "_read", counted)
    running = asyncio.create_task(room.fresh())
    await asyncio.sleep(0)
    stage.do(Verb.NEXT)
    seen = await asyncio.gather(*(room.fresh() for _ in range(30)))
    await running
    assert {state.state.current for state in seen} == {CAKE}
    assert len(reads) == 2


async def test_a_page_and_the_frame_after_it_never_show_an_older_state(stage: Stage, room: Room) -> None:
    """A page was rendered between two frames that say the same; its socket hears what holds now."""
    watcher = Page()
    stage.do(Verb.NEXT)
    room.join(watcher.screen, phone(1))
    await stage.turn()
    stage.do(Verb.OPEN, CAKE)
    await room.fresh()  # the page: open
    page_revision = room.revision
    stage.do(Verb.CLOSE)
    stage.do(Verb.REOPEN)
    stage.do(Verb.CLOSE)
    socket = Page()
    room.join(socket.screen, phone(2))
    await stage.turn()
    assert socket.last["revision"] > page_revision
    assert socket.last["value"]["stage"] == "result"


async def test_screens_of_one_kind_and_language_share_a_rendering(stage: Stage, room: Room) -> None:
    made: list[tuple[str, str]] = []
    renderer = stage.hall._renderer
    render = renderer.render

    def counted(template: str, language: str, /, **values: Any) -> str:
        made.append((template, language))
        return render(template, language, **values)

    renderer.render = counted  # type: ignore[method-assign]
    pages = [Page(form=Form.HTML, language=language) for language in ("en", "nl") for _ in range(40)]
    for number, page in enumerate(pages):
        room.join(page.screen, phone(number))
    await stage.turn()
    templates = ("notice/_notice.html", "participant/_phone.html", "timer/_timer.html")
    assert sorted(made) == [(template, language) for template in templates for language in ("en", "nl")]
    assert len({page.heard[-1] for page in pages}) == 2


async def test_the_organiser_sees_all_rooms_move(stage: Stage) -> None:
    organiser = Page("organiser")
    overview = stage.hall.overview("tea")
    overview.join(organiser.screen)
    await stage.turn()
    assert [line["stage"] for line in organiser.last["value"]] == ["lobby", "lobby"]
    stage.do(Verb.OPEN, CAKE)
    await stage.turn()
    assert [line["stage"] for line in organiser.last["value"]] == ["question", "lobby"]


async def test_the_organiser_hears_of_what_a_page_was_the_first_to_see(stage: Stage) -> None:
    organiser = Page("organiser")
    overview = stage.hall.overview("tea")
    await overview.fresh()
    overview.join(organiser.screen)
    await stage.turn()
    stage.do(Verb.OPEN, CAKE)
    await stage.room.fresh()  # a page, before the room's turn
    await stage.turn()
    assert organiser.last["value"][0]["stage"] == "question"


async def test_a_restarted_process_numbers_its_frames_under_another_epoch(stage: Stage, database: Database) -> None:
    stage.do(Verb.OPEN, CAKE)
    again = Hall(database, Renderer(), KEYS, "http://poll.example", "e2")
    again.add(stage.room.event)
    await again.start()
    assert again.room("tea", "hall").state.state.current == CAKE
    page = Page()
    again.room("tea", "hall").join(page.screen, phone(1))
    await Stage(again, database).turn()
    assert page.last["epoch"] == "e2"
    await again.stop()
