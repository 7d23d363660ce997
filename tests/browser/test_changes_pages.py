"""Edited files and questions of the spot in a real browser: an edit in the middle of an open poll, and a moderator's
thumb."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from axe import findings
from browser_stage import BEST, Stage, pick
from playwright.async_api import Page, expect


async def _came_in(stage: Stage, role: str, path: str, **options: Any) -> Page:
    """A page of someone who came in by the role's link."""
    server = stage.server
    session = "" if role == "organiser" else server.session
    start = f"/o/{server.event}" if role == "organiser" else f"/m/{server.event}/{session}"
    page = await stage.tab(await stage.context("blocked", **options))
    await page.goto(stage.url(f"{start}#{server.keys.link_key(role, server.event, session)}"), wait_until="commit")
    await page.locator("[data-region]").first.wait_for(timeout=15_000)
    await page.goto(stage.url(path), wait_until="commit")
    return page


def _edit(stage: Stage, name: str, *replacements: tuple[str, str]) -> Path:
    path = stage.server.place / "questionsets" / stage.server.event / f"{name}.yaml"
    text = path.read_text()
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    return path


@pytest.mark.promise("R14")
async def test_an_edit_in_the_middle_of_an_open_poll_leaves_its_ballots_and_the_page_says_what_is_refused_and_why(
    stage: Stage,
) -> None:
    await stage.open(BEST)
    phone = await stage.phone("blocked")
    await pick(phone, "plum").check()
    await expect(phone.locator("#status")).to_contain_text("counted")
    page = await _came_in(stage, "organiser", "/o/fair/changes", viewport={"width": 1440, "height": 900})
    await expect(page.locator("main")).to_contain_text("The files say what is in force.")
    _edit(stage, "fruit", ("Which is best?", "Which one?"), ("text: Pear\n", "text: Fig\n"), ("Why?", "Why so?"))
    path = _edit(stage, "event", ("smallest_group: 1", "smallest_group: 1\n  seal_after_minutes: 60"))
    await page.get_by_role("link", name="Look again").click()
    refused = page.locator("section", has=page.get_by_role("heading", name="What is left out"))
    await expect(refused).to_contain_text("fruit/best")
    await expect(refused).to_contain_text("Results are divided by its options: it stays as it is.")
    await expect(refused).to_contain_text("privacy.seal_after_minutes")
    await expect(refused).to_contain_text("People answered under a promise that this would weaken")
    changes = page.locator("section", has=page.get_by_role("heading", name="What changes"))
    await expect(changes).to_contain_text("Why so?")
    assert await findings(page) == []
    await page.get_by_role("button", name="Take in").click()
    await expect(page.get_by_role("status")).to_contain_text("Taken in. All pages show it now.")
    await expect(pick(phone, "plum")).to_be_checked()
    await pick(phone, "pear").check()
    await expect(phone.locator("#status")).to_contain_text("counted")
    good = path.read_text()
    path.write_text(good[: len(good) // 2])
    await page.get_by_role("link", name="Look again").click()
    await expect(page.locator(".wrongs")).to_contain_text("fair/event.yaml:")
    await expect(page.get_by_role("alert")).to_contain_text("Nothing was changed: the event goes on as it was.")
    assert await findings(page) == []
    await pick(phone, "apple").check()
    await expect(phone.locator("#status")).to_contain_text("counted")
    path.write_text(good)
    assert yaml.safe_load(good)["privacy"]["seal_after_minutes"] == 60
    await stage.close()
    assert [said for said in stage.said if "401" not in said] == []  # the way in, before the key is exchanged


@pytest.mark.parametrize("script", [True, False], ids=["with a script", "without a script"])
async def test_a_moderator_adds_a_question_with_one_thumb_and_asks_it(stage: Stage, script: bool) -> None:
    page = await _came_in(stage, "moderator", "/m/fair/hall")
    if not script:
        await page.context.route("**/*.js", lambda route: route.abort())
    await page.goto(stage.url("/m/fair/hall/questions"))
    assert await findings(page) == []
    await page.get_by_label("In own words").check()
    await expect(page.locator("#more-options")).to_be_hidden()
    await page.get_by_label("One answer", exact=True).check()
    await page.locator("#title").fill("Tea or coffee?")
    await page.locator("#more-options").fill("Tea\nTea")
    await page.get_by_role("button", name="Add to the running order").click()
    await expect(page.locator("#more-error")).to_have_text("An option stands there twice.")
    await expect(page.locator("#title")).to_have_value("Tea or coffee?")
    assert await findings(page) == []
    await page.locator("#more-options").fill("Tea\nCoffee")
    await page.get_by_role("button", name="Add to the running order").click()
    await expect(page).to_have_url(stage.url("/m/fair/hall"))
    await expect(page.locator("#region-order")).to_contain_text("Added on the spot")
    phone = await stage.phone("blocked")
    await stage.open("spot-hall/tea-or-coffee/1")
    await pick(phone, "o2").check()
    await expect(phone.locator("#status")).to_contain_text("counted")


async def test_a_moderator_rewords_a_question_for_this_room(stage: Stage) -> None:
    page = await _came_in(stage, "moderator", "/m/fair/hall/questions")
    await page.get_by_role("link", name="What will you grow?").click()
    await expect(page.locator("#title")).to_have_value("What will you grow?")
    await page.locator("#title").fill("What do you want to grow?")
    await page.locator("[name='option.pear']").fill("")
    assert await findings(page) == []
    await page.get_by_role("button", name="Put it in these words").click()
    order = page.locator("#region-order")
    await expect(order).to_contain_text("What do you want to grow?")
    await expect(order).not_to_contain_text("What will you grow?")
