"""A restart during an open poll, and an orderly stop in the middle of a burst."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from crowd import Crowd, check_final
from server_process import BEST, WHY, Archive, ServerProcess, started

from polling.core.poll import Verb


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[ServerProcess]:
    async with started(tmp_path) as server:
        yield server


@pytest.mark.promise("R08")
async def test_after_a_kill_during_an_open_poll_everything_goes_on_where_it_was(server: ServerProcess) -> None:
    moderator = await server.moderator()
    await moderator.command(Verb.OPEN, str(BEST))
    crowd = Crowd(server, 40)
    await crowd.join()
    crowd.go()
    await crowd.heard(200)
    await crowd.settle_down()
    before = await moderator.until("now", lambda value: value["answered"] == value["present"] == 40)
    await asyncio.sleep(0.3)  # the last frame shows the last change of vote
    before = moderator.view["now"]

    await server.kill()
    begun = time.monotonic()
    await server.start()
    crowd.go()
    await crowd.heard(1)
    first = time.monotonic() - begun
    await crowd.settle_down()
    after: dict[str, Any] = await moderator.until("now", lambda value: value["present"] == 40)
    assert after["poll"] == before["poll"]
    assert after["answered"] == before["answered"]
    assert await moderator.command(Verb.CLOSE, str(BEST)), "the moderator's pass still holds"
    archive = Archive(server)
    check_final(archive, crowd.phones)
    assert first <= 5
    print(f"\nR08: same poll, same 40 ballots, roles still in; first acknowledgement {first:.1f} s after the start")
    await crowd.leave()
    await moderator.leave()
    archive.close()


@pytest.mark.promise("R09")
async def test_a_stop_in_mid_burst_flushes_and_loses_nothing(server: ServerProcess) -> None:
    await server.stop()
    server.forks = False  # the command itself, for its exit status
    await server.start()
    moderator = await server.moderator()
    await moderator.command(Verb.OPEN, str(BEST))
    crowd = Crowd(server, 60)
    await crowd.join()
    _, slow = await asyncio.open_connection("127.0.0.1", server.port)
    slow.write(b"POST /join HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\nhalf of it")
    crowd.go()
    await crowd.heard(200)
    status, seconds = await server.terminate()
    assert status == 0, server.log()
    assert seconds <= 10
    assert crowd.last_closes == {1012}
    at_stop = crowd.acknowledged
    slow.close()
    server.forks = True
    await server.start()
    await crowd.settle_down()
    archive = Archive(server)
    check_final(archive, crowd.phones)
    assert "Traceback" not in server.log()
    print(
        f"\nR09: gone {seconds:.1f} s after SIGTERM with status {status}, a slow upload open; "
        f"sockets closed with 1012; {at_stop} votes acknowledged until then, none lost"
    )
    await crowd.leave()
    await moderator.leave()
    archive.close()


@pytest.mark.promise("R08")
async def test_a_page_between_answers_is_the_same_after_a_restart(server: ServerProcess) -> None:
    moderator = await server.moderator()
    await moderator.command(Verb.OPEN, str(BEST))
    await moderator.command(Verb.CLOSE)
    await moderator.command(Verb.NEXT)
    before = await moderator.until("now", lambda value: value["stage"] == "coming")
    assert before["poll"]["key"] == str(WHY)
    await server.kill()
    await server.start()
    moderator.view.clear()
    assert await moderator.until("now", lambda value: True) == before
    await moderator.leave()
