"""The moderator's page and the big screen in a real browser, on a real server."""

from __future__ import annotations

from typing import Any

import pytest
from browser_stage import BEST, HTMX, WHY, Cdn, Stage, pick
from playwright.async_api import Page, expect

BUTTONS = {"start": "#button-1", "close": "#button-2", "show": "#button-3", "next": "#button-4"}


def _link(stage: Stage, role: str) -> str:
    server = stage.server
    letter = {"moderator": "m", "presenter": "s", "organiser": "o"}[role]
    session = "" if role == "organiser" else server.session
    path = f"/{letter}/{server.event}/{session}".rstrip("/")
    return stage.url(f"{path}#{server.keys.link_key(role, server.event, session)}")


async def _desk(stage: Stage, role: str = "moderator", cdn: Cdn = "served", **options: Any) -> Page:
    """A page that came in by its link."""
    page = await stage.tab(await stage.context(cdn, **options))
    await page.goto(_link(stage, role), wait_until="commit")
    await page.locator("[data-region]:visible").first.wait_for(timeout=15_000)
    if role == "presenter":
        await _scripted(page)
    return page


async def _scripted(screen: Page) -> None:
    """Its keys work from here on."""
    await screen.locator("html[data-scripted]").wait_for()


async def _beside(stage: Stage, page: Page) -> Page:
    """The big screen in the same browser."""
    screen = await stage.tab(page.context)
    await screen.set_viewport_size({"width": 1920, "height": 1080})
    await screen.goto(stage.url(f"/s/{stage.server.event}/{stage.server.session}"), wait_until="commit")
    await _scripted(screen)
    return screen


async def _press(page: Page, button: str) -> None:
    """As soon as the buttons have rested."""
    await _rested(page)
    await page.locator(BUTTONS[button]).click()


async def _rested(page: Page) -> None:
    await expect(page.locator("body[data-resting]")).to_have_count(0)


@pytest.mark.promise("S04")
async def test_a_link_leads_in_and_its_key_is_in_neither_the_address_nor_the_history(stage: Stage) -> None:
    page = await _desk(stage)
    assert "#" not in page.url
    assert page.url == stage.url("/m/fair/hall")
    assert await page.evaluate("location.href") == page.url
    await page.goto(_link(stage, "moderator"))  # once more, now with a pass
    await expect(page.locator("#region-now")).to_be_visible()
    await expect(page).to_have_url(stage.url("/m/fair/hall"))


@pytest.mark.parametrize("cdn", ["served", "blocked", "hanging"])
async def test_a_question_runs_from_the_buttons_and_the_big_screen_follows(stage: Stage, cdn: Cdn) -> None:
    page = await _desk(stage, "organiser", cdn)
    screen = await _beside(stage, page)
    await page.goto(stage.url("/m/fair/hall"), wait_until="commit")
    title = screen.locator("#region-screen h1")
    await expect(title).to_have_text("The fair")
    await _press(page, "next")
    await expect(title).to_have_text("Which is best?")
    await _press(page, "start")
    await expect(screen.locator("#row-apple .bar")).to_have_attribute("style", "--k:0")
    phone = await stage.phone("blocked")
    await pick(phone, "apple").check()
    await expect(screen.locator("#row-apple .bar")).to_have_attribute("style", "--k:1")
    await expect(page.locator("#region-now .answered b")).to_have_text("1")
    await _press(page, "close")
    await expect(screen.locator(".where")).to_contain_text("Closed")
    await _press(page, "show")  # its button hides what is shown
    await expect(screen.locator("#region-screen .bars")).to_have_count(0)


async def test_a_double_tap_does_one_thing(stage: Stage) -> None:
    page = await _desk(stage)
    await _press(page, "next")
    await _press(page, "start")
    await expect(page.locator(BUTTONS["close"])).not_to_have_attribute("aria-disabled", "true")
    await _rested(page)
    await page.locator(BUTTONS["close"]).dblclick()
    await expect(page.locator(".state b")).to_contain_text("Closed, on the screen")
    await page.wait_for_timeout(1_200)
    await expect(page.locator(".state b")).to_contain_text("Closed, on the screen")
    assert await page.locator("#said").inner_text() == ""


async def test_a_refusal_is_said_in_words_that_no_frame_takes_away(stage: Stage) -> None:
    page = await _desk(stage)
    await _press(page, "next")
    await expect(page.locator("h1")).to_have_text("Which is best?")
    await _rested(page)
    await page.evaluate("document.querySelector('#region-actions [name=based_on]').value = '0'")
    await page.locator(BUTTONS["start"]).click()
    said = page.locator("#said")
    await expect(said).to_contain_text("Nothing was done")
    await stage.phone("blocked")  # somebody joins: another frame
    await expect(page.locator(".answered b")).to_have_text("1")
    await expect(said).to_contain_text("Nothing was done")


