"""Signing in a real browser: from an answer on a phone to the working group's list, and gone again when withdrawn."""

from __future__ import annotations

import re

import pytest
from browser_stage import GROW, WHY, Stage, form, pick, status
from playwright.async_api import Page, Request, expect

EMAIL = "ann.canary@example.org"
IDEA = "Invite the neighbours"
FORM = "#signing"


async def answer_why(phone: Page) -> None:
    """Writes an idea and has it counted."""
    await phone.locator("textarea").fill(IDEA)
    await form(phone).locator(".send button").click()
    await expect(phone.locator(".offer")).to_contain_text("May the working group Garden come back to you")


async def sign(phone: Page, email: str = EMAIL) -> str:
    """Says yes, fills in the form and gives back the private link."""
    await phone.locator("[data-answer='yes'] button.button").click()
    await phone.locator("#name").fill("Ann")
    await phone.locator("#email").fill(email)
    await phone.locator(FORM).locator("button.main").click()
    link = await phone.locator(".private a").inner_text()
    return "/me#" + link.partition("#")[2]  # the test server is not at the address that links say


async def working_group(stage: Stage) -> str:
    """What the organiser reads in the working group's list."""
    server = stage.server
    page = await stage.tab(await stage.context())
    await page.goto(stage.url(f"/o/{server.event}#{server.keys.link_key('organiser', server.event, '')}"))
    await expect(page.locator("#region-sessions")).to_be_visible()
    await page.goto(stage.url(f"/w/{server.event}/garden"))
    told = await page.locator("main").inner_text()
    await page.context.close()
    return told


def stored_bytes(stage: Stage) -> bytes:
    """Everything in the server's database files."""
    return b"".join(file.read_bytes() for file in stage.server.place.glob("polling.db*"))


@pytest.mark.promise("P08")
async def test_a_name_goes_from_the_phone_to_the_list_and_is_gone_from_the_bytes_when_withdrawn(stage: Stage) -> None:
    phone = await stage.phone()
    await stage.open(WHY)
    await answer_why(phone)
    assert "without a name" in await phone.locator(".offer").inner_text()
    link = await sign(phone)
    await stage.close()
    told = await working_group(stage)
    assert IDEA in told
    assert EMAIL in told
    assert EMAIL.encode() in stored_bytes(stage)

    mine = await stage.tab(phone.context)
    await mine.goto(stage.url(link))
    await expect(mine.locator("main")).to_contain_text(EMAIL)
    assert "#" not in mine.url, "the key is out of the address bar"
    await mine.get_by_role("button", name="Withdraw").click()
    await expect(mine.locator("main")).to_contain_text("Your name and address are erased")
    assert stored_bytes(stage).count(EMAIL.encode()) == 0
    told = await working_group(stage)
    assert IDEA in told
    assert EMAIL not in told
    await mine.goto(stage.url("/me"))
    await expect(mine.locator("section[data-kept]")).to_be_hidden()
    assert not [line for line in stage.said if "Content Security Policy" in line]


@pytest.mark.promise("P05")
async def test_the_browser_sends_no_cookie_with_the_name(stage: Stage) -> None:
    phone = await stage.phone()
    sent: list[tuple[str, str]] = []

    async def note(request: Request) -> None:
        if request.url.endswith("/sign"):
            sent.append((request.resource_type, (await request.all_headers()).get("cookie", "")))

    phone.on("request", note)
    await stage.open(WHY)
    await answer_why(phone)
    await phone.context.add_cookies([{"name": "polling-lang", "value": "en", "url": stage.server.url}])
    await sign(phone)
    assert sent == [("fetch", ""), ("fetch", "")]


async def test_the_rooms_page_goes_on_while_a_name_is_typed_and_what_was_typed_is_kept(stage: Stage) -> None:
    phone = await stage.phone()
    await stage.open(WHY)
    await answer_why(phone)
    await phone.locator("[data-answer='yes'] button.button").click()
    await phone.locator("#name").fill("Ann half")
    await stage.close()
    await expect(phone.locator("#region-phone")).to_have_attribute("data-stage", re.compile("closed|result"))
    await expect(phone.locator("#name")).to_have_value("Ann half")
    await stage.open(GROW)
    await expect(form(phone)).to_be_visible()
    await pick(phone, "none").check()
    await form(phone).locator(".send button").click()
    await expect(status(phone)).to_contain_text("counted")
    await stage.close()
    await expect(phone.locator("#name")).to_be_visible()
    await expect(phone.locator("#name")).to_have_value("Ann half")


async def test_declining_is_one_tap_and_is_not_asked_again(stage: Stage) -> None:
    phone = await stage.phone()
    await stage.open(WHY)
    await answer_why(phone)
    await phone.locator("[data-answer='no'] button").click()
    await expect(phone.locator("#offers")).to_be_hidden()
    await phone.reload()
    await expect(status(phone)).to_contain_text("Your answer is counted")
    await expect(phone.locator("#offers")).to_be_hidden()


async def test_a_mistyped_address_is_told_in_place_and_the_rest_is_kept(stage: Stage) -> None:
    phone = await stage.phone()
    await stage.open(WHY)
    await answer_why(phone)
    await phone.locator("[data-answer='yes'] button.button").click()
    await phone.locator("#name").fill("Ann")
    await phone.locator("#email").fill("ann@example")
    await phone.locator(FORM).locator("button.main").click()
    await expect(phone.locator("#email-error")).to_contain_text("This is not an e-mail address")
    await expect(phone.locator("#email")).to_be_focused()
    await expect(phone.locator("#name")).to_have_value("Ann")
    await phone.locator("#email").fill(EMAIL)
    await phone.locator(FORM).locator("button.main").click()
    await expect(phone.locator(".private a")).to_be_visible()
    await phone.get_by_role("link", name="Back to the questions").click()
    await expect(form(phone)).to_be_visible()


async def test_a_name_sent_on_a_dead_network_stays_in_the_form(stage: Stage) -> None:
    phone = await stage.phone()
    await stage.open(WHY)
    await answer_why(phone)
    await phone.locator("[data-answer='yes'] button.button").click()
    await phone.locator("#name").fill("Ann")
    await phone.locator("#email").fill(EMAIL)
    await phone.context.set_offline(True)
    await phone.locator(FORM).locator("button.main").click()
    await expect(phone.locator(FORM)).to_contain_text("what you typed is still here")
    await phone.context.set_offline(False)
    await phone.locator(FORM).locator("button.main").click()
    await expect(phone.locator(".private a")).to_be_visible()


async def test_without_javascript_a_name_goes_the_same_way(stage: Stage) -> None:
    await stage.open(WHY)
    phone = await stage.phone(java_script_enabled=False)
    await phone.locator("textarea").fill(IDEA)
    await phone.locator(".send button").click()
    link = await sign(phone)
    await phone.get_by_role("link", name="Back to the questions").click()
    await expect(phone.locator("#region-phone")).to_be_visible()
    await stage.close()
    assert EMAIL in await working_group(stage)
    await phone.goto(stage.url(link))
    await phone.locator("#key").fill(link)
    await phone.get_by_role("button", name="Show").click()
    await phone.get_by_role("button", name="Withdraw").click()
    await expect(phone.locator("main")).to_contain_text("Your name and address are erased")
    assert stored_bytes(stage).count(EMAIL.encode()) == 0
