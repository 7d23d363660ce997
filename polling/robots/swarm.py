"""Many phones that play a plan: each answers what its plan says as soon as its room opens it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from polling.core.ballot import Fate
from polling.core.poll import PollKey
from polling.core.questions.base import Answer
from polling.robots.following import DOORS, Following
from polling.robots.line import Message, Patience, TurnedAway, jitter
from polling.robots.names import Names
from polling.robots.phone import Phone, Told
from polling.robots.plan import Plan, Put
from polling.robots.signing import NotSigned
from polling.robots.visit import Unreachable

T = TypeVar("T")


@dataclass(frozen=True)
class Pace:
    """In seconds: within how long answers trickle in, and how long a result is looked at."""

    think: float = 8.0
    look: float = 4.0


FAST = Pace(0, 0)


@dataclass
class Progress:
    """How far the swarm is, for a display."""

    joined: int = 0
    acknowledged: int = 0
    by_session: dict[str, int] = field(default_factory=dict)  # acknowledged
    refused: list[str] = field(default_factory=list)
    doing: dict[str, str] = field(default_factory=dict)  # session → its question now


async def together(*work: Coroutine[Any, Any, T]) -> list[T]:
    """All at once, each one's result; the first failure ends the others, and is raised as itself."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each) for each in work]
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]


