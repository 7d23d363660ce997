"""Screens that do not read, over real sockets: they harm nobody, and nobody is ever told older news."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

import pytest
from served import CAKE, Served, Talk, raw_socket, until

SILENT = 50
GONE_WITHIN = 30


@pytest.mark.promise("R06")
async def test_a_screen_is_never_told_older_news_and_ends_with_the_true_state(served: Served) -> None:
    async with AsyncExitStack() as open_sockets:
        moderator = await open_sockets.enter_async_context(served.moderator())
        phones = [await open_sockets.enter_async_context(served.phone(number)) for number in range(6)]
        screens = [
            await open_sockets.enter_async_context(
                served.socket("/s/tea/hall/socket", cookie=served.pass_cookie("presenter"), max_queue=1)
            )
            for _ in range(4)
        ]
        pairs = zip(screens, _PAUSES, strict=True)
        listeners = [asyncio.create_task(_listen(screen, pause)) for screen, pause in pairs]
        revision = 0
        for round in range(8):
            answer = await moderator.command("reopen" if round else "open", revision, CAKE)
            for number, phone in enumerate(phones):
                await phone.cast(CAKE, ("apple", "plum")[(number + round) % 2], revision=round + 1)
            for verb in ("hide", "reveal", "close"):
                answer = await moderator.command(verb, answer["revision"])
            assert answer["type"] == "done"
            revision = answer["revision"]
        reply = await served.ask(
            "/s/tea/hall/regions",
            headers={"Accept": "application/json", "Cookie": served.pass_cookie("presenter")},
        )
        truth = {frame["region"]: frame["value"] for frame in reply.json()}
        for screen in screens:
            await until(partial(_shows, screen, truth["screen"]))
            for frames in screen.regions.values():
                revisions = [frame["revision"] for frame in frames]
                assert revisions == sorted(set(revisions))
        heard = [len(screen.regions["screen"]) for screen in screens]
        print(f"R06: 4 screens that read with pauses of {_PAUSES} s were told {heard} states, each in order")
        for listener in listeners:
            listener.cancel()


_PAUSES = (0, 0.05, 0.3, 1.0)


def _shows(screen: Talk, value: Any) -> bool:
    frames = screen.regions.get("screen")
    return frames is not None and bool(frames[-1]["value"] == value)


async def _listen(screen: Talk, pause: float) -> None:
    while True:
        await screen.hear()
        await asyncio.sleep(pause)


@asynccontextmanager
async def silent_phones(served: Served) -> AsyncIterator[list[socket.socket]]:
    """Phones that join and never read: their kernels take 2 kB and no more."""
    port = int(served.address.rpartition(":")[2])
    raws = []
    for number in range(SILENT):
        headers = (
            f"Origin: {served.url}\r\nCookie: {served.phone_cookie(1000 + number)}\r\n"
            "Sec-WebSocket-Protocol: polling.html.v1\r\n"
        )
        raws.append(await asyncio.to_thread(raw_socket, port, f"/p/{served.code()}/socket", headers))
    try:
        yield raws
    finally:
        for raw in raws:
            raw.close()


@pytest.mark.promise("R07")
async def test_fifty_screens_that_never_read_hold_up_nobody_and_are_gone_in_thirty_seconds(served: Served) -> None:
    room = served.site.hall.room("tea", "hall")
    delays: list[float] = []
    async with served.moderator() as moderator, served.phone(1) as phone, silent_phones(served):
        await until(lambda: room.present == SILENT + 1)
        begun, revision, answer = time.monotonic(), 0, {"revision": 0}
        while room.present > 1 and time.monotonic() - begun < GONE_WITHIN + 5:
            verb = "open" if not revision else ("close", "reopen")[revision % 2 - 1]
            sent = time.monotonic()
            answer = await moderator.command(verb, answer["revision"], CAKE)
            revision = answer["revision"]
            await phone.until("phone", stage="result" if verb == "close" else "question")
            delays.append(time.monotonic() - sent)
            await asyncio.sleep(0.05)
        gone = time.monotonic() - begun
        slow = sorted(delays)[int(len(delays) * 0.99)]
        print(f"R07: gone after {gone:.1f} s; the others' frames meanwhile: {len(delays)}, p99 {slow:.3f} s")
        assert room.present == 1
        assert gone <= GONE_WITHIN
        assert slow <= 1.0
