"""Timers on phones and the big screen: right whatever a phone's own clock says, and told to screen readers seldom."""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any

import pytest
from axe import findings
from browser_stage import BEST, Stage, pick
from playwright.async_api import Page, expect

from polling.core.poll import Verb

SHIFT = "const right = Date.now; Date.now = () => right() + ({off}); const Real = Date; \
window.Date = class extends Real {{ constructor(...given) {{ given.length ? super(...given) : super(Date.now()) }} \
static now() {{ return right() + ({off}) }} }};"


async def timed(stage: Stage, seconds: int, closes: bool = False) -> float:
    """Opens a question with a timer; when it ends, by this test's own clock."""
    await stage.open(BEST)
    message = {"type": "command", "id": f"t{time.monotonic()}", "verb": Verb.START_TIMER.value, "seconds": seconds}
    told = await stage.moderator.line.ask(
        message | {"closes": closes, "based_on": stage.moderator.view["now"]["revision"]}
    )
    if told["type"] != "done":
        told = await stage.moderator.line.ask(message | {"closes": closes, "based_on": told["revision"], "id": "again"})
    assert told["type"] == "done"
    return time.monotonic() + seconds


async def left(page: Page) -> int:
    """The seconds that a page shows."""
    clock = page.locator("#region-timer [data-left]")
    await expect(clock).to_have_text(re.compile(r"^\d+:\d\d$"))
    minutes, seconds = (await clock.inner_text()).split(":")
    return 60 * int(minutes) + int(seconds)


@pytest.mark.promise("R15")
@pytest.mark.parametrize("days", [-1, 1])
async def test_a_phone_whose_clock_is_a_day_wrong_shows_the_time_that_is_left(stage: Stage, days: int) -> None:
    context = await stage.context()
    await context.add_init_script(SHIFT.format(off=days * 86_400_000))
    phone = await stage.tab(context)
    await phone.goto(stage.url(f"/j/{stage.code}"))
    ends = await timed(stage, 90)
    await expect(phone.locator("#region-timer")).to_be_visible()
    assert abs(await left(phone) - (ends - time.monotonic())) < 2
    await phone.reload()  # from the page's own first paint on
    assert abs(await left(phone) - (ends - time.monotonic())) < 2
    assert abs(await phone.evaluate("Date.now() / 1000") - time.time()) > 80_000  # its clock is that wrong
    assert stage.said == []


async def test_a_clock_runs_on_phone_and_screen_warns_near_the_end_and_closes_the_question(stage: Stage) -> None:
    phone, screen = await stage.phone(), await stage.screen()
    await timed(stage, 6, closes=True)
    for page in (phone, screen):
        await expect(page.locator("#region-timer [data-word]")).to_have_text(re.compile("Left|Nog"))
        assert await findings(page) == []
    told = phone.locator("#region-timer [data-told]")
    await phone.evaluate(
        """window.said = []
        const told = () => document.querySelector("#region-timer [data-told]")?.textContent
        new MutationObserver(() => said.push(told()))
        .observe(document.getElementById("region-timer"), { childList: true, subtree: true, characterData: true })"""
    )
    for page in (phone, screen):
        await expect(page.locator("#region-timer [data-word]")).to_have_text("Almost time")
    assert await findings(phone) == []
    await expect(told).to_have_text(re.compile("seconds left|Time is up"))
    await expect(phone.locator("#region-timer")).to_be_hidden(timeout=10_000)  # it is closed
    await expect(phone.locator("main h1")).to_be_visible()
    said: list[Any] = await phone.evaluate("said.filter((words, at) => words && words !== said[at - 1])")
    assert len(said) <= 2


async def test_an_extension_moves_every_clock_and_a_frame_in_between_stops_none(stage: Stage) -> None:
    phone = await stage.phone()
    ends = await timed(stage, 60)
    await expect(phone.locator("#region-timer")).to_be_visible()
    await pick(phone, "apple").click()
    revision = stage.moderator.view["now"]["revision"]
    message = {"type": "command", "id": "more", "verb": "extend_timer", "seconds": 60, "based_on": revision}
    told = await stage.moderator.line.ask(message)
    if told["type"] != "done":
        await stage.moderator.line.ask(message | {"id": "more again", "based_on": told["revision"]})
    async with asyncio.timeout(10):
        while abs(await left(phone) - (ends + 60 - time.monotonic())) > 2:
            await phone.wait_for_timeout(100)


async def test_without_javascript_the_whole_time_is_told_in_words(stage: Stage) -> None:
    await timed(stage, 90, closes=True)
    plain = await stage.phone(java_script_enabled=False)
    words = plain.locator("#region-timer .in-all")
    await expect(words).to_have_text("This question has 1:30 minutes. Then it closes by itself.")
    await expect(plain.locator("#region-timer .clockline")).to_be_hidden()
