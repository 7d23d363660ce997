"""The names that a plan's robots put to answers: which at once, which later, and which they take back."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from polling.core.poll import PollKey
from polling.robots.phone import Phone
from polling.robots.plan import Plan, Put, Signs
from polling.robots.signing import person, withdraw

TOGETHER = 20
"""How many sign at the same time."""


@dataclass(frozen=True)
class _Waiting:
    """A signing that its robot does later."""

    robot: int
    session: str
    poll: str
    signs: Signs


class Names:
    """Has the robots sign what the plan says. `signed` and `withdrawn` count what the server took."""

    def __init__(self, plan: Plan, phones: Sequence[Phone]) -> None:
        self.signed = 0
        self.withdrawn = 0
        self._plan = plan
        self._phones = phones
        self._later: list[_Waiting] = []
        self._to_withdraw: list[str] = []

    async def after_answer(self, robot: int, session: str, poll: str) -> None:
        """What a robot does as soon as its answer is counted. Raises `NotSigned`."""
        key = PollKey.from_text(poll)
        for signs in self._plan.signs.get(Put(session, key.set, key.question), {}).get(robot, ()):
            waiting = _Waiting(robot, session, poll, signs)
            if signs.later:
                self._later.append(waiting)
            else:
                await self._sign(waiting)

    async def after_event(self) -> None:
        """Those who still put a name to an answer, and then those who take theirs back. Raises `NotSigned`."""
        await self.sign_later()
        await self.take_back()

    async def sign_later(self) -> None:
        """The names that come when all is over, with what the phones kept. Raises `NotSigned`."""
        later, self._later = self._later, []
        await _together([self._sign(each) for each in later])

    async def take_back(self) -> None:
        """Those who withdraw, by their private links. Raises `NotSigned`."""
        keys, self._to_withdraw = self._to_withdraw, []
        await _together([self._withdraw(key) for key in keys])

    async def _sign(self, it: _Waiting) -> None:
        phone, who = self._phones[it.robot], person(it.robot)
        key = await phone.sign(self._plan.event, it.session, it.poll, it.signs.cell, who, self._plan.language)
        self.signed += 1
        if it.signs.withdraws:
            self._to_withdraw.append(key)

    async def _withdraw(self, key: str) -> None:
        await withdraw(self._phones[0].base, key)
        self.withdrawn += 1


async def _together(work: Sequence[Coroutine[Any, Any, None]]) -> None:
    doors = asyncio.Semaphore(TOGETHER)

    async def one(each: Coroutine[Any, Any, None]) -> None:
        async with doors:
            await each

    await asyncio.gather(*(one(each) for each in work))