async def test_a_clicker_steps_where_this_browser_may_moderate(stage: Stage) -> None:
    page = await _desk(stage, "organiser")
    screen = await _beside(stage, page)
    for key, shown in (("PageDown", "In a moment"), ("ArrowRight", "Open"), ("PageDown", "Closed")):
        await screen.keyboard.press(key)
        await expect(screen.locator(".where")).to_contain_text(shown)
        await _rested(screen)
    await screen.keyboard.press("PageUp")
    await expect(screen.locator("#region-screen .bars")).to_have_count(0)


async def test_elsewhere_a_clicker_gets_a_hint_and_size_and_theme_are_kept_over_a_reload(stage: Stage) -> None:
    screen = await _desk(stage, "presenter")
    await screen.keyboard.press("PageDown")
    await expect(screen.locator("#said")).to_contain_text("on the moderator's page")
    await expect(screen.locator("#region-screen h1")).to_have_text("The fair")
    await screen.keyboard.press("d")
    await screen.keyboard.press("+")
    await screen.reload(wait_until="commit")
    await expect(screen.locator("html")).to_have_attribute("data-theme", "dark")
    await expect(screen.locator("html")).to_have_attribute("data-zoom", "1")
    await screen.keyboard.press("-")
    await expect(screen.locator("html[data-zoom]")).to_have_count(0)


async def test_a_bar_keeps_its_element_so_that_it_glides(stage: Stage) -> None:
    await stage.open(BEST)
    screen = await stage.screen()
    bar = screen.locator("#row-pear .bar")
    await expect(bar).to_have_attribute("style", "--k:0")
    if not (HTMX / "htmx.min.js").exists():
        pytest.skip("no htmx: `npm install htmx.org@4.0.1`, or name its files in POLLING_TEST_HTMX")
    await screen.wait_for_load_state()
    await screen.evaluate("window.bar = document.querySelector('#row-pear .bar')")
    phone = await stage.phone("blocked")
    await pick(phone, "pear").check()
    await expect(bar).to_have_attribute("style", "--k:1")
    assert await screen.evaluate("window.bar.isConnected")


async def test_a_text_is_shown_by_a_tap_and_the_latest_stands_large(stage: Stage) -> None:
    await stage.open(WHY)
    texts = ["Because", "To be together", "For the pears"]
    for text in texts:
        phone = await stage.phone("blocked")
        await phone.locator("#text-1").fill(text)
        await phone.locator("#vote .send button").click()
    page = await _desk(stage, "organiser", viewport={"width": 820, "height": 1180})
    screen = await _beside(stage, page)
    await page.goto(stage.url("/m/fair/hall"), wait_until="commit")
    await expect(page.locator(".idea")).to_have_count(3)
    for count, text in enumerate(texts, 1):
        await page.locator(".idea > form:first-child", has_text=text).locator('[value="show_idea"]').click()
        await expect(screen.locator("#quotes .lead")).to_have_text(text)
        await expect(screen.locator("#quotes li")).to_have_count(count - 1)
    await page.wait_for_timeout(1_000)
    await page.locator(".idea > form:first-child", has_text="Because").locator('[value="hide_idea"]').click()
    await expect(screen.locator("#quotes li")).to_have_count(1)
    await expect(screen.locator("#quotes .lead")).to_have_text("For the pears")


async def test_without_javascript_a_session_can_be_run(stage: Stage) -> None:
    page = await stage.tab(await stage.context(java_script_enabled=False))
    await page.goto(stage.url("/m/fair/hall"))
    await page.locator("#key").fill(_link(stage, "moderator"))  # the whole link pasted is fine too
    await page.locator("form button").click()
    for button, state in (("next", "Ready to start"), ("start", "Open"), ("close", "Closed, on the screen")):
        await page.locator(BUTTONS[button]).click()
        await expect(page.locator(".state b")).to_have_text(state)


async def test_a_lost_server_is_told_and_so_is_its_return(stage: Stage) -> None:
    page = await _desk(stage)
    line = page.locator("#offline")
    await page.wait_for_load_state()  # a module that the killed server never gave can tell nothing
    await stage.server.kill()
    await expect(line).to_contain_text("No connection", timeout=15_000)
    await stage.server.start()
    await expect(line).to_be_empty(timeout=30_000)
