"""The moderator's page on a phone, with one thumb and under stress: all within reach, and nothing done by accident."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe import findings
from browser_stage import BEST, GROW, WHY, Stage
from playwright.async_api import Locator, Page, WebSocketRoute, expect

from polling.core.poll import Verb
from polling.robots.phone import Phone

PHONE = {"width": 390, "height": 844}
START, CLOSE, SHOW, NEXT = (f"#button-{number}" for number in range(1, 5))


async def _desk(stage: Stage, *, frozen: list[bool] | None = None, **options: Any) -> Page:
    """A moderator's page in a browser of its own. `frozen`: while it holds True, no frame comes through."""
    context = await stage.context("blocked", **({"viewport": PHONE} | options))
    page = await stage.tab(context)
    if frozen is not None:
        await page.route_web_socket(re.compile(r"/socket"), lambda socket: _through(socket, frozen))
    key = stage.server.keys.link_key("moderator", "fair", "hall")
    await page.goto(stage.url(f"/m/fair/hall#{key}"), wait_until="commit")
    await page.locator("#region-actions").wait_for()
    await page.wait_for_load_state()
    return page


def _through(socket: WebSocketRoute, frozen: list[bool]) -> None:
    server = socket.connect_to_server()
    socket.on_message(server.send)
    server.on_message(lambda message: None if frozen[0] else socket.send(message))


async def _rested(page: Page) -> None:
    await expect(page.locator("body[data-resting]")).to_have_count(0)


async def _within(part: Locator) -> str:
    """What is wrong with where it stands: "" if a thumb reaches it as the page is."""
    return str(
        await part.evaluate(
            """(element) => {
              const box = element.getBoundingClientRect();
              const name = element.innerText || element.id || element.name;
              if (box.height < 44) return `${name}: ${box.height} px high`;
              if (box.left < 0 || box.right > innerWidth || box.top < 0 || box.bottom > innerHeight)
                return `${name}: outside, at ${box.top}`;
              const hit = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
              return element.contains(hit) ? "" : `${name}: under ${hit?.outerHTML.slice(0, 80)}`;
            }"""
        )
    )


async def _out_of_reach(page: Page) -> list[str]:
    """Controls that can't be tapped without scrolling: the buttons, the way back, and all in the opened drawer."""
    told = [await _within(each) for each in await page.locator(".actions .button, .strip .ways button").all()]
    await page.locator("#drawer > summary").click()
    drawer = page.locator("#drawer .panel")
    told += [await _within(each) for each in await drawer.locator("button, select, a, .check").all()]
    if await drawer.evaluate("(panel) => panel.scrollHeight > panel.clientHeight"):
        told.append("the drawer scrolls")
    await page.keyboard.press("Escape")
    await expect(page.locator("#drawer[open]")).to_have_count(0)
    return [each for each in told if each]


async def _write(stage: Stage, *texts: str) -> None:
    for text in texts:
        phone = Phone(stage.server.url)
        await phone.join(stage.code)
        await phone.cast(stage.code, WHY, (), {"1": text})
        await phone.leave()


# reach


@pytest.mark.promise("R15")
@pytest.mark.parametrize("language", ["en", "nl"])
async def test_every_action_is_within_reach_of_one_thumb_in_every_state(stage: Stage, language: str) -> None:
    page = await _desk(stage, locale={"en": "en-GB", "nl": "nl-NL"}[language])
    wrong: dict[str, list[str]] = {"lobby": await _out_of_reach(page)}
    for name, verb, poll, waits in (
        ("coming", Verb.NEXT, GROW, f'#drawer a[href*="{GROW}"]'),
        ("open", Verb.OPEN, GROW, f"{CLOSE}.main"),
        ("timed", Verb.START_TIMER, None, '#region-tools [value="extend_timer"]'),
        ("called", Verb.CALL, None, ".called"),
        ("closed", Verb.CLOSE, None, '#region-tools [value="reopen"]'),
        ("text", Verb.OPEN, WHY, f"{CLOSE}.main"),
    ):
        await _command(stage, verb, poll)
        await page.locator(waits).wait_for(state="attached")
        wrong[name] = await _out_of_reach(page)
    assert {name: told for name, told in wrong.items() if told} == {}
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


