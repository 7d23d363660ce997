"""Robots for people who practise: they are in every room, answer whatever is opened, again in each round, and go along
when people are called elsewhere."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from polling.core.errors import Refused
from polling.core.event import Event
from polling.core.questions.base import Answer, Question
from polling.core.rehearsal import Rehearsal
from polling.robots.line import Patience, TurnedAway
from polling.robots.manners import Manners
from polling.robots.people import People
from polling.robots.plan import Plan, Put, plan
from polling.robots.visit import Unreachable

USUAL = 24
"""Robots, where there is no rehearsal.yaml that says how many."""


def guests_plan(event: Event, rehearsal: Rehearsal | None, robots: int | None) -> Plan:
    """As rehearsal.yaml says, and for every question that it doesn't name an answer of each robot in the room."""
    if rehearsal is None:
        rehearsal = Rehearsal(participants=robots or USUAL, sessions={})
    dealt = plan(event, rehearsal, robots)
    answers = dict(dealt.answers)
    for put, question in _questions(event):
        if not answers.get(put):
            answers[put] = {robot: improvised(question, robot) for robot in dealt.rooms[put.session]}
    return Plan(dealt.phones, dealt.rooms, answers, {}, dealt.event, dealt.language)


def _questions(event: Event) -> Iterator[tuple[Put, Question]]:
    for session in event.sessions:
        for place in event.running_order(session.id):
            if place.question.answerable:
                yield Put(session.id, place.set.set, place.question.id), place.question


def improvised(question: Question, robot: int) -> Answer:
    """Something that fits the question, and not the same for all robots."""
    cells = question.all_cells()
    first = hashlib.sha256(f"{question.id} {robot}".encode()).digest()[0]
    for cell in _from(cells, first):
        try:
            question.parse((cell,), {})
        except Refused:
            continue
        return Answer((cell,), {})
    return Answer(*question.example())


def _from(cells: Sequence[str], first: int) -> Iterator[str]:
    """All of them, beginning somewhere."""
    yield from (cells[(first + number) % len(cells)] for number in range(len(cells)))


class Guests(People):
    """A swarm that goes along."""

    def __init__(
        self,
        base: str,
        plan: Plan,
        codes: Mapping[str, str],
        event: Event,
        speed: float = 1,
        patience: Patience | None = None,
    ) -> None:
        manners = Manners(late=0, lost=0.03, leaving=0, unsure=0.05, think=6, speed=speed)
        super().__init__(base, plan, codes, event, manners, patience)
        self._by_code = {code: session for session, code in codes.items()}
        self._followed: dict[int, int] = {}  # robot → the highest call that it has followed

    async def come(self) -> None:
        """Everybody into each of its rooms."""
        for session in self.plan.rooms:
            await self.enter(session)

    async def until_failure(self) -> None:
        """For ever, or until the server turns a robot away; raises why."""
        async with self._news:
            await self._news.wait_for(lambda: self.failure is not None)
        assert self.failure is not None
        raise self.failure

    def _look(self, robot: int, session: str, view: Mapping[str, Any]) -> None:
        super()._look(robot, session, view)
        call = view.get("call")
        if call and call["number"] > self._followed.get(robot, 0):
            self._followed[robot] = call["number"]
            if (to := self._by_code.get(call["code"]) or self._own_room(robot)) not in ("", session):
                self._spawn(self._follow(robot, session, to))

    def _own_room(self, robot: int) -> str:
        """Its break-out; "" where it has none."""
        rooms = (each.id for each in self._event.break_out_sessions)
        return next((room for room in rooms if robot in self.plan.rooms.get(room, ())), "")

    async def _follow(self, robot: int, session: str, to: str) -> None:
        await asyncio.sleep(self.manners.seconds_away(robot, to))
        try:
            self._inside.discard((robot, session))
            await self.phones[robot].leave(self.codes[session])
            if (robot, to) not in self._inside:
                await self._come(robot, to)
        except (TurnedAway, Unreachable) as failure:
            self.failure = failure
            await self._tell()
