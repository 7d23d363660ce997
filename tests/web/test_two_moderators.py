"""Two moderators of one room, in conflict: random commands from two pages over real sockets (R10).

POLLING_TEST_SEQUENCES=1000 plays as many sequences; the test command plays fewer.
"""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from served import EVENT, Served, serving

from polling.core.deciding import decide
from polling.core.errors import Code, Refused
from polling.core.event import Event
from polling.core.poll import CALLS, Command, PollKey, SessionState, State, Verb
from polling.core.regions.room import plan
from polling.robots.line import Line, Patience
from polling.store.sessions import session_state

SEQUENCES = int(os.environ.get("POLLING_TEST_SEQUENCES", "40"))
ROOMS = 199  # each sequence plays in a room of its own, until all were played in
AGREE = 1.0
"""Seconds in which two pages have to show the same."""

VERBS = [Verb.OPEN, Verb.CLOSE, Verb.REOPEN, Verb.REVEAL, Verb.HIDE, Verb.NEXT, Verb.ASK_AGAIN, Verb.PACE]
VERBS += [Verb.START_TIMER, Verb.EXTEND_TIMER, Verb.STOP_TIMER, *sorted(CALLS)]
POLLS = [None, *(PollKey("cakes", name, round) for name in ("cake", "toppings", "idea", "news") for round in (1, 2))]

one = st.tuples(st.sampled_from(VERBS), st.sampled_from(POLLS))
steps = st.lists(
    st.tuples(one, st.none() | one, st.booleans()),  # what one asks, what the other asks at once, and who begins
    min_size=1,
    max_size=12,
)

event = {
    **EVENT,
    "sessions": [
        {"id": f"room-{number}", "kind": "break-out", "title": f"Room {number}", "sets": ["cakes"]}
        for number in range(ROOMS)
    ],
}


class Page:
    """A moderator's page: the regions as it shows them, and commands based on what it shows."""

    def __init__(self, served: Served, session: str, name: str) -> None:
        self.shown: dict[str, Any] = {}
        self.changed = asyncio.Event()
        cookie = served.pass_cookie("moderator", session)
        url = f"{served.url}/m/tea/{session}/socket"
        self.line = Line(url, dict([cookie.split("=", 1)]), self._on_region, Patience(answer=5))
        self.ids = (f"{name}-{number}" for number in itertools.count())

    def _on_region(self, name: str, message: Mapping[str, Any]) -> None:
        self.shown[name] = message["value"]
        self.changed.set()

    @property
    def revision(self) -> int:
        """Of the session, as this page shows it."""
        return max((value["revision"] for value in self.shown.values() if "revision" in value), default=0)

    def asks(self, verb: Verb, poll: PollKey | None) -> Command:
        """A command as a press on this page sends it."""
        seconds = {Verb.START_TIMER: 60, Verb.EXTEND_TIMER: 30}.get(verb, 0)
        return Command(next(self.ids), verb, self.revision, poll, seconds=seconds)

    async def give(self, command: Command) -> Mapping[str, Any]:
        """Sends it, and gives the answer."""
        message: dict[str, Any] = {"type": "command", "id": command.id, "verb": command.verb.value}
        message |= {"based_on": command.based_on, "seconds": command.seconds}
        return await self.line.ask(message | ({"poll": str(command.poll)} if command.poll else {}))

    async def until(self, revision: int) -> None:
        """Waits until it shows the session at `revision`."""
        while self.revision < revision:
            self.changed.clear()
            await self.changed.wait()


