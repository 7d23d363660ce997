"""A crowd of phones that change their minds without end, and the checker of what they were told."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

from server_process import BEST, HURRY, OPTIONS, Archive, ServerProcess

from polling.core.ballot import Fate
from polling.robots.phone import Phone


class Crowd:
    """Phones that vote on one poll, as fast as they hear that the last vote counted."""

    def __init__(self, server: ServerProcess, size: int, base: str | None = None, seed: int = 1) -> None:
        self.phones = [Phone(base or server.url, HURRY) for _ in range(size)]
        self.poll = str(BEST)
        self._server = server
        self._code = server.code()
        self._chance = random.Random(seed)
        self._going = False
        self._news = asyncio.Event()
        self._voting: list[asyncio.Task[None]] = []

    @property
    def acknowledged(self) -> int:
        return sum(len(phone.told) for phone in self.phones)

    @property
    def losses(self) -> int:
        """How often a phone lost its socket, or could not get one."""
        return sum(phone.line(self._code).losses for phone in self.phones)

    @property
    def last_closes(self) -> set[int | None]:
        """The codes that the phones' last sockets were closed with."""
        return {phone.line(self._code).last_close for phone in self.phones}

    @property
    def sent(self) -> int:
        return sum(len(phone.sent) for phone in self.phones)

    async def join(self) -> None:
        await asyncio.gather(*(phone.join(self._code) for phone in self.phones))

    def go(self) -> None:
        """Begins to vote."""
        self._going = True
        self._voting = [asyncio.create_task(self._vote(phone)) for phone in self.phones]

    async def _vote(self, phone: Phone) -> None:
        while self._going:
            await phone.cast(self._code, self.poll, [self._chance.choice(OPTIONS)])
            self._news.set()

    async def settle_down(self) -> None:
        """Each phone waits for its last acknowledgement, and stops."""
        self._going = False
        await asyncio.gather(*self._voting)

    async def heard(self, more: int) -> None:
        """Waits until so many more votes are acknowledged."""
        until = self.acknowledged + more
        while self.acknowledged < until:
            self._news.clear()
            await self._news.wait()

    async def leave(self) -> None:
        await asyncio.gather(*(phone.leave() for phone in self.phones))


def check(archive: Archive, phones: Sequence[Phone]) -> None:
    """No acknowledged ballot is missing, none is another than was sent, none is double."""
    listed = list(phones)
    for phone, held in zip(listed, archive.ballots(BEST, listed), strict=True):
        counted = [told for told in phone.told if told.fate is Fate.COUNTED]
        sent = {sent.revision: sent.picks for sent in phone.sent}
        if counted:
            assert held is not None, "an acknowledged ballot is missing"
            assert held.revision >= max(told.revision for told in counted), "an acknowledged ballot was lost"
        if held is not None:
            assert tuple(held.cells) == sent[held.revision], "a ballot is not what was sent"
    assert archive.stored(BEST) <= len(listed), "a phone has two ballots"
    assert archive.differences() == []
    assert archive.integrity() == "ok"


def check_final(archive: Archive, phones: Sequence[Phone]) -> None:
    """All is acknowledged: the ballots are exactly the last ones that the phones sent, and so is the tally."""
    check(archive, phones)
    listed = list(phones)
    last = [max(phone.sent, key=lambda sent: sent.revision) for phone in listed]
    held = archive.ballots(BEST, listed)
    assert [(ballot.revision, tuple(ballot.cells)) for ballot in held if ballot] == [
        (sent.revision, sent.picks) for sent in last
    ]
    respondents, cells = archive.counted(BEST)
    assert respondents == archive.stored(BEST) == len(listed)
    assert cells == {o: n for o in OPTIONS if (n := sum(sent.picks == (o,) for sent in last))}
