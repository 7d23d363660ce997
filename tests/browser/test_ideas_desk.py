"""Ideas on the moderator's page and in a working group's list, in a real browser."""

from __future__ import annotations

import pytest
from browser_stage import WHY, Cdn, Stage
from playwright.async_api import Page, expect

from polling.robots.phone import Phone


async def _came_in(stage: Stage, role: str, path: str, room: str) -> Page:
    key = stage.server.keys.link_key(role, stage.server.event, room)
    page = await stage.tab(await stage.context(viewport={"width": 390, "height": 844}))
    await page.goto(stage.url(f"{path}#{key}"), wait_until="commit")
    await expect(page.locator("body:not(:has(form[data-enter])) main h1")).to_be_visible()  # past the key's own page
    return page


async def _write(stage: Stage, *texts: str) -> None:
    """Each text by a phone of its own."""
    for text in texts:
        phone = Phone(stage.server.url)
        await phone.join(stage.code)
        await phone.cast(stage.code, WHY, (), {"1": text})
        await phone.leave()


@pytest.mark.parametrize("cdn", ["served", "blocked"])
async def test_what_a_moderator_opened_and_chose_stays_while_texts_come_in(stage: Stage, cdn: Cdn) -> None:
    await stage.open(WHY)
    await _write(stage, "Because of the garden", "The garden!", "Something else")
    key = stage.server.keys.link_key("moderator", "fair", "hall")
    page = await stage.tab(await stage.context(cdn))
    await page.goto(stage.url(f"/m/fair/hall#{key}"), wait_until="commit")
    words = page.locator(".idea > form:first-child > p", has_text="Because of the garden")
    name = (await words.get_attribute("id") or "").removeprefix("text-")  # others offer its words to merge with
    idea = page.locator(f"#idea-{name}")
    await idea.locator("summary").click()
    await idea.locator("select").select_option(label="The garden!")
    for number in range(3):
        await _write(stage, f"More {number}")
        await expect(page.locator(".idea")).to_have_count(4 + number)
        await expect(idea.locator("details")).to_have_attribute("open", "")
        assert await idea.locator("select option:checked").inner_text() == "The garden!"
    await idea.get_by_role("button", name="Merge").click()
    merged = page.locator(".idea", has=page.locator(".twin"))
    await expect(merged.locator("> form > p").first).to_contain_text("2 people")
    await expect(page.locator(".idea")).to_have_count(5)


async def test_a_working_group_comes_in_by_its_link_and_says_how_far_it_is_on_a_phone_too(stage: Stage) -> None:
    await stage.open(WHY)
    await _write(stage, "Because of the garden")
    await stage.close()
    page = await _came_in(stage, "working-group", "/w/fair/garden", "garden")
    assert "#" not in page.url
    await page.get_by_role("button", name="taken up").click()
    await expect(page.get_by_role("button", name="taken up")).to_have_attribute("aria-pressed", "true")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