async def _command(stage: Stage, verb: Verb, poll: str | None) -> None:
    """By another moderator."""
    if verb is Verb.START_TIMER:
        other = await _desk(stage)
        await other.locator("#drawer > summary").click()
        await other.get_by_role("button", name="3 min").click()
        await other.locator('[value="extend_timer"]').wait_for()
        await other.close()
    else:
        await stage.moderator.command(verb, poll)


async def test_the_four_buttons_never_move_whatever_happens_above_them(stage: Stage) -> None:
    page = await _desk(stage)

    async def places() -> Any:  # at one moment, so that no frame comes in between
        return await page.evaluate(
            "(all) => all.map((each) => JSON.stringify(document.querySelector(each).getBoundingClientRect()))",
            [START, CLOSE, SHOW, NEXT],
        )

    before = await places()
    for verb, poll, waits in (
        (Verb.CALL, None, ".called"),
        (Verb.OPEN, WHY, f"{CLOSE}.main"),
        (Verb.CLOSE, None, '[value="reopen"]'),
    ):
        await stage.moderator.command(verb, poll)
        await page.locator(waits).wait_for()
        assert await places() == before
    await page.locator(f"{NEXT}.main").wait_for()  # each region has a frame of its own
    await page.locator(START).click(force=True)  # rests: says why, and does nothing
    await page.evaluate("document.querySelector('#region-actions [name=based_on]').value = '0'")
    await page.locator(SHOW).click()
    await expect(page.locator("#said")).to_contain_text("Just before")
    assert await places() == before


