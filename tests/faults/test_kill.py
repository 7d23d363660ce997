"""`kill -9` in the middle of a burst of votes."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from crowd import Crowd, check, check_final
from server_process import BEST, Archive, ServerProcess, started

from polling.core.poll import Verb

PHONES, KILLS = 240, 20


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[ServerProcess]:
    async with started(tmp_path) as server:
        yield server


@pytest.mark.promise("R01")
async def test_no_acknowledged_vote_is_lost_when_the_server_is_killed_in_mid_burst(server: ServerProcess) -> None:
    moderator = await server.moderator()
    await moderator.command(Verb.OPEN, str(BEST))
    crowd = Crowd(server, PHONES)
    await crowd.join()
    archive = Archive(server)
    chance = random.Random(20)
    crowd.go()
    begun, restarts = time.monotonic(), []
    for _ in range(KILLS):
        await crowd.heard(2 * PHONES)
        await asyncio.sleep(chance.uniform(0, 0.2))
        await server.kill()
        check(archive, crowd.phones)  # what the dead process left behind
        restarts.append(await server.start())
    await crowd.heard(2 * PHONES)
    await crowd.settle_down()
    check_final(archive, crowd.phones)
    print(
        f"\nR01: {KILLS} kills in {time.monotonic() - begun:.0f} s, {crowd.sent} votes sent by {PHONES} phones, "
        f"{crowd.acknowledged} acknowledged, 0 lost, 0 double; ready again after {max(restarts):.1f} s at most"
    )
    await crowd.leave()
    await moderator.leave()
    archive.close()
