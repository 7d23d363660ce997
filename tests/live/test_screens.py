"""Screens: one slot a region, the newest wins, and a task only where a socket blocks."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import closing, contextmanager, suppress
from functools import cache
from typing import Any

import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from served import free_port, raw_socket
from starlette.types import Receive, Scope, Send

from polling.cli.serve import listen
from polling.live.frame import Body, Form, Frame
from polling.live.screens import Screen

Told = list[str]


class Socket:
    """A server's send, as uvicorn's: it waits for room before it writes."""

    def __init__(self) -> None:
        self.heard: Told = []
        self.reads = asyncio.Event()
        self.reads.set()
        self.is_closed = False

    async def send(self, message: MutableMapping[str, Any]) -> None:
        await self.reads.wait()
        if self.is_closed:
            raise OSError
        self.heard.append(message["text"])


@cache
def body(text: str) -> Body:
    """One for all frames that say the same, as an audience keeps it."""
    return Body("", f":{text}")


def frame(revision: int, text: str = "", region: str = "phone") -> Frame:
    return Frame(region, revision, body(text or str(revision)))


def screen(it: Socket) -> Screen:
    return Screen(it.send, "participant", Form.HTML, "en")


async def test_a_screen_that_reads_gets_each_frame_at_once_and_costs_no_task() -> None:
    it = Socket()
    page = screen(it)
    tasks = len(asyncio.all_tasks())
    page.offer(frame(1))
    page.offer(frame(2))
    assert it.heard == ["1:1", "2:2"]
    assert len(asyncio.all_tasks()) == tasks


async def test_a_screen_that_stops_reading_gets_the_newest_frame_when_it_reads_again() -> None:
    it = Socket()
    page = screen(it)
    it.reads.clear()
    page.offer(frame(1))
    await asyncio.sleep(0)
    for revision in range(2, 50):
        page.offer(frame(revision))
    page.offer(frame(7, region="people"))
    await asyncio.sleep(0)
    assert it.heard == []
    it.reads.set()
    await asyncio.sleep(0.01)
    assert it.heard == ["1:1", "49:49", "7:7"]  # the one that waited already, then the newest of each region
    page.offer(frame(50))
    assert it.heard[-1] == "50:50"


async def test_a_screen_is_not_told_what_it_shows_already() -> None:
    it = Socket()
    page = screen(it)
    page.offer(frame(1, "same"))
    page.offer(frame(2, "same"))
    page.offer(frame(3, "other"))
    assert it.heard == ["1:same", "3:other"]


async def test_a_screen_whose_socket_is_closed_is_gone_and_takes_nothing() -> None:
    it = Socket()
    page = screen(it)
    it.is_closed = True
    page.offer(frame(1))
    assert page.gone
    page.offer(frame(2))
    assert it.heard == []


async def test_closing_a_screen_ends_its_waiting() -> None:
    it = Socket()
    page = screen(it)
    it.reads.clear()
    page.offer(frame(1))
    page.close()
    it.reads.set()
    await asyncio.sleep(0.01)
    assert it.heard == []
    assert page.gone


@pytest.mark.promise("R06")
@given(st.lists(st.sampled_from(["phone", "people", "stops", "reads", "turn"]), max_size=60))
def test_however_a_screen_reads_its_news_never_goes_back_and_ends_with_the_newest(happens: list[str]) -> None:
    async def play() -> None:
        it, newest = Socket(), {}
        page = screen(it)
        for number, what in enumerate(happens):
            if what == "stops":
                it.reads.clear()
            elif what == "reads":
                it.reads.set()
            elif what == "turn":
                await asyncio.sleep(0)
            else:
                newest[what] = number
                page.offer(frame(number, f"{what} {number}", what))
        it.reads.set()
        for _ in range(5):
            await asyncio.sleep(0)
        told: dict[str, list[int]] = {}
        for text in it.heard:
            name, told_number = text.partition(":")[2].split()
            told.setdefault(name, []).append(int(told_number))
        assert {name: numbers[-1] for name, numbers in told.items()} == newest
        for numbers in told.values():
            assert numbers == sorted(set(numbers))

    asyncio.run(play())


# the server itself


@contextmanager
def uvicorn_with(app: Callable[[Scope, Receive, Send], Any]) -> Iterator[int]:
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(app, ws="websockets-sansio", lifespan="off", log_config=None, ws_per_message_deflate=False)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listen("127.0.0.1", port)]})
    thread.start()
    try:
        yield port
    finally:
        server.should_exit = True
        thread.join(10)


def test_the_servers_send_waits_before_it_writes_so_that_giving_it_up_sends_nothing() -> None:
    taken: Told = []
    given_up: Told = []
    filled = threading.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        for number in range(2000):
            step: Any = send({"type": "websocket.send", "text": f"<{number}>" + "x" * 2000})
            try:
                step.send(None)
            except StopIteration:
                taken.append(f"<{number}>")
            else:
                step.close()
                given_up.append(f"<{number}>")
            if len(given_up) == 100:
                break
        filled.set()
        await receive()  # until the reader has gone

    with uvicorn_with(app) as port, closing(raw_socket(port)) as reader:
        assert filled.wait(20)
        assert len(given_up) == 100
        text = all_that_comes(reader).decode(errors="replace")
    assert all(name in text for name in taken)
    assert not any(name in text for name in given_up)


def all_that_comes(reader: socket.socket) -> bytes:
    """What is read until nothing comes for a second."""
    heard = b""
    reader.settimeout(1)
    with suppress(TimeoutError):
        while more := reader.recv(65536):
            heard += more
    return heard
