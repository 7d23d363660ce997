"""A vote counts once, however often and in whatever order it arrives."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from chaos_proxy import ChaosProxy
from crowd import Crowd, check_final
from server_process import BEST, HURRY, OPTIONS, Archive, ServerProcess, started

from polling.core.ballot import Fate
from polling.core.poll import Verb
from polling.robots.phone import Phone


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[ServerProcess]:
    async with started(tmp_path) as server:
        yield server


@pytest.mark.promise("R02")
async def test_a_vote_counts_once_through_cuts_delays_and_a_kill(server: ServerProcess) -> None:
    moderator = await server.moderator()
    await moderator.command(Verb.OPEN, str(BEST))
    proxy = ChaosProxy(server.port, cut=0.08, delay=0.03)
    crowd = Crowd(server, 40, base=await proxy.start())
    for phone in crowd.phones:  # not everyone's first page may be lost: joining is not what is tested
        phone.cookies = {"polling-participant": server.keys.new_participant(random.randbytes(16))}
    await crowd.join()
    crowd.go()
    await crowd.heard(200)
    await server.kill()
    await server.start()
    await crowd.heard(200)
    await crowd.settle_down()
    archive = Archive(server)
    check_final(archive, crowd.phones)
    print(
        f"\nR02: {crowd.sent} votes by 40 phones, {proxy.cuts} cuts and one kill, {crowd.losses} sockets lost: "
        f"{archive.stored(BEST)} ballots, tally equal to the phones' own record"
    )
    await crowd.leave()
    await moderator.leave()
    await proxy.stop()
    archive.close()


@pytest.mark.promise("R02")
async def test_replays_stale_revisions_tabs_and_parallel_first_votes_make_one_ballot(server: ServerProcess) -> None:
    moderator = await server.moderator()
    await moderator.command(Verb.OPEN, str(BEST))
    code, archive, poll = server.code(), Archive(server), str(BEST)
    replayed, late, tabs, many = (Phone(server.url, HURRY) for _ in range(4))
    for phone in (replayed, late, tabs, many):
        await phone.join(code)

    told = [await replayed.cast(code, poll, ["apple"], revision=1) for _ in range(3)]
    assert {each.fate for each in told} == {Fate.COUNTED}

    assert (await late.cast(code, poll, ["cherry"], revision=3)).fate is Fate.COUNTED
    for revision in (1, 2):
        old = await late.cast(code, poll, ["apple"], revision=revision)
        assert (old.fate, old.revision, old.picks) == (Fate.SUPERSEDED, 3, ("cherry",))

    second = Phone(server.url, HURRY)
    second.cookies = dict(tabs.cookies)
    await second.join(code)
    both = await asyncio.gather(
        tabs.cast(code, poll, ["apple"], revision=1), second.cast(code, poll, ["banana"], revision=1)
    )
    assert sorted(each.fate for each in both) == [Fate.COUNTED, Fate.SUPERSEDED]
    assert len({each.picks for each in both}) == 1, "both tabs are told the one answer that counts"

    first = await asyncio.gather(*(many.cast(code, poll, [OPTIONS[n % 5]], revision=1) for n in range(50)))
    assert len({each.picks for each in first}) == 1
    assert {each.fate for each in first if each.sent.picks != first[0].picks} == {Fate.SUPERSEDED}

    assert archive.stored(BEST) == archive.counted(BEST)[0] == 4
    assert archive.differences() == []
    print("\nR02: 3 replays, 2 stale revisions, 2 tabs, 50 parallel first votes: one ballot each")
    for phone in (replayed, late, tabs, second, many):
        await phone.leave()
    await moderator.leave()
    archive.close()
