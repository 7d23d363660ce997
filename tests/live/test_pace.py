"""A pace: the first at once, then at most so many a second, and nothing forgotten."""

from __future__ import annotations

import asyncio
from time import monotonic

import pytest

from polling.live import pace
from polling.live.pace import Pace


async def test_the_first_is_done_at_once_and_the_last_is_never_forgotten() -> None:
    asked, done = 0, []

    async def work() -> None:
        done.append(asked)

    it = Pace(work, interval=0.05)
    begun = monotonic()
    asked = 1
    it.ask()
    await asyncio.sleep(0.01)
    assert done == [1]
    while monotonic() - begun < 0.5:
        asked += 1
        it.ask()
        await asyncio.sleep(0.002)
    await asyncio.sleep(0.1)
    assert done[-1] == asked
    assert 4 <= len(done) <= 13
    await it.stop()


async def test_work_that_fails_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "AFTER_A_FAILURE", 0.02)
    tries = []

    async def work() -> None:
        tries.append(1)
        if len(tries) < 3:
            raise OSError

    it = Pace(work, interval=0.01)
    it.ask()
    await asyncio.sleep(0.15)
    assert len(tries) == 3
    await it.stop()