@asynccontextmanager
async def two_pages(served: Served, session: str) -> Any:
    """Two moderators' pages of one room."""
    pages = [Page(served, session, name) for name in ("anna", "bert")]
    tasks = [asyncio.create_task(page.line.keep()) for page in pages]
    try:
        async with asyncio.timeout(10):
            for page in pages:
                while not page.shown:
                    page.changed.clear()
                    await page.changed.wait()
        yield pages
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Rooms:
    """A server, and a room that nobody played in yet."""

    def __init__(self, make: Any) -> None:
        self._make = make
        self._running: Any = None
        self._left: list[str] = []
        self.served: Served

    def fresh(self) -> tuple[Served, str]:
        """The server and an unused room; another server when all rooms were played in."""
        if not self._left:
            self.stop()
            self._running = serving(self._make("tea"), event)
            self.served = self._running.__enter__()
            self._left = [f"room-{number}" for number in range(ROOMS)]
        return self.served, self._left.pop()

    def stop(self) -> None:
        """Stops the server, if one is running."""
        if self._running is not None:
            self._running.__exit__(None, None, None)
            self._running = None


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rooms]:
    made = Rooms(tmp_path_factory.mktemp)
    yield made
    made.stop()


@pytest.mark.promise("R10")
@settings(
    max_examples=SEQUENCES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=steps)
def test_two_moderators_never_make_two_truths(rooms: Rooms, steps: Any) -> None:
    served, session = rooms.fresh()
    asyncio.run(_played(served, session, steps))


async def _played(served: Served, session: str, steps: Any) -> None:
    in_force = served.site.hall.events["tea"]
    async with two_pages(served, session) as pages:
        expected = SessionState()
        for (verb, poll), other, swapped in steps:
            first, second = reversed(pages) if swapped else pages
            asked = [(first, first.asks(verb, poll))]
            if other is not None:
                asked.append((second, second.asks(*other)))
            answers = await asyncio.gather(*(page.give(command) for page, command in asked))
            expected = _judged(in_force, session, expected, [command for _, command in asked], answers)
            stored = _stored(served, session)
            assert _plain(stored) == _plain(expected)
            assert sum(poll.state is State.OPEN for poll in stored.polls.values()) <= _most_open(stored)
            async with asyncio.timeout(AGREE):
                await asyncio.gather(*(page.until(stored.revision) for page in pages))
                await _agree(*pages)
            again = await asyncio.gather(*(page.give(command) for page, command in asked))
            assert [_told(answer) for answer in again] == [_told(answer) for answer in answers]


async def _agree(first: Page, second: Page) -> None:
    while first.shown != second.shown:
        first.changed.clear()
        second.changed.clear()
        await asyncio.wait(
            [asyncio.ensure_future(page.changed.wait()) for page in (first, second)], return_when="FIRST_COMPLETED"
        )


def _judged(
    in_force: Event, session: str, before: SessionState, asked: list[Command], answers: list[Mapping[str, Any]]
) -> SessionState:
    """The session after what the server says it did, in the order of its revisions. Each command was carried out as the
    core decides, or refused for the core's reason."""
    state, order = before, plan(in_force, session)
    rules = {"present": 0, "smallest_group": in_force.privacy.smallest_group}
    done = [
        (answer["revision"], command) for answer, command in zip(answers, asked, strict=True) if "code" not in answer
    ]
    for revision, command in sorted(done, key=lambda each: each[0]):
        assert command.verb in CALLS or command.based_on == revision - 1, "carried out on what its giver had not seen"
        state = decide(order, state, command, **rules)
        assert state.revision == revision
    for answer, command in zip(answers, asked, strict=True):
        if "code" in answer and answer["code"] != Code.STALE:
            with pytest.raises(Refused) as refused:
                decide(order, before, command, **rules)
            assert refused.value.code == answer["code"]
        elif "code" in answer:
            assert command.based_on != answer["revision"], "stale, though it was based on how the session stands"
    return state


def _stored(served: Served, session: str) -> SessionState:
    with served.site.database.read() as connection:
        return session_state(connection, "tea", session)


def _plain(state: SessionState) -> Any:
    """What can be compared of a session: all but when its timers started, and how its bars move."""
    polls = {key: (poll.state, poll.revealed, poll.timer and poll.timer.seconds) for key, poll in state.polls.items()}
    return state.revision, state.current, state.calling, dict(state.paces), polls


def _most_open(state: SessionState) -> int:
    """One poll, or all of a set that participants go through at their own pace."""
    return 4 if state.paces.get("cakes") else 1


def _told(answer: Mapping[str, Any]) -> tuple[Any, ...]:
    return answer["type"], answer["revision"], answer.get("code")
