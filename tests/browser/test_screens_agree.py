"""The moderator's phone drives the big screens of a room: they agree, and one that lost its network heals."""

from __future__ import annotations

import pytest
from browser_stage import BEST, GROW, READ, WHY, Stage
from playwright.async_api import Page, expect

from polling.core.poll import Verb
from polling.robots.phone import Phone

HEALED = 40_000
"""Milliseconds: a page that was away waits up to twenty seconds before it tries again."""


async def _write(stage: Stage, *texts: str) -> None:
    for text in texts:
        phone = Phone(stage.server.url)
        await phone.join(stage.code)
        await phone.cast(stage.code, WHY, (), {"1": text})
        await phone.leave()


async def _moderator(stage: Stage) -> Page:
    key = stage.server.keys.link_key("moderator", "fair", "hall")
    page = await stage.tab(await stage.context("blocked"))
    await page.goto(stage.url(f"/m/fair/hall#{key}"), wait_until="commit")
    await page.locator("#region-actions").wait_for()
    return page


async def _screen(stage: Stage) -> Page:
    screen = await stage.screen("blocked")
    await screen.locator("html[data-scripted]").wait_for()
    return screen


async def test_several_screens_in_one_room_show_the_same_text_large_also_after_a_reload(stage: Stage) -> None:
    await stage.open(WHY)
    await _write(stage, "Because", "To be together", "For the pears")
    page, first, second = await _moderator(stage), await _screen(stage), await _screen(stage)
    for text in ("Because", "To be together", "For the pears"):
        await page.locator(".idea > form:first-child", has_text=text).locator('[value="show_idea"]').click()
        for screen in (first, second):
            await expect(screen.locator("#quotes.lit .lead")).to_have_text(text)
    await page.wait_for_timeout(1_000)  # the buttons of a text rest for a second
    await page.locator(".idea > form:first-child", has_text="Because").locator('[value="light_idea"]').click()
    await expect(first.locator("#quotes.lit .lead")).to_have_text("Because")
    await second.reload(wait_until="commit")
    await expect(second.locator("#quotes.lit .lead")).to_have_text("Because")
    assert await first.locator("#region-screen").inner_text() == await second.locator("#region-screen").inner_text()


@pytest.mark.parametrize("how", ["the network is cut", "the server is killed"])
async def test_a_screen_that_loses_its_network_keeps_its_last_state_says_so_small_and_heals(
    stage: Stage, how: str
) -> None:
    await stage.open(BEST)
    screen = await _screen(stage)
    await screen.wait_for_load_state()
    title, sign = screen.locator("#region-screen h1"), screen.locator("#offline")
    await expect(title).to_have_text("Which is best?")
    await expect(sign).to_be_empty()
    before = await screen.locator("#region-screen").bounding_box()
    if how == "the network is cut":
        await screen.context.set_offline(True)
    else:
        await stage.server.kill()
    await expect(sign).to_contain_text("No connection")
    await expect(title).to_have_text("Which is best?")
    await expect(screen.locator("#row-apple")).to_be_visible()
    box = await sign.bounding_box()
    assert box is not None
    assert box["height"] < 100
    assert await screen.locator("#region-screen").bounding_box() == before, "the sign moves nothing"
    if how == "the network is cut":
        await stage.close()
        await stage.open(GROW)  # meanwhile the room goes on
        await screen.context.set_offline(False)
    else:
        await stage.server.start()
        await stage.moderator.command(Verb.CLOSE)
        await stage.open(GROW)
    await expect(sign).to_be_empty(timeout=HEALED)
    await expect(title).to_have_text("What will you grow?", timeout=HEALED)


async def test_a_moderator_who_loses_the_network_sees_it_where_the_people_are_counted(stage: Stage) -> None:
    page = await _moderator(stage)
    await page.wait_for_load_state()
    await expect(page.locator("#region-head")).to_contain_text("connected")
    await page.context.set_offline(True)
    await expect(page.locator(".net.lost")).to_be_visible()
    await expect(page.locator(".net:not(.lost)")).to_be_hidden()
    await page.locator("#button-4").click()
    await expect(page.locator("#said")).to_contain_text("Not reached yet")
    await page.context.set_offline(False)
    await expect(page.locator("#question")).to_have_text("Which is best?", timeout=HEALED)
    await expect(page.locator(".net.lost")).to_be_hidden()


async def test_a_page_to_read_that_is_coming_promises_no_vote(stage: Stage) -> None:
    screen = await _screen(stage)
    for poll, promised in ((BEST, 1), (READ, 0)):
        await stage.moderator.command(Verb.NEXT, poll)
        await expect(screen.locator("h1")).to_have_text({BEST: "Which is best?", READ: "Time for tea"}[poll])
        await expect(screen.get_by_text("Voting opens in a moment.")).to_have_count(promised)


@pytest.mark.promise("R10")
async def test_a_count_by_hand_stands_under_the_bars_with_room_of_its_own_and_not_in_their_colour(stage: Stage) -> None:
    await stage.open(BEST)
    phone = Phone(stage.server.url)
    await phone.join(stage.code)
    await phone.cast(stage.code, BEST, ("pear",))
    await phone.leave()
    await stage.close()
    page, screen = await _moderator(stage), await _screen(stage)
    await page.goto(stage.url(f"/m/fair/hall/hands?poll={BEST}"))
    for option, count in (("apple", "9"), ("pear", "3"), ("plum", "2")):
        await page.locator(f"#count-{option}").fill(count)
    await page.get_by_role("button", name="Save").click()
    band = screen.locator(".by-hand")
    await expect(band).to_contain_text("Raised hands: 14 people")
    edges = await screen.evaluate(
        """() => ["#bars", ".by-hand", ".count"].flatMap((part) => {
          const box = document.querySelector(part).getBoundingClientRect();
          return [box.top, box.bottom];
        })"""
    )
    assert edges == sorted(edges)
    assert edges[-1] <= 1080
    inks = await screen.evaluate(
        """() => ["#bars .bar", ".by-hand .bar"].map((bar) =>
        getComputedStyle(document.querySelector(bar)).backgroundImage)"""
    )
    assert inks[0] != inks[1]
