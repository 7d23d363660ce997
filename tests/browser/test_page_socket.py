"""The page's one socket: it shows no older frame, and comes back whatever ended it."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field

import pytest
from browser_stage import BEST, Cdn, Stage, form, pick, status
from playwright.async_api import Page, WebSocketRoute, expect


@dataclass
class Line:
    """A phone's sockets, with the test between it and the server."""

    opened: int = 0
    _new: asyncio.Queue[WebSocketRoute] = field(default_factory=asyncio.Queue)

    def listen(self, socket: WebSocketRoute) -> None:
        self.opened += 1
        self._new.put_nowait(socket)
        socket.connect_to_server()

    async def next(self) -> WebSocketRoute:
        """The next socket that the page opens."""
        return await asyncio.wait_for(self._new.get(), 10)


async def between(stage: Stage, cdn: Cdn = "served") -> tuple[Page, Line]:
    """A phone in a room with a question, and its sockets."""
    await stage.open(BEST)
    context, line = await stage.context(cdn), Line()
    await context.route_web_socket("**/socket*", line.listen)
    phone = await stage.tab(context)
    await phone.goto(stage.url(f"/j/{stage.code}"), wait_until="commit")
    await expect(form(phone)).to_be_visible()
    return phone, line


@pytest.mark.promise("R06")
@pytest.mark.parametrize("cdn", ["served", "blocked"])
async def test_an_older_frame_never_overwrites_a_newer_one(stage: Stage, cdn: Cdn) -> None:
    phone, line = await between(stage, cdn)
    socket = await line.next()
    region = phone.locator("#region-phone")
    epoch = await region.get_attribute("data-epoch")
    frame = '<main id="region-phone" data-region="phone" data-epoch="{}" data-revision="{}"><h1>{}</h1></main>'
    await phone.evaluate("document.querySelector('#region-phone').dataset.revision = 90")
    socket.send(frame.format(epoch, 89, "Old news"))
    socket.send(f"\n{frame.format(epoch, 91, 'News')}\n")
    await expect(region.locator("h1")).to_have_text("News")
    socket.send(frame.format(epoch, 90, "Old news"))
    socket.send(frame.format(epoch, 92, "Newer"))
    await expect(region.locator("h1")).to_have_text("Newer")
    socket.send(frame.format("another", 1, "A server that started anew"))
    await expect(region.locator("h1")).to_have_text("A server that started anew")
    assert await phone.locator("main#region-phone").count() == 1


async def test_an_acknowledgement_is_never_shown_as_a_page(stage: Stage) -> None:
    phone, line = await between(stage)
    socket = await line.next()
    socket.send('{"type":"ack","id":"of nobody","poll":"fruit/best/1","fate":"counted","picks":["<b>canary</b>"]}')
    await pick(phone, "apple").click()
    await expect(status(phone)).to_contain_text("Your answer is counted")
    assert "canary" not in await phone.content()
    assert stage.said == []


@pytest.mark.parametrize("code", [1000, 1001, 1008, 1011, 1012, 4000])
async def test_the_socket_comes_back_whatever_ended_it(stage: Stage, code: int) -> None:
    phone, line = await between(stage)
    await (await line.next()).close(code=code)
    await line.next()
    await pick(phone, "apple").click()
    await expect(status(phone)).to_contain_text("Your answer is counted")
    assert line.opened == 2


async def test_the_servers_own_no_is_final(stage: Stage) -> None:
    phone, line = await between(stage)
    await (await line.next()).close(code=4404)
    await expect(status(phone)).to_contain_text("No connection")
    await asyncio.sleep(2.5)
    assert line.opened == 1


async def test_a_page_has_one_socket_however_often_it_is_looked_at(stage: Stage) -> None:
    phone, line = await between(stage)
    socket = await line.next()
    for _ in range(3):
        await phone.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        await phone.evaluate("dispatchEvent(new Event('pageshow'))")
    await pick(phone, "apple").click()
    await expect(status(phone)).to_contain_text("Your answer is counted")
    assert line.opened == 1
    assert re.search(r"/p/\w+/socket\?lang=en$", socket.url)
