"""The participant's pages in a real browser: without JavaScript, half typed, in two languages, and their weight."""

from __future__ import annotations

import gzip
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from browser_stage import BEST, GROW, HTMX, READ, WHY, Cdn, Stage, form, pick, status
from playwright.async_api import CDPSession, Page, expect

from polling.core.poll import Verb
from polling.rendering import HTMX_CDN

WEIGHT_LIMIT = 50_000
REQUEST_LIMIT = 15
HTMX_PACKED = 13_500
"""Bytes of htmx over the wire, where the tests have no copy of it to measure."""
CDN = pytest.mark.parametrize("cdn", ["served", "blocked"])


@pytest_asyncio.fixture
async def plain(stage: Stage) -> AsyncIterator[Page]:
    """A phone without JavaScript."""
    yield await stage.phone(java_script_enabled=False)


@dataclass
class Wire:
    """What goes over the network, headers and socket frames included. `asked`: address → bytes received."""

    asked: dict[str, int] = field(default_factory=dict)
    _urls: dict[str, str] = field(default_factory=dict)

    @property
    def ours(self) -> int:
        return sum(size for url, size in self.asked.items() if not url.startswith("https:"))

    async def watch(self, devtools: CDPSession) -> None:
        await devtools.send("Network.enable")
        devtools.on("Network.requestWillBeSent", self._sent)
        devtools.on("Network.webSocketCreated", lambda event: self._begin(event["requestId"], event["url"]))
        devtools.on("Network.loadingFinished", lambda event: self._add(event["requestId"], event["encodedDataLength"]))
        devtools.on(
            "Network.webSocketFrameReceived",
            lambda event: self._add(event["requestId"], len(event["response"]["payloadData"].encode())),
        )

    def _sent(self, event: dict[str, Any]) -> None:
        if "redirectResponse" in event:  # the same request goes on to another address
            self._add(event["requestId"], event["redirectResponse"]["encodedDataLength"])
        self._begin(event["requestId"], event["request"]["url"])

    def _begin(self, id: str, url: str) -> None:
        self._urls[id] = url
        self.asked[url] = 0

    def _add(self, id: str, size: int) -> None:
        self.asked[self._urls[id]] += size


async def test_without_javascript_one_votes_changes_and_sees_the_result(stage: Stage, plain: Page) -> None:
    await expect(plain.locator("h1")).to_have_text("You are in. It starts in a moment.")
    await stage.open(BEST)
    await expect(plain.locator("h1")).to_have_text("Which is best?", timeout=10_000)  # a waiting page refreshes itself
    await plain.get_by_role("button", name="Send my answer").click()
    await expect(plain.locator("#vote-error")).to_have_text("Choose or write something first.")
    await pick(plain, "pear").check()
    await plain.get_by_role("button", name="Send my answer").click()
    await expect(status(plain)).to_contain_text("Your answer is counted")
    await expect(pick(plain, "pear")).to_be_checked()
    await expect(plain.locator(":checked ~ .told.counted")).to_be_visible()
    await pick(plain, "plum").check()
    await plain.get_by_role("button", name="Send my answer").click()
    await expect(pick(plain, "plum")).to_be_checked()
    await stage.close()
    await plain.get_by_role("link", name="Look whether there is a next question").click()
    await expect(plain.locator("li", has_text="Plum").locator(".mine")).to_have_text("your answer")
    await expect(plain.locator(".base")).to_contain_text("1 answer.")


async def test_without_javascript_a_wrong_answer_keeps_what_was_typed(stage: Stage, plain: Page) -> None:
    await stage.open(GROW)
    await plain.goto(stage.url(f"/p/{stage.code}"))
    for option in ("apple", "pear", "own"):
        await pick(plain, option).check()
    await plain.locator("#text-own").fill("Quinces & medlars")
    await plain.get_by_role("button", name="Send").click()
    await expect(plain.locator("#vote-error")).to_contain_text("Choose at most 2.")
    await expect(plain.locator("#text-own")).to_have_value("Quinces & medlars")
    await pick(plain, "pear").uncheck()
    await stage.close()
    await plain.get_by_role("button", name="Send").click()
    await expect(status(plain)).to_contain_text("This question is closed. Your answer was not counted.")
    await expect(status(plain)).to_contain_text("“Quinces & medlars”")


async def test_without_javascript_a_counted_answer_can_be_left_without_a_name(stage: Stage, plain: Page) -> None:
    await stage.open(WHY)
    await plain.goto(stage.url(f"/p/{stage.code}"))
    await plain.locator("#text-1").fill("They keep till spring")
    await plain.get_by_role("button", name="Send").click()
    await expect(plain.locator(".answer")).to_have_text("They keep till spring")
    assert len(await plain.locator("[name=claim]").input_value()) == 22
    await plain.get_by_role("button", name="No, I stay anonymous").click()
    await expect(plain.locator("#text-1")).to_have_value("They keep till spring")
    await expect(status(plain)).to_contain_text("Your answer is counted")


@CDN
async def test_half_typed_text_survives_frames_reloads_and_reconnects(stage: Stage, cdn: Cdn) -> None:
    await stage.open(WHY)
    phone = await stage.phone(cdn)
    field = phone.locator("#text-1")
    await field.press_sequentially("They keep")
    await expect(phone.locator("#left-1")).to_have_text("491 left")
    await field.press("Home")
    # the server starts anew: a new epoch, so that a frame of the same question is shown afresh under the finger
    before = await phone.locator("#region-phone").get_attribute("data-epoch")
    await stage.server.kill()
    await stage.server.start()
    await expect(phone.locator("#region-phone")).not_to_have_attribute("data-epoch", before or "", timeout=25_000)
    await expect(field).to_be_focused()
    await phone.keyboard.type("Apples: ")
    await expect(field).to_have_value("Apples: They keep")
    await phone.reload()
    await expect(field).to_have_value("Apples: They keep")
    await phone.get_by_role("button", name="Send").click()
    await expect(phone.locator(".answer")).to_have_text("Apples: They keep")


