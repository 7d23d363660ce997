"""Robots with people's manners: the same plan, answered as a hall of people would. What each of them knows to be
acknowledged is kept, so that what was counted can be held against it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from polling.core.ballot import Fate
from polling.core.event import Event
from polling.core.poll import PollKey
from polling.core.questions.base import Answer
from polling.robots.following import DOORS
from polling.robots.line import Patience, TurnedAway
from polling.robots.manners import Loss, Manners
from polling.robots.phone import Told
from polling.robots.plan import Plan
from polling.robots.swarm import Pace, Swarm, together
from polling.robots.visit import Unreachable

LOOK = 4.0
"""Seconds that people look at a result."""
TOLD_WITHIN = 30.0
"""Seconds within which every answer on its way must be told what became of it."""


@dataclass
class Happened:
    """What people did, counted."""

    late: int = 0
    lost: int = 0
    left: int = 0
    changed: int = 0
    missed: int = 0  # polls that closed before someone answered


@dataclass
class _Poll:
    """A poll as its robots know it."""

    counted: dict[int, Answer] = field(default_factory=dict)  # robot → its last acknowledged answer
    busy: set[int] = field(default_factory=set)  # robots that are in the room and have not done with it
    on_its_way: int = 0


class People(Swarm):
    """A swarm with manners."""

    def __init__(
        self,
        base: str,
        plan: Plan,
        codes: Mapping[str, str],
        event: Event,
        manners: Manners,
        patience: Patience | None = None,
    ) -> None:
        super().__init__(base, plan, codes, Pace(manners.think / manners.speed, LOOK / manners.speed), patience)
        self.manners = manners
        self.happened = Happened()
        self._event = event
        self._polls: dict[tuple[str, str], _Poll] = {}
        self._gone: set[int] = set()
        self._coming: set[int] = set()  # late, and not there yet
        self._inside: set[tuple[int, str]] = set()
        self._over: set[str] = set()  # sessions
        self._latest: dict[tuple[int, str], str] = {}  # (robot, session) → the poll that is open on its page

    async def enter(self, session: str) -> None:
        """Brings in those who are in time; the others come later, by themselves."""
        doors = asyncio.Semaphore(DOORS)

        async def one(robot: int) -> None:
            async with doors:
                await self._come(robot, session)

        here = [robot for robot in self.plan.rooms[session] if robot not in self._gone]
        late = {robot: seconds for robot in here if (seconds := self.manners.seconds_late(robot, session))}
        await together(*(one(robot) for robot in here if robot not in late))
        for robot, seconds in late.items():
            self._spawn(self._come_later(robot, session, seconds))

    async def _come_later(self, robot: int, session: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        if session not in self._over and robot not in self._gone:
            self.happened.late += 1
            await self._come(robot, session)
            await self._tell()

    async def _come(self, robot: int, session: str) -> None:
        self._inside.add((robot, session))
        await self._join(robot, session)
        self.progress.joined += 1

    async def leave(self, session: str) -> None:
        """Everybody goes, and who is late still does not come."""
        self._over.add(session)
        await super().leave(session)
        self._inside = {(robot, room) for robot, room in self._inside if room != session}

    async def arrive(self, robots: Sequence[int]) -> None:
        """As `enter`, by the event's code: who is late goes to where everyone is by then."""
        home = self._event.home
        late = {robot: seconds for robot in robots if (seconds := self.manners.seconds_late(robot, home))}
        await super().arrive([robot for robot in robots if robot not in late])
        self._coming |= set(late)
        for robot, seconds in late.items():
            self._spawn(self._arrive_later(robot, seconds))

    async def _arrive_later(self, robot: int, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self.happened.late += 1
        try:
            await super().arrive([robot])
        except (TurnedAway, Unreachable) as failure:
            await self.fail(failure)
        await self._tell()

    async def go_in(self, robot: int, session: str) -> None:
        """Unless it left for good while it was on its way."""
        self._coming.discard(robot)
        if robot not in self._gone:
            self._inside.add((robot, session))
            await super().go_in(robot, session)
            await self._tell()

    async def go_out(self, robot: int, session: str) -> None:
        """It is somewhere else from now on."""
        self._inside.discard((robot, session))
        await super().go_out(robot, session)
        await self._tell()

    def dawdles(self, robot: int, session: str) -> float:
        """Who is late for a break-out has coffee first."""
        seconds = 0.0 if session == self._event.home else self.manners.seconds_late(robot, session)
        if seconds:
            self.happened.late += 1
            self._coming.add(robot)
        return seconds

    def prompt(self, robots: Iterable[int], session: str) -> list[int]:
        """Without those who left for good, who are not there yet, and who will be late for their break-out."""
        own = self.following.own if self.following is not None and session != self._event.home else {}
        here = [robot for robot in robots if robot not in self._gone | self._coming]
        return [robot for robot in here if not (robot in own and self.manners.seconds_late(robot, own[robot]))]

    def _look(self, robot: int, session: str, view: Mapping[str, object]) -> None:
        self._latest[robot, session] = str(view["poll"]) if view["stage"] == "question" else ""
        super()._look(robot, session, view)

    async def _answer(self, robot: int, session: str, poll: str, by: str | None) -> None:
        about = self._poll(session, poll)
        about.busy.add(robot)
        try:
            await self._take_part(robot, session, poll, by)
        except (TurnedAway, Unreachable) as failure:
            self.failure = failure
        finally:
            about.busy.discard(robot)
            await self._tell()

    async def _take_part(self, robot: int, session: str, poll: str, by: str | None) -> None:
        where, code = f"{session}/{poll}", self.codes[session]
        loss = self.manners.loss(robot, where)
        await asyncio.sleep(self.manners.seconds_to_think(robot, where))
        if loss is Loss.LEFT:
            await self._go(robot)
            return
        if loss is Loss.AWAY:
            self.happened.lost += 1
            await self.phones[robot].leave(code)
            await asyncio.sleep(self.manners.seconds_away(robot, where))
            if (robot, session) not in self._inside:
                return
            await self._join(robot, session)
        answer, doubt = self._answer_of(robot, session, poll), self.manners.seconds_to_doubt(robot, where)
        first = self._first_thought(robot, session, poll) if doubt is not None else answer
        told = await self._cast(robot, session, poll, first, by, cut=loss is Loss.CUT)
        if doubt is not None and first != answer and told:
            await asyncio.sleep(doubt)
            if await self._cast(robot, session, poll, answer, by):
                self.happened.changed += 1
        if loss is Loss.LEFT_AFTER and told:
            await self._go(robot)

    async def _cast(
        self, robot: int, session: str, poll: str, answer: Answer, by: str | None, *, cut: bool = False
    ) -> bool:
        """Casts, if the question still stands on its page; whether it was counted."""
        if self._latest.get((robot, session)) != poll or (robot, session) not in self._inside:
            self.happened.missed += robot not in self._poll(session, poll).counted
            return False
        about, phone, code = self._poll(session, poll), self.phones[robot], self.codes[session]
        about.on_its_way += 1
        try:
            casting = asyncio.create_task(phone.cast(code, poll, answer.picks, answer.texts, by=by))
            if cut:
                self.happened.lost += 1
                await asyncio.sleep(0)  # it has been sent, and nothing was heard
                phone.line(code).tear()
            return self._heard(robot, session, poll, answer, await casting)
        finally:
            about.on_its_way -= 1
            await self._tell()

    def _heard(self, robot: int, session: str, poll: str, answer: Answer, told: Told) -> bool:
        counted = self._poll(session, poll).counted
        if told.fate is not Fate.COUNTED:
            self.progress.refused.append(f"{session}/{poll}: {told.code or told.fate}")
            self.happened.missed += robot not in counted
            return False
        if robot not in counted:
            self.progress.acknowledged += 1
            self.progress.by_session[session] = self.progress.by_session.get(session, 0) + 1
        counted[robot] = answer
        return True

    async def _go(self, robot: int) -> None:
        """For good."""
        self.happened.left += 1
        self._gone.add(robot)
        self._inside = {(other, room) for other, room in self._inside if other != robot}
        await self.phones[robot].leave()

    async def until_answered(self, session: str, poll: str) -> None:
        """Waits until everyone who is there has done with the question, or the moderator's patience is at its end."""
        about = self._poll(session, poll)
        timer = self._event.question(PollKey.from_text(poll)).timer
        wait = self.manners.patience(timer.seconds if timer else None)
        await asyncio.sleep(min(wait, self.pace.look))  # until the first pages show it

        async def done() -> None:
            async with self._news:
                await self._news.wait_for(lambda: self.failure is not None or self._is_done(session, poll, about))

        try:
            async with asyncio.timeout(wait):
                await done()
        except TimeoutError:
            pass
        if self.failure is not None:
            raise self.failure

    def _is_done(self, session: str, poll: str, about: _Poll) -> bool:
        here = {robot for robot, room in self._inside if room == session} & set(self._planned(session, poll))
        begun = {robot for room, asked, robot in self._begun if (room, asked) == (session, poll)}
        return not about.busy and here <= begun

    async def until_told(self, session: str, poll: str) -> None:
        """After the close: until every answer that was on its way has been told what became of it."""
        about = self._poll(session, poll)
        async with asyncio.timeout(TOLD_WITHIN), self._news:
            await self._news.wait_for(lambda: not about.on_its_way)

    def answers(self, session: str, poll: str) -> Mapping[int, Answer]:
        """What was acknowledged, as the robots know it."""
        return self._poll(session, poll).counted

    def _poll(self, session: str, poll: str) -> _Poll:
        return self._polls.setdefault((session, poll), _Poll())

    def _answer_of(self, robot: int, session: str, poll: str) -> Answer:
        return self._planned(session, poll)[robot]

    def _first_thought(self, robot: int, session: str, poll: str) -> Answer:
        """What someone else in the room answers."""
        dealt = self._planned(session, poll)
        others = list(dealt)
        return dealt[others[(others.index(robot) + 1) % len(others)]]
