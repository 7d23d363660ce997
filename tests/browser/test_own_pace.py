"""A set at one's own pace on a phone: one question at a time, skipped by one's own answers, back, reloaded, offline."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from axe import findings
from browser_stage import Stage, status
from own_pace_stage import AFTER, EVENT, FRUIT, GROW, IDEA, READ, WHAT
from playwright.async_api import Browser, Locator, Page, expect
from server_process import Archive, ServerProcess, write_event

from polling.core.poll import Verb


@pytest_asyncio.fixture
async def walk(tmp_path: Path, browser: Browser) -> AsyncIterator[Stage]:
    write_event(tmp_path / "questionsets", EVENT, FRUIT, AFTER)
    server = ServerProcess(tmp_path, event="walk", session="hall")
    await server.start()
    moderator = await server.moderator()
    yield Stage(server, browser, moderator)
    await moderator.leave()
    await server.stop()


def heading(page: Page) -> Locator:
    return page.locator("main h1:visible")


def on(page: Page) -> Locator:
    return page.locator("[data-go='on']")


def option(page: Page, question: str, name: str) -> Locator:
    return page.locator(f"#pick-{question}--{name}")


async def counted(page: Page) -> None:
    await expect(status(page)).to_contain_text("Your answer is counted")


async def begun(page: Page) -> None:
    """One question at a time."""
    await expect(on(page)).to_be_visible()
    await expect(heading(page)).to_have_text("Before you begin")


async def walked_to(page: Page, question: str, answer: str = "now") -> None:
    """Past the page at the beginning, with the first question answered."""
    await begun(page)
    await on(page).click()
    await option(page, "grow", answer).click()
    await counted(page)
    while await page.locator(f"#step-{question}").is_hidden():
        await on(page).click()


async def test_one_goes_through_the_set_and_sees_at_the_end_what_counts(walk: Stage) -> None:
    await walk.open(str(READ))
    phone = await walk.phone()
    await begun(phone)
    await on(phone).click()
    await expect(heading(phone)).to_have_text("Do you grow fruit?")
    await expect(heading(phone)).to_be_focused()
    await expect(on(phone)).to_have_text("Skip")
    await option(phone, "grow", "now").click()
    await counted(phone)
    await expect(on(phone)).to_have_text("Next")
    await on(phone).click()
    await expect(heading(phone)).to_have_text("What do you grow?")
    await expect(phone.locator("#step-what .step")).to_have_text("3 of 4")
    await option(phone, "what", "pear").click()
    await expect(on(phone)).to_have_text("On, without sending")
    await phone.get_by_role("button", name="Send 1 choice").click()
    await counted(phone)
    await on(phone).click()
    await expect(heading(phone)).to_have_text("What would help?")
    await on(phone).click()
    await expect(heading(phone)).to_have_text("You are at the end")
    lines = phone.locator(".overview li:visible")
    await expect(lines).to_have_text(
        ["Do you grow fruit?counted", "What do you grow?counted", "What would help?no answer"]
    )
    assert await findings(phone) == []
    await lines.last.get_by_role("button").click()
    await phone.locator("#text-idea--1").fill("More sun")
    await phone.get_by_role("button", name="Send", exact=True).click()
    await counted(phone)
    await on(phone).click()
    await expect(heading(phone)).to_have_text("You are done")
    assert walk.said == []


async def test_what_is_asked_follows_from_one_s_own_answers_and_a_change_takes_nothing_away_unseen(walk: Stage) -> None:
    await walk.open(str(READ))
    phone = await walk.phone()
    await walked_to(phone, "why", "later")  # 'what' was not asked on the way
    await expect(phone.locator("#step-what")).to_be_hidden()
    await option(phone, "why", "time").click()
    await counted(phone)
    await phone.get_by_role("button", name="Back").click()
    await expect(heading(phone)).to_have_text("Do you grow fruit?")
    await option(phone, "grow", "now").click()
    await counted(phone)
    await on(phone).click()
    await expect(heading(phone)).to_have_text("What do you grow?")
    await on(phone).click()
    await expect(heading(phone)).to_have_text("What holds you back?")  # it still counts, and so it is still there
    await expect(phone.locator("#step-why [data-not-asked]")).to_be_visible()
    other = await walk.phone()
    await walked_to(other, "idea", "now")
    await expect(other.locator("#step-why")).to_be_hidden()


async def test_the_server_is_told_answers_and_nothing_of_what_was_asked(walk: Stage) -> None:
    await walk.open(str(READ))
    context = await walk.context()
    phone = await walk.tab(context)
    sent: list[str] = []
    phone.on("websocket", lambda socket: socket.on("framesent", lambda data: sent.append(str(data))))
    asked: list[str] = []
    await phone.goto(walk.url(f"/j/{walk.code}"))
    await expect(phone.locator("html")).to_have_attribute("data-live", "")
    phone.on("request", lambda request: asked.append(request.url))
    await walked_to(phone, "idea", "never")
    for name in ("Back", "Back"):
        await phone.get_by_role("button", name=name).click()
    assert len(sent) == 1
    assert "fruit/grow/1" in sent[0]
    assert [url for url in asked if not url.startswith("https:") and "/static/" not in url] == []


async def test_a_reload_keeps_the_place_and_what_was_typed(walk: Stage) -> None:
    await walk.open(str(READ))
    phone = await walk.phone()
    await walked_to(phone, "idea", "never")
    await phone.locator("#text-idea--1").fill("More s")
    await phone.reload()
    await expect(on(phone)).to_be_visible()
    await expect(heading(phone)).to_have_text("What would help?")
    await expect(phone.locator("#text-idea--1")).to_have_value("More s")
    again = await walk.tab(phone.context)  # another tab of this phone: at the first question without an answer
    await again.goto(walk.url(f"/p/{walk.code}"))
    await expect(on(again)).to_be_visible()
    await expect(heading(again)).to_have_text("What holds you back?")


@pytest.mark.promise("R04")
async def test_answers_given_on_a_dead_network_all_count_once_it_is_back(walk: Stage) -> None:
    await walk.open(str(READ))
    phone = await walk.phone()
    await walked_to(phone, "what")
    await phone.context.set_offline(True)
    await option(phone, "what", "pear").click()
    await phone.get_by_role("button", name="Send 1 choice").click()
    await expect(status(phone)).to_contain_text("not yet counted")
    await on(phone).click()
    await phone.locator("#text-idea--1").fill("More sun")
    await phone.get_by_role("button", name="Send", exact=True).click()
    await on(phone).click()
    await expect(phone.locator(".overview li:visible").nth(1)).to_contain_text("kept")
    await phone.context.set_offline(False)
    await expect(phone.locator(".overview li:visible")).to_have_text(
        ["Do you grow fruit?counted", "What do you grow?counted", "What would help?counted"], timeout=15_000
    )
    archive = Archive(walk.server)
    assert archive.counted(WHAT) == (1, {"pear": 1})
    assert archive.counted(IDEA)[0] == 1
    archive.close()


async def test_a_name_is_asked_for_at_the_end_and_only_for_an_answer_that_one_opens(walk: Stage) -> None:
    await walk.open(str(READ))
    phone = await walk.phone()
    await walked_to(phone, "what")
    await option(phone, "what", "now").click()
    await phone.get_by_role("button", name="Send 1 choice").click()
    await counted(phone)
    await expect(phone.locator("#offers")).to_be_hidden()  # nothing comes in between
    await on(phone).click()
    await on(phone).click()
    sign = phone.locator("[data-pace-sign]")
    await expect(sign.get_by_role("button")).to_have_text(["Apples"])
    await sign.get_by_role("button", name="Apples").click()
    await expect(phone.locator("#offers .answer")).to_have_text("Apples")
    assert await findings(phone) == []
    await phone.get_by_role("button", name="No, I stay anonymous").click()
    await expect(heading(phone)).to_have_text("You are at the end")
    await expect(sign).to_be_hidden()


async def test_when_the_moderator_closes_the_set_all_go_on_together(walk: Stage) -> None:
    await walk.open(str(READ))
    phone, screen = await walk.phone(), await walk.screen()
    await walked_to(phone, "what")
    await expect(screen.locator(".walk li").first).to_contain_text("1")
    await expect(screen.locator(".walk li").nth(1)).to_contain_text("asked of some")
    assert await findings(screen) == []
    await walk.close()
    await walk.moderator.command(Verb.NEXT, str(GROW))
    await walk.moderator.command(Verb.REVEAL)
    await expect(heading(phone)).to_have_text("Do you grow fruit?")
    await expect(phone.locator(".mine:visible")).to_have_count(1)
    await expect(screen.locator("#row-now .pct")).to_have_text("100%")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_on_any_step_with_and_without_the_script(walk: Stage, scheme: str) -> None:
    await walk.open(str(READ))
    phone = await walk.phone(color_scheme=scheme, viewport={"width": 320, "height": 640})
    await walked_to(phone, "grow")
    for _ in range(3):
        assert await findings(phone) == []
        await on(phone).click()
    context = await walk.context(color_scheme=scheme)
    await context.route("**/js/pace.js", lambda route: route.abort())  # it never comes: all stand under each other
    plain = await walk.tab(context)
    await plain.goto(walk.url(f"/j/{walk.code}"))
    await expect(plain.locator("html")).to_have_attribute("data-live", "")
    await expect(heading(plain)).to_have_count(5)
    assert await findings(plain) == []
    await option(plain, "why", "time").click()
    async with asyncio.timeout(10):
        while walk.moderator.view["now"]["stage"] != "own-pace":
            await plain.wait_for_timeout(50)
    await expect(plain.locator("#vote-why")).to_have_attribute("data-state", "counted")