async def test_the_offer_gives_way_to_a_new_question_and_comes_back(stage: Stage) -> None:
    await stage.open(GROW)
    phone = await stage.phone()
    await pick(phone, "apple").click()
    await phone.get_by_role("button", name="Send 1 choice").click()
    offer = phone.locator(".offer h1")
    await expect(offer).to_have_text("May the working group Garden come back to you on this answer?")
    await expect(phone.locator(".offer .answer")).to_have_text("Apples")
    await stage.close()
    await expect(offer).to_be_visible()
    await stage.open(BEST)
    await expect(offer).to_be_hidden()
    await pick(phone, "pear").click()
    await expect(status(phone)).to_contain_text("Your answer is counted")
    await stage.close()
    await expect(offer).to_be_visible()
    assert stage.said == []


async def test_what_someone_wrote_stays_text(stage: Stage) -> None:
    await stage.open(WHY)
    phone = await stage.phone()
    nasty = "<img src=x onerror=alert(1)> {{7*7}} &amp; \" ' <script>alert(2)</script>"
    await phone.locator("#text-1").fill(nasty)
    await phone.get_by_role("button", name="Send").click()
    await expect(phone.locator(".offer .answer")).to_have_text(nasty)
    await phone.get_by_role("button", name="No, I stay anonymous").click()
    await phone.reload()
    await expect(phone.locator("#text-1")).to_have_value(nasty)
    assert stage.said == []


async def test_a_page_switches_its_language_and_stays_where_it_is(stage: Stage) -> None:
    await stage.open(BEST)
    phone = await stage.phone()
    await pick(phone, "pear").click()
    await expect(status(phone)).to_contain_text("Your answer is counted")
    await phone.get_by_role("link", name="Nederlands").click()
    await expect(phone.locator("h1")).to_have_text("Welke is de beste?")
    await expect(pick(phone, "pear")).to_be_checked()
    await expect(phone.locator("html")).to_have_attribute("lang", "nl")
    await phone.goto(stage.url(f"/p/{stage.code}"))
    await expect(phone.locator("h1")).to_have_text("Welke is de beste?")


async def test_one_joins_by_code_chooses_a_room_and_finds_back(stage: Stage) -> None:
    phone = await stage.tab(await stage.context())
    await phone.goto(stage.url("/"))
    await phone.get_by_label("Code").fill("k7n-4qx")
    await phone.get_by_role("button", name="Join").click()
    await expect(phone.locator("#code-error")).to_contain_text("This code is not in use now.")
    await expect(phone.get_by_label("Code")).to_have_value("k7n-4qx")
    code = stage.server.code("")
    await phone.get_by_label("Code").fill(f"{code[:3].lower()} {code[3:].lower()}")
    await phone.get_by_role("button", name="Join").click()
    await expect(phone.locator("header")).to_contain_text("Hall")  # where everyone is
    await phone.get_by_role("link", name="Hall").click()
    await expect(phone.locator("h1")).to_have_text("Choose your room")
    await phone.get_by_label("Attic").check()
    await phone.get_by_role("button", name="Go to Attic").click()
    await expect(phone.locator("header")).to_contain_text("Attic, Upstairs")
    await phone.get_by_role("link", name="Attic, Upstairs").click()
    await expect(phone.locator("h1")).to_have_text("Choose your room")


async def test_a_page_between_questions_asks_nothing(stage: Stage) -> None:
    await stage.open(READ)
    phone = await stage.phone()
    await expect(phone.locator("h1")).to_have_text("Time for tea")
    await expect(phone.locator("main")).to_contain_text("It is served in the attic.")
    await expect(form(phone)).to_have_count(0)


async def test_on_plain_http_the_server_draws_the_claim(stage: Stage) -> None:
    await stage.open(WHY)
    context = await stage.context()
    await context.add_init_script("Object.defineProperty(Crypto.prototype, 'subtle', { get() { return undefined } })")
    phone = await stage.tab(context)
    await phone.goto(stage.url(f"/j/{stage.code}"))
    await phone.locator("#text-1").fill("They keep till spring")
    await phone.get_by_role("button", name="Send").click()
    await expect(phone.locator(".offer .answer")).to_have_text("They keep till spring")
    assert re.fullmatch(r"[\w-]{22}", await phone.locator(".offer [name=claim]").input_value())


async def test_from_the_link_to_the_question_little_is_asked_of_the_network(stage: Stage) -> None:
    await stage.open(BEST)
    await stage.moderator.command(Verb.HIDE)
    context = await stage.context()
    phone = await stage.tab(context)
    wire = Wire()
    await wire.watch(await context.new_cdp_session(phone))
    await phone.goto(stage.url(f"/j/{stage.code}"), wait_until="load")
    await pick(phone, "apple").click()
    await expect(status(phone)).to_contain_text("Your answer is counted")
    file = HTMX / HTMX_CDN.rpartition("/")[2]
    htmx = len(gzip.compress(file.read_bytes())) if file.exists() else HTMX_PACKED
    total = wire.ours + htmx
    print(
        f"\nfrom the link to a counted vote: {total} bytes ({wire.ours} ours, {htmx} htmx), {len(wire.asked)} requests"
    )
    for url, size in wire.asked.items():
        print(f"  {size:6} {url}")
    assert total < WEIGHT_LIMIT
    assert len(wire.asked) < REQUEST_LIMIT
