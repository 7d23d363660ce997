"""The way of phones from room to room: in by the event's code, along when called, to the room that they choose."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from polling.core.event import Event
from polling.robots.line import Message, TurnedAway, jitter
from polling.robots.phone import Phone
from polling.robots.plan import Plan
from polling.robots.visit import Unreachable

SPREAD = 1.5
"""Seconds within which phones go that were called at once, as the page's own script has them."""
DOORS = 40
"""How many pages are asked for at the same time."""
LOOK = 0.05
"""Seconds between two looks at who is there."""
THERE_WITHIN = 60.0
"""Seconds within which every phone must be where it belongs."""


@dataclass
class Way:
    """How phones followed a call. `seconds`: until the last one was there."""

    to: str  # a session, or * for the break-outs
    sent: int
    arrived: int = 0
    seconds: float = 0.0
    full: int = 0  # were told that their room is full, and went in by its own code
    wrong: list[str] = field(default_factory=list)


class Walkers(Protocol):
    """The robots on their way."""

    phones: list[Phone]

    async def go_in(self, robot: int, session: str) -> None:
        """Its phone shows a session's page; returns when that has told something."""

    async def go_out(self, robot: int, session: str) -> None:
        """Its phone leaves a session's page."""

    def dawdles(self, robot: int, session: str) -> float:
        """Seconds before it goes to a session."""

    async def fail(self, failure: Exception) -> None:
        """Something went wrong that ends it all."""


