"""The control room in a real browser: the board moves by itself, forms keep what is typed, and axe finds nothing."""

from __future__ import annotations

import re

import pytest
from axe import findings
from browser_stage import BEST, Stage
from playwright.async_api import Page, expect

from polling.core.poll import Verb

PAGES = (
    "",
    "messages",
    "together?do=close",
    "send",
    "send?verb=send&to=*",
    "send?verb=move_room&session=attic&to=hall",
    "send?verb=end",
    "attendance",
    "attendance?count=attic",
    "funnel",
    "before",
    "results",
)
LAPTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


async def organiser(stage: Stage, **options: object) -> Page:
    """The organiser, in by the link."""
    page = await stage.tab(await stage.context(**{"viewport": LAPTOP} | options))  # type: ignore[arg-type]
    key = stage.server.keys.link_key("organiser", stage.server.event, "")
    await page.goto(stage.url(f"/o/{stage.server.event}#{key}"))
    await expect(page.locator("#region-sessions")).to_be_visible()
    return page


async def say(page: Page, audience: str, text: str) -> None:
    """Writes a message on the page of messages."""
    form = page.locator("form.write", has=page.locator(f"#text-{audience}"))
    await form.locator("textarea").fill(text)
    await form.locator("button").click()
    await expect(page.locator(".told")).to_be_visible()


@pytest.mark.parametrize(
    ("scheme", "locale", "viewport"), [("light", "en-GB", LAPTOP), ("dark", "nl-NL", PHONE), ("light", "nl-NL", PHONE)]
)
async def test_axe_finds_nothing_on_any_of_its_pages_and_none_scrolls_sideways(
    stage: Stage, scheme: str, locale: str, viewport: dict[str, int]
) -> None:
    await stage.open(BEST)
    await stage.moderator.command(Verb.CALL)
    page = await organiser(stage, color_scheme=scheme, locale=locale, viewport=viewport)
    await page.goto(stage.url("/o/fair/messages"))
    for audience in ("moderators", "phones", "screens"):
        await say(page, audience, "The coffee is in the hall, <b>all</b> of it.")
    await stage.close()
    found = {}
    for name in PAGES:
        await page.goto(stage.url(f"/o/fair/{name}".rstrip("/")))
        if told := await findings(page):
            found[name] = told
        if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found[name] = [*found.get(name, []), "it scrolls sideways"]
    assert found == {}
    assert not [line for line in stage.said if "401" not in line]


async def test_the_board_moves_by_itself_and_a_call_is_answered_without_leaving_it(stage: Stage) -> None:
    page = await organiser(stage)
    row = page.locator("#session-hall")
    await expect(row).to_contain_text("not begun")
    await page.evaluate("window.stays = true")
    await stage.open(BEST)
    await expect(row).to_contain_text("Which is best?")
    await stage.moderator.command(Verb.CALL)
    await expect(row).to_contain_text("asks for you")
    await expect(page.locator("#region-figures")).to_contain_text("1 room asks for attention")
    await row.get_by_role("button", name="On my way").click()
    await expect(row).not_to_contain_text("asks for you")
    await expect(page.locator("#region-figures")).to_contain_text("0 rooms ask for attention")
    assert await page.evaluate("window.stays"), "the page was not loaded anew"


async def test_the_clock_runs_by_the_servers_time_and_ages_are_told_in_minutes(stage: Stage) -> None:
    await stage.open(BEST)
    page = await organiser(stage)
    await expect(page.locator("#clock")).to_have_text(re.compile(r"^\d\d:\d\d$"))
    age = page.locator("#session-hall [data-since]")
    await expect(age).to_have_text("just now")
    told = await page.evaluate("document.querySelector('#region-figures').dataset.now")
    await page.evaluate(
        """() => {
          document.querySelector('#region-figures').dataset.midnight -= 3600;
          document.querySelector('#session-hall [data-since]').dataset.since -= 180;
          document.dispatchEvent(new CustomEvent('polling:frame', { detail: document.body }));
        }"""
    )
    await expect(age).to_have_text("3 min ago")
    hour, minute = told.split(":")
    shown = await page.locator("#clock").text_content()
    assert (shown or "")[:2] == f"{(int(hour) + 1) % 24:02d}" or minute == "59"


async def test_a_screen_that_loses_its_page_is_told(stage: Stage) -> None:
    await stage.open(BEST)
    page, screen = await organiser(stage), await stage.screen()
    await expect(page.locator("#session-hall .health")).not_to_contain_text("no screen yet")
    await screen.close()
    await expect(page.locator("#session-hall")).to_have_class(re.compile("call"), timeout=30_000)
    await expect(page.locator("#session-hall")).to_contain_text("screen gone")


async def test_a_message_is_put_away_on_a_phone_and_a_new_one_comes_again(stage: Stage) -> None:
    page, phone = await organiser(stage), await stage.phone()
    await expect(phone.locator("#region-phone")).to_be_visible()
    await page.goto(stage.url("/o/fair/messages"))
    await say(page, "phones", "<i>Coffee</i> in the hall")
    notice = phone.locator("#region-notice")
    await expect(notice).to_contain_text("<i>Coffee</i> in the hall")
    await notice.get_by_role("button", name="Put away").click()
    await expect(notice).to_be_hidden()
    await stage.open(BEST)
    await expect(phone.locator("#vote")).to_be_visible()
    await expect(notice).to_be_hidden()
    await phone.reload()
    await expect(phone.locator("#region-notice")).to_be_hidden()
    await say(page, "phones", "Now the tea")
    await expect(phone.locator("#region-notice")).to_contain_text("Now the tea")


async def test_what_is_typed_is_not_disturbed_while_the_rooms_go_on(stage: Stage) -> None:
    page = await organiser(stage)
    await page.goto(stage.url("/o/fair/messages"))
    await page.locator("#text-screens").fill("Half a sent")
    await stage.open(BEST)
    await stage.close()
    await page.wait_for_timeout(1_000)
    await expect(page.locator("#text-screens")).to_have_value("Half a sent")


async def test_everyone_goes_to_the_break_outs_by_one_press_and_one_yes(stage: Stage) -> None:
    page, phone = await organiser(stage), await stage.phone()
    await expect(phone.locator("#region-phone")).to_be_visible()
    await page.get_by_role("link", name="Everyone to the break-outs").click()
    await page.get_by_role("button", name="Send everyone").click()
    await expect(page.get_by_role("link", name="Back to the plenary")).to_be_visible()
    await expect(phone.locator("body")).to_contain_text("Attic")
