"""A phone that keeps details signs in one tap; what it did not sign it signs later, after a restart and the seal."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys

import pytest
from browser_stage import GROW, WHY, Stage, form, pick
from playwright.async_api import Page, Request, expect

EMAIL = "ann.canary@example.org"
IDEA = "Invite the neighbours"


async def write_idea(phone: Page) -> None:
    await phone.locator("textarea").fill(IDEA)
    await form(phone).locator(".send button").click()
    await expect(phone.locator(".offer h1")).to_contain_text("May the working group Garden come back to you")


async def choose_apples(phone: Page) -> None:
    await pick(phone, "apple").check()
    await form(phone).locator(".send button").click()
    await expect(phone.locator(".offer .answer")).to_have_text("Apples")


async def fill_in(phone: Page) -> None:
    await phone.locator("#name").fill("Ann")
    await phone.locator("#email").fill(EMAIL)


async def kept_of_the_event(phone: Page) -> str:
    """All that the phone's storage holds of it."""
    kept: dict[str, str] = await phone.evaluate("() => ({ ...localStorage })")
    return json.dumps({name: value for name, value in kept.items() if "fair" in name + value})


async def keep_details(stage: Stage, phone: Page) -> None:
    """Signs an idea, and ticks that the phone may keep the details."""
    await stage.open(WHY)
    await write_idea(phone)
    await phone.locator("[data-answer='yes'] button.button").click()
    await fill_in(phone)
    tick = phone.get_by_role("checkbox", name="Keep my details on this phone")
    await expect(tick).not_to_be_checked()
    await tick.check()
    await phone.get_by_role("button", name="Sign").click()
    await expect(phone.locator(".private a")).to_be_visible()
    await phone.get_by_role("link", name="Back to the questions").click()
    await stage.close()


@pytest.mark.promise("P05")
async def test_who_left_details_on_this_phone_signs_the_next_answer_in_one_tap(stage: Stage) -> None:
    phone = await stage.phone()
    await keep_details(stage, phone)
    await stage.open(GROW)
    await choose_apples(phone)
    offer = phone.locator(".offer")
    await expect(offer).to_contain_text(EMAIL)
    await expect(offer).to_contain_text("this one answer, your name and e-mail")
    sent: list[tuple[str, str]] = []

    async def note(request: Request) -> None:
        if request.url.endswith("/sign"):
            sent.append((request.resource_type, (await request.all_headers()).get("cookie", "")))

    phone.on("request", note)
    await phone.get_by_role("button", name="Yes, as Ann").click()
    await expect(phone.locator("#offers")).to_contain_text("Your name stands under this one answer")
    assert sent == [("fetch", "")]
    await phone.goto(stage.url("/me"))
    await expect(phone.locator("[data-kept] li")).to_have_count(2)
    await phone.get_by_role("button", name="Show all of it").click()
    await expect(phone.locator("main .answer")).to_have_text([IDEA, "Apples"])
    assert not [line for line in stage.said if "Content Security Policy" in line]


async def test_one_tap_can_be_left_for_other_details(stage: Stage) -> None:
    phone = await stage.phone()
    await keep_details(stage, phone)
    await stage.open(GROW)
    await choose_apples(phone)
    await phone.get_by_role("button", name="With other details").click()
    await phone.get_by_role("button", name="Yes, with my name").click()
    await expect(phone.locator("#email")).to_have_value(EMAIL)
    await phone.locator("#email").fill("ann.home@example.org")
    await phone.get_by_role("checkbox", name="Keep my details on this phone").uncheck()
    await phone.get_by_role("button", name="Sign").click()
    await expect(phone.locator(".private a")).to_be_visible()
    assert EMAIL not in await kept_of_the_event(phone)


