"""A walk through every page where names are given, held and followed up, in each of its states; in any language."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

from browser_stage import GROW, WHY, Stage, form, pick
from playwright.async_api import Locator, Page, expect

from polling.core.poll import Verb
from polling.robots.phone import Phone

EMAIL = "ann@example.org"
Step = tuple[str, Page]


async def walk(stage: Stage, *, desk: dict[str, int] | None = None, **options: Any) -> AsyncIterator[Step]:
    """Each page as it is seen on the way, by a name; `options` of the browser. Desk pages are `desk` in size."""
    async for step in on_the_phone(stage, **options):
        yield step
    async for step in without_modules(stage, **options):
        yield step
    async for step in at_the_desk(stage, **options | ({"viewport": desk} if desk else {})):
        yield step


async def on_the_phone(stage: Stage, **options: Any) -> AsyncIterator[Step]:
    """What a participant sees: the offer, the form, my page, privacy."""
    await stage.open(WHY)
    phone = await stage.phone(**options)
    await phone.locator("textarea").fill("Invite the neighbours, and ask the school to sow with us")
    await form(phone).locator(".send button").click()
    await expect(phone.locator(".offer h1")).to_be_visible()
    await expect(yes(phone)).to_be_enabled()
    yield "offer", phone
    await yes(phone).click()
    await expect(phone.locator("#signing")).to_be_visible()
    yield "sign", phone
    await phone.locator("#name").fill("Ann")
    await phone.locator("#email").fill("ann@example")
    await sign(phone).click()
    await expect(phone.locator("#email-error")).to_be_visible()
    yield "sign-error", phone
    await phone.locator("#email").fill(EMAIL)
    await phone.locator("[data-keep] input").check()
    await sign(phone).click()
    await expect(phone.locator(".private a")).to_be_visible()
    yield "signed", phone
    await phone.locator("[data-close]").click()
    await stage.close()

    await stage.open(GROW)
    await pick(phone, "apple").check()
    await form(phone).locator(".send button").click()
    await expect(phone.locator("[data-as-kept]")).to_be_visible()
    yield "offer-one-tap", phone
    await yes(phone).click()
    await expect(phone.locator("[data-private-key]")).to_be_visible()
    yield "signed-one-tap", phone
    async for step in _my_page(stage, phone, options):
        yield step
    await stage.close()


async def _my_page(stage: Stage, phone: Page, options: Mapping[str, Any]) -> AsyncIterator[Step]:
    other = await stage.phone(**options)
    await pick(other, "apple").check()
    await form(other).locator(".send button").click()
    await other.locator("[data-answer='no'] button").click()
    for name, page in (("me", phone), ("me-unsigned", other)):
        await page.goto(stage.url("/me"))
        await expect(page.locator("section[data-phone]")).to_be_visible()
        yield name, page
    await other.locator("[data-unsigned] button.link").click()
    await expect(other.locator(".qr svg")).to_be_visible()
    yield "me-saved-key", other
    await phone.locator("[data-all] button").click()
    await expect(phone.locator("main .answer")).to_have_count(2)
    yield "me-held", phone
    await phone.locator("details:has(form) summary").first.click()
    await phone.locator("#email-1").fill("ann@example")
    await phone.locator("details:has(form) button.main").first.click()
    await expect(phone.locator("#email-1-error")).to_be_visible()
    yield "me-correct-error", phone
    await phone.locator("form[action='/me/withdraw'] button").first.click()
    await expect(phone.locator("[data-withdrawn]")).to_be_visible()
    yield "me-withdrawn", phone
    empty = await stage.tab(await stage.context(**options))
    await empty.goto(stage.url("/me#AAAAAAAAAAAAAAAAAAAAAA"))
    await expect(empty.locator("#key-error")).to_be_visible()
    yield "me-unknown-key", empty
    for name, path in (("privacy", "/privacy"), ("privacy-event", f"/privacy/{stage.server.event}")):
        await empty.goto(stage.url(path))
        yield name, empty


async def without_modules(stage: Stage, **options: Any) -> AsyncIterator[Step]:
    """Where no script of the pages arrives, each form leads to a page of its own. (With scripts off axe can't run.)"""
    await stage.moderator.command(Verb.REOPEN, GROW)
    context = await stage.context("blocked", **options)
    await context.route(re.compile(r"\.js$"), lambda route: route.abort())
    phone = await context.new_page()
    await phone.goto(stage.url(f"/j/{stage.code}"))
    await pick(phone, "apple").check()
    await form(phone).locator(".send button").click()
    yield "offer-page", phone
    await yes(phone).click()
    yield "sign-page", phone
    await phone.locator("#name").fill("Bo")
    await phone.locator("#email").fill("bo@example")
    await sign(phone).click()
    await expect(phone.locator("#email-error")).to_be_visible()
    yield "sign-page-error", phone
    await phone.locator("#email").fill("bo@example.org")
    await sign(phone).click()
    await expect(phone.locator(".private a")).to_be_visible()
    yield "signed-page", phone
    await stage.close()


async def at_the_desk(stage: Stage, **options: Any) -> AsyncIterator[Step]:
    """What working groups and moderators see of it, once texts have come in."""
    await stage.moderator.command(Verb.REOPEN, WHY)
    await write(stage, "Because of the garden", "The garden!", "Tea at four, and a bench in the shade of the plum tree")
    moderator = await came_in(stage, "moderator", f"/m/{stage.server.event}/hall", "hall", **options)
    await moderator.locator(".idea .more summary").first.click()
    yield "moderator-ideas", moderator
    await stage.close()
    group = await came_in(stage, "working-group", f"/w/{stage.server.event}/garden", "garden", **options)
    await group.locator(".follow button").nth(1).click()
    await expect(group.locator(".follow button").nth(1)).to_have_attribute("aria-pressed", "true")
    await group.wait_for_load_state()  # its style sheet too
    yield "working-group", group


async def came_in(stage: Stage, role: str, path: str, room: str, **options: Any) -> Page:
    """A page behind a link."""
    key = stage.server.keys.link_key(role, stage.server.event, room)
    page = await stage.tab(await stage.context(**options))
    await page.goto(stage.url(f"{path}#{key}"), wait_until="commit")
    await expect(page.locator("body:not(:has(form[data-enter])) main h1")).to_be_visible()
    return page


async def write(stage: Stage, *texts: str) -> None:
    """Each text by a phone of its own."""
    for text in texts:
        phone = Phone(stage.server.url)
        await phone.join(stage.code)
        await phone.cast(stage.code, WHY, (), {"1": text})
        await phone.leave()


def yes(phone: Page) -> Locator:
    """The button that says yes to the offer."""
    return phone.locator("[data-answer='yes'] button.button")


def sign(phone: Page) -> Locator:
    """The button that signs."""
    return phone.locator("#signing button.main")