class Swarm:
    """The robots of a plan. `codes`: the join code of each session, "" for the event's own. `following`: where there is
    one, robots find their rooms as people do."""

    def __init__(
        self,
        base: str,
        plan: Plan,
        codes: Mapping[str, str],
        pace: Pace,
        patience: Patience | None = None,
        phones: list[Phone] | None = None,
    ) -> None:
        self.following: Following | None = None
        self.plan = plan
        self.pace = pace
        self.progress = Progress()
        self.phones = phones or [Phone(base, patience) for _ in range(plan.phones)]
        self.failure: Exception | None = None
        self.codes = codes
        self.lost: set[int] = set()  # robots that are not where they belong: nobody waits for their answers
        self._begun: set[tuple[str, str, int]] = set()  # (session, poll, robot)
        self._missing: dict[tuple[str, str], set[int]] = {}  # (session, poll) → robots not yet acknowledged
        self._news = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()
        self.names = Names(plan, self.phones)

    async def enter(self, session: str) -> None:
        """Brings a session's robots into its room, and returns when all are there."""
        doors = asyncio.Semaphore(DOORS)

        async def one(robot: int) -> None:
            async with doors:
                await self._join(robot, session)
                self.progress.joined += 1

        await together(*(one(robot) for robot in self.plan.rooms[session]))

    async def _join(self, robot: int, session: str) -> None:
        code, there = self.codes[session], asyncio.Event()

        def on_region(name: str, message: Message) -> None:
            there.set()
            if name == "phone":
                self._look(robot, session, message["value"])
                if self.following is not None:
                    self.following.hear(robot, message["value"])

        await self.phones[robot].join(code, on_region)
        await self.phones[robot].line(code).until(there)

    async def leave(self, session: str) -> None:
        """Sends a session's robots out of its room."""
        await asyncio.gather(*(self.phones[robot].leave(self.codes[session]) for robot in self.plan.rooms[session]))

    async def arrive(self, robots: Sequence[int]) -> None:
        """Brings robots in by the event's code, and returns when all are there."""
        if self.following is not None:
            await together(*(self.following.come(robot) for robot in robots))

    async def go_in(self, robot: int, session: str) -> None:
        """On its own way into a session."""
        await self._join(robot, session)
        self.progress.joined += 1

    async def go_out(self, robot: int, session: str) -> None:
        """On its own way out of a session."""
        await self.phones[robot].leave(self.codes[session])

    def dawdles(self, robot: int, session: str) -> float:
        """Seconds before it goes to a session that it was called to."""
        return 0.0

    def prompt(self, robots: Iterable[int], session: str) -> list[int]:
        """Those of them who are with the others when all are called to a session."""
        return list(robots)

    async def fail(self, failure: Exception) -> None:
        """Ends the waiting for answers, which raises it."""
        self.failure = failure
        await self._tell()

    def _look(self, robot: int, session: str, view: Mapping[str, Any]) -> None:
        """What a robot does when its page changes: it answers what it has not answered yet; of a set at its own pace
        one question after the other."""
        asked = view["steps"] if view["stage"] == "own-pace" else [view] if view["stage"] == "question" else []
        new = []
        for each in asked:
            poll = str(each["poll"])
            if (session, poll, robot) not in self._begun and robot in self._planned(session, poll):
                self._begun.add((session, poll, robot))
                self._waited_for(session, poll)
                new.append((poll, _segment_of(poll, each["question"])))
        if new:
            self._spawn(self._answer_all(robot, session, new))

    async def _answer_all(self, robot: int, session: str, asked: Sequence[tuple[str, str | None]]) -> None:
        for poll, by in asked:
            await self._answer(robot, session, poll, by)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, robot: int, session: str, poll: str, by: str | None) -> None:
        answer = self.plan.answers[self._put(session, poll)][robot]
        await asyncio.sleep(jitter(self.pace.think))
        if not self.phones[robot].inside(self.codes[session]):  # called away meanwhile
            self._waited_for(session, poll).discard(robot)
            self.progress.refused.append(f"{session}/{poll}: left before")
            await self._tell()
            return
        try:
            told = await self.phones[robot].cast(self.codes[session], poll, answer.picks, answer.texts, by=by)
            if told.fate is Fate.COUNTED:
                await self.names.after_answer(robot, session, poll)
        except (TurnedAway, Unreachable, NotSigned) as failure:
            self.failure = failure
        else:
            self._count(robot, session, poll, told)
        await self._tell()

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()

    def _count(self, robot: int, session: str, poll: str, told: Told) -> None:
        self._waited_for(session, poll).discard(robot)
        if told.fate is Fate.COUNTED:
            self.progress.acknowledged += 1
            self.progress.by_session[session] = self.progress.by_session.get(session, 0) + 1
        else:
            self.progress.refused.append(f"{session}/{poll}: {told.code or told.fate}")

    async def until_answered(self, session: str, poll: str) -> None:
        """Waits until the server has answered every robot that the plan lets answer this poll."""
        missing = self._waited_for(session, poll)
        async with self._news:
            await self._news.wait_for(lambda: not missing or self.failure is not None)
        if self.failure is not None:
            raise self.failure

    async def until_told(self, session: str, poll: str) -> None:
        """After the close: until no answer to this poll is on its way any more. Here all were told before."""

    def answers(self, session: str, poll: str) -> Mapping[int, Answer]:
        """What must have been counted in this poll: everything that was planned."""
        return self._planned(session, poll)

    async def until_done(self) -> None:
        """Waits until everything in the plan has been answered: for robots that watch while people moderate."""

        def done() -> bool:
            finished = {(session, PollKey.from_text(poll)[:2]) for (session, poll), m in self._missing.items() if not m}
            return all((put.session, put[1:]) in finished for put, dealt in self.plan.answers.items() if dealt)

        async with self._news:
            await self._news.wait_for(lambda: done() or self.failure is not None)
        if self.failure is not None:
            raise self.failure

    def _put(self, session: str, poll: str) -> Put:
        key = PollKey.from_text(poll)
        return Put(session, key.set, key.question)

    def _planned(self, session: str, poll: str) -> Mapping[int, Answer]:
        return self.plan.answers.get(self._put(session, poll), {})

    def _waited_for(self, session: str, poll: str) -> set[int]:
        return self._missing.setdefault((session, poll), set(self._planned(session, poll)) - self.lost)

    async def close(self) -> None:
        """Sends everybody home."""
        if self.following is not None:
            await self.following.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(phone.leave() for phone in self.phones))


def _segment_of(poll: str, question: Mapping[str, Any]) -> str | None:
    """The segment question (set/question) by which this one is divided."""
    by: str | None = question.get("by")
    return by if by is None or "/" in by else f"{PollKey.from_text(poll).set}/{by}"