@pytest.mark.parametrize("size", [(320, 568), (844, 390)])
async def test_on_a_small_phone_and_on_its_side_the_buttons_stay_in_sight_too(
    stage: Stage, size: tuple[int, int]
) -> None:
    page = await _desk(stage, viewport={"width": size[0], "height": size[1]})
    await stage.open(WHY)
    await stage.close()
    await page.locator('[value="reopen"]').wait_for()
    buttons = await page.locator(".actions .button, .strip .ways button, #drawer > summary").all()
    assert [told for each in buttons if (told := await _within(each))] == []
    await page.locator("#drawer > summary").click()
    await page.get_by_role("button", name="Call the organiser").click()
    await expect(page.locator(".called")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= size[0]


async def test_at_another_question_the_page_begins_at_its_top(stage: Stage) -> None:
    await stage.open(BEST)
    await stage.close()
    page = await _desk(stage)
    main = page.locator("main")
    await main.evaluate("(main) => main.scrollTo(0, main.scrollHeight)")
    assert await main.evaluate("(main) => main.scrollTop") > 0
    await page.locator(NEXT).click()
    await expect(page.locator("#question")).to_have_text("What will you grow?")
    assert await main.evaluate("(main) => main.scrollTop") == 0


# the drawer


async def test_the_drawer_stays_open_while_answers_come_and_closes_after_what_was_done_in_it(stage: Stage) -> None:
    await stage.open(WHY)
    page = await _desk(stage)
    await page.locator("#drawer > summary").click()
    await page.locator("#send-to").select_option("attic")
    await page.locator("#timer-closes").check()
    await _write(stage, "one", "two")
    await stage.moderator.command(Verb.CALL)
    await page.locator(".called").wait_for()
    await expect(page.locator("#drawer")).to_have_attribute("open", "")
    await expect(page.locator("#send-to")).to_have_value("attic")
    await expect(page.locator("#timer-closes")).to_be_checked()
    await page.get_by_role("button", name="1 min").click()
    await expect(page.locator("#drawer[open]")).to_have_count(0)
    await expect(page.locator("#region-now [data-left]")).to_have_text(re.compile(r"^(1:00|0:5\d)$"))
    await _rested(page)
    await page.get_by_role("button", name="+30 s").click()
    await expect(page.locator("#region-now [data-left]")).to_have_text(re.compile(r"^1:[0-3]\d$"))
    await page.locator("#drawer > summary").click()
    await page.locator("#question").click(position={"x": 5, "y": 5})
    await expect(page.locator("#drawer[open]")).to_have_count(0)


async def test_people_are_sent_on_only_after_a_choice_and_that_can_be_ended(stage: Stage) -> None:
    page = await _desk(stage)
    await page.locator("#drawer > summary").click()
    await page.get_by_role("button", name="Send all").click()
    await page.wait_for_timeout(300)
    await expect(page.locator("#drawer")).to_have_attribute("open", "")  # nothing chosen: nothing done
    await page.locator("#send-to").select_option("attic")
    await page.get_by_role("button", name="Send all").click()
    await expect(page.locator("#region-tools")).to_contain_text("People here are sent to Attic.")
    await _rested(page)
    await page.get_by_role("button", name="No longer").click()
    await expect(page.locator("#region-tools")).not_to_contain_text("People here are sent to")


# two moderators


@pytest.mark.promise("R10")
async def test_two_moderators_see_each_other_and_the_one_who_is_late_hears_what_happened(stage: Stage) -> None:
    frozen = [False]
    anna, bert = await _desk(stage), await _desk(stage, frozen=frozen)
    await expect(anna.locator(".others")).to_contain_text("3")  # the stage's own is one
    await anna.locator(NEXT).click()
    await expect(bert.locator("#question")).to_have_text("Which is best?")
    await expect(bert.locator(f"{START}.main")).to_be_visible()
    frozen[0] = True
    await _rested(anna)
    await anna.locator(START).click()
    await anna.locator(f"{CLOSE}.main").wait_for()
    await bert.locator(START).click()
    await expect(bert.locator("#said")).to_contain_text("Just before: moderator of Hall opened the question")
    await expect(bert.locator("#said")).to_contain_text("Nothing was done now")
    frozen[0] = False
    await _rested(anna)
    await anna.locator(CLOSE).click()
    for page in (anna, bert):
        await expect(page.locator(".state b")).to_have_text("Closed, on the screen")
    await expect(bert.locator("#heard")).to_have_text("Moderator of Hall closed the question.")
    await expect(anna.locator("#heard")).to_be_empty()
    assert await anna.locator("#region-actions").inner_text() == await bert.locator("#region-actions").inner_text()


# for everyone


@pytest.mark.parametrize(("scheme", "locale"), [("light", "nl-NL"), ("dark", "en-GB")])
async def test_axe_finds_nothing_on_the_moderators_page(stage: Stage, scheme: str, locale: str) -> None:
    page = await _desk(stage, color_scheme=scheme, locale=locale)
    found = {"lobby": await findings(page)}
    await stage.open(WHY)
    await _write(stage, "one", "two")
    await page.locator(".idea").nth(1).wait_for()
    await page.locator('.idea [value="show_idea"]').first.click()
    await page.locator(".idea .lit").wait_for()
    await page.locator(".idea summary").first.click()
    found["text"] = await findings(page)
    await page.locator("#drawer > summary").click()
    found["drawer"] = await findings(page)
    await stage.moderator.command(Verb.CALL)
    await page.locator(".called").wait_for()
    await stage.close()
    await page.locator('[value="reopen"]').wait_for()
    found["closed"] = await findings(page)
    assert {name: told for name, told in found.items() if told} == {}


async def test_without_javascript_the_drawer_works_on_a_page_that_is_held_still(stage: Stage) -> None:
    page = await stage.tab(await stage.context(java_script_enabled=False))
    await page.goto(stage.url("/m/fair/hall"))
    await page.locator("#key").fill(stage.server.keys.link_key("moderator", "fair", "hall"))
    await page.locator("form button").click()
    await page.get_by_role("link", name="Hold it still").click()
    await page.locator("#drawer > summary").click()
    await page.get_by_role("button", name="Call the organiser").click()
    await expect(page.locator(".called")).to_contain_text("The organiser is called")
    assert page.url.endswith("?still=1")
    assert await page.locator('meta[http-equiv="refresh"]').count() == 0