class Following:
    """Leads the phones of a plan. Each keeps, as a phone does, the highest call that it has followed, and goes by the
    public protocol alone: pages, the list of rooms, sockets."""

    def __init__(self, event: Event, plan: Plan, walkers: Walkers, codes: Mapping[str, str], look: float) -> None:
        self.home = event.home
        self.own = {robot: each.id for each in event.break_out_sessions for robot in plan.rooms.get(each.id, ())}
        self._walkers = walkers
        self._codes = codes
        self._sessions = {code: session for session, code in codes.items() if session}
        self._at_home = set(plan.rooms.get(event.home, ()))
        self._look = look
        self._followed: dict[int, int] = {}  # robot → the highest call
        self._turns: dict[int, asyncio.Lock] = {}
        self._going: set[asyncio.Task[None]] = set()
        self._doors = asyncio.Semaphore(DOORS)
        self._full: set[int] = set()
        self._arrived: dict[int, float] = {}

    @staticmethod
    def is_possible(event: Event, codes: Mapping[str, str]) -> bool:
        """Whether there is a way to go: from one plenary to break-outs, by a code of the event's own."""
        return bool(event.home and event.break_out_sessions and codes.get(""))

    # what robots do

    async def come(self, robot: int) -> None:
        """In by the event's code, to where everyone is."""
        async with self._turn(robot):
            await self._go_to(robot, self._codes[""])

    def late(self) -> list[int]:
        """Those who were not in the plenary: they come by the event's code when all are in the break-outs."""
        return [robot for robot in self.own if robot not in self._at_home]

    def moved(self, session: str, to: str) -> None:
        """A room moved into another: its people belong there."""
        self.own = {robot: to if room == session else room for robot, room in self.own.items()}

    def hear(self, robot: int, view: Mapping[str, Any]) -> None:
        """What a robot's page says about where everyone was asked to go."""
        call = view.get("call")
        if not call or call["number"] <= self._followed.get(robot, 0):
            return
        self._followed[robot] = call["number"]
        if call["code"] != self._codes[""] or robot in self.own:  # whom no room is planned for stays
            self._spawn(robot, call["number"], call["code"])

    def _spawn(self, robot: int, number: int, code: str) -> None:
        task = asyncio.create_task(self._follow(robot, number, code))
        self._going.add(task)
        task.add_done_callback(self._going.discard)

    async def _follow(self, robot: int, number: int, code: str) -> None:
        try:
            async with self._turn(robot):
                to = self._sessions.get(code) or self.own[robot]
                await asyncio.sleep(jitter(min(SPREAD, self._look)) + self._walkers.dawdles(robot, to))
                await self._walkers.phones[robot].idle()
                if self._followed[robot] == number:  # called somewhere else meanwhile
                    await self._go_to(robot, code)
        except (TurnedAway, Unreachable) as failure:
            await self._walkers.fail(failure)

    async def _go_to(self, robot: int, code: str) -> None:
        phone, everyone = self._walkers.phones[robot], self._codes[""]
        for session in [session for each, session in self._sessions.items() if phone.inside(each)]:
            await self._walkers.go_out(robot, session)
        await phone.leave(everyone)
        async with self._doors:
            there: str | None = await phone.find(code)
        own = self._codes.get(self.own.get(robot, ""))
        if there == everyone or (code == everyone and there not in (own, self._codes[self.home])):
            there = await self._choose(robot)
        if there is not None:
            await self._walkers.go_in(robot, self._sessions[there])
            self._arrived[robot] = time.monotonic()

    async def _choose(self, robot: int) -> str | None:
        """The list of rooms, looked at for a while, and then its own; None: it stays at the list, or is called away."""
        phone, everyone, own = self._walkers.phones[robot], self._codes[""], self.own.get(robot)
        called, there = self._followed.get(robot, 0), asyncio.Event()

        def on_region(name: str, message: Message) -> None:
            there.set()
            if name == "rooms":
                self.hear(robot, message["value"])

        await phone.join(everyone, on_region)
        await phone.line(everyone).until(there)
        if own is None:
            return None
        await asyncio.sleep(jitter(self._look))
        code = None
        if self._followed.get(robot, 0) == called:
            async with self._doors:
                code = await phone.choose(everyone, own)
                if code is None:
                    self._full.add(robot)
                    code = await phone.find(self._codes[own])
        await phone.leave(everyone)
        return code

    # where they are

    def expected(self, to: str) -> dict[int, str]:
        """Robot → the session where it belongs after this sending."""
        if to == self.home:
            return dict.fromkeys(self._at_home | set(self.own), self.home)
        return {robot: self.home for robot in self._at_home if robot not in self.own} | self.own

    async def until_there(self, to: str, awaited: Callable[[], list[int]], sent: float) -> Way:
        """Waits until each robot that is `awaited` is where it belongs, or the patience is at its end; how they came
        there."""
        expected = self.expected(to)
        try:
            async with asyncio.timeout(THERE_WITHIN):
                while not all(self.is_at(robot, expected[robot]) for robot in awaited()):  # noqa: ASYNC110 (some may leave)
                    await asyncio.sleep(LOOK)
        except TimeoutError:
            pass
        moved = [robot for robot in awaited() if (expected[robot] == self.home) == (to == self.home)]
        way = Way(to, len(moved), full=len(self._full))
        way.arrived = sum(self.is_at(robot, expected[robot]) for robot in moved)
        way.seconds = max([self._arrived.get(robot, sent) - sent for robot in moved], default=0.0)
        self._full = set()
        return way

    def is_at(self, robot: int, session: str) -> bool:
        """Whether a robot's only page is that session's, by the address of its socket."""
        return self._walkers.phones[robot].places == {self._codes[session]}

    def astray(self, to: str, robots: Iterable[int]) -> dict[int, str]:
        """Those who are somewhere else, each in words."""
        expected, names = self.expected(to), {code: session for session, code in self._codes.items()}
        found = {}
        for robot in robots:
            if not self.is_at(robot, expected[robot]):
                places = ", ".join(
                    sorted(names[code] or "the list of rooms" for code in self._walkers.phones[robot].places)
                )
                found[robot] = f"phone {robot} is in {places or 'no room'} instead of {expected[robot]}"
        return found

    def heads(self, to: str, robots: Iterable[int]) -> Counter[str]:
        """How many of them belong in each session."""
        expected = self.expected(to)
        heads = Counter(dict.fromkeys(self._sessions.values(), 0))
        heads.update(expected[robot] for robot in robots)
        return heads

    async def close(self) -> None:
        """Nobody goes anywhere any more."""
        for task in list(self._going):
            task.cancel()
        await asyncio.gather(*self._going, return_exceptions=True)

    def _turn(self, robot: int) -> asyncio.Lock:
        return self._turns.setdefault(robot, asyncio.Lock())