async def test_a_phone_forgets_the_details_and_then_the_whole_event(stage: Stage) -> None:
    phone = await stage.phone()
    await keep_details(stage, phone)
    await phone.goto(stage.url("/me"))
    section = phone.locator("[data-phone]")
    await expect(section).to_contain_text(EMAIL)
    await section.get_by_role("button", name="Forget my details").click()
    assert EMAIL not in await kept_of_the_event(phone)
    await section.get_by_text("Forget this event on this phone").click()
    await expect(section).to_contain_text("On the server stay")
    await section.get_by_role("button", name="Forget it").click()
    await expect(phone.locator("[data-forgotten]")).to_be_visible()
    assert await kept_of_the_event(phone) == "{}"
    await expect(phone.locator("[data-kept]")).to_be_hidden()


async def seal_and_start_again(stage: Stage) -> None:
    """The event is over: the server stops, everything is sealed, and another process serves what is left."""
    server = stage.server
    await server.terminate()
    command = [sys.executable, "-m", "polling", "seal", "fair"]
    sealing = await asyncio.create_subprocess_exec(*command, env=server.environment, stdout=subprocess.DEVNULL)
    assert await sealing.wait() == 0
    await server.start()


async def test_an_idea_that_was_not_signed_is_signed_after_a_restart_and_the_seal(stage: Stage) -> None:
    phone = await stage.phone()
    await stage.open(WHY)
    await write_idea(phone)
    await phone.locator("[data-answer='no'] button").click()
    await stage.close()
    await seal_and_start_again(stage)

    await phone.goto(stage.url("/me"))
    unsigned = phone.locator("[data-unsigned]")
    await expect(unsigned.locator(".answer")).to_have_text(IDEA)
    await expect(unsigned).to_contain_text("Why?")
    await unsigned.get_by_role("button", name="Put my name to it").click()
    await fill_in(phone)
    await phone.get_by_role("button", name="Sign").click()
    await expect(phone.locator(".private a")).to_be_visible()
    await phone.get_by_role("link", name="Back to my page").click()
    await expect(phone.locator("[data-kept] li")).to_have_count(1)
    await expect(unsigned).to_be_hidden()
    assert EMAIL.encode() in b"".join(file.read_bytes() for file in stage.server.place.glob("polling.db*"))


async def test_a_saved_key_signs_from_a_phone_that_knows_nothing(stage: Stage) -> None:
    phone = await stage.phone()
    await stage.open(GROW)
    await choose_apples(phone)
    await phone.locator("[data-answer='no'] button").click()
    await stage.close()
    await phone.goto(stage.url("/me"))
    await phone.get_by_role("button", name="Save my key").click()
    await expect(phone.locator(".qr svg")).to_be_visible()
    link = await phone.locator(".private a").inner_text()
    assert re.search(r"/me#receipt-fair/hall/fruit/grow/1/apple/[\w-]{22}$", link)

    other = await stage.tab(await stage.context())
    await other.goto(stage.url("/me#" + link.partition("#")[2]))
    await expect(other.locator("main .answer")).to_have_text("Apples")
    assert "#" not in other.url, "the key is out of the address bar"
    await other.get_by_role("button", name="Put my name to it").click()
    await fill_in(other)
    await other.get_by_role("button", name="Sign").click()
    await expect(other.locator(".private a")).to_be_visible()
    assert not [line for line in stage.said if "Content Security Policy" in line]


async def test_without_javascript_a_key_can_be_saved_from_the_offer(stage: Stage) -> None:
    await stage.open(WHY)
    phone = await stage.phone(java_script_enabled=False)
    await phone.locator("textarea").fill(IDEA)
    await phone.locator(".send button").click()
    await phone.get_by_role("button", name="Save a key to this answer").click()
    link = await phone.locator(".private a").inner_text()
    await phone.goto(stage.url("/me"))
    await phone.locator("#key").fill(link)
    await phone.get_by_role("button", name="Show").click()
    await expect(phone.locator(".answer")).to_have_text(IDEA)
    await phone.get_by_role("button", name="Put my name to it").click()
    await fill_in(phone)
    await phone.get_by_role("button", name="Sign").click()
    await expect(phone.locator(".private a")).to_be_visible()
