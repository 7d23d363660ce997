"""Times planned and used run on the moderator's page by themselves, by the server's clock, without a frame."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

from browser_stage import BEST, EVENT, SET, Stage
from playwright.async_api import Browser, Page, expect
from server_process import ServerProcess, write_event

from polling.core.poll import Verb


async def _later(page: Page, minutes: float) -> None:
    """As if so many minutes had gone by on the server since the page was made."""
    await page.evaluate(
        """(seconds) => document.dispatchEvent(new CustomEvent("polling:clock", { detail: {
             now: Number(document.body.dataset.clock) + seconds } }))""",
        60 * minutes,
    )


async def test_used_minutes_and_the_way_behind_the_plan_run_by_themselves(browser: Browser, tmp_path: Path) -> None:
    planned = deepcopy(dict(SET))
    for question in planned["questions"]:
        question["minutes"] = 2
    write_event(tmp_path / "questionsets", EVENT, planned)
    server = ServerProcess(tmp_path, event="fair", session="hall")
    await server.start()
    moderator = await server.moderator()
    try:
        stage = Stage(server, browser, moderator)
        page = await stage.tab(await stage.context("blocked"))
        await page.goto(stage.url(f"/m/fair/hall#{server.keys.link_key('moderator', 'fair', 'hall')}"))
        line, course = page.locator("#line-fruit-best .num"), page.locator(".state .course")
        await expect(line).to_have_text("2 min")
        await expect(course).to_have_count(0)
        await moderator.command(Verb.OPEN, BEST)
        await expect(line).to_have_text("0 of 2 min")
        await expect(course).to_have_text("on time")
        await _later(page, 5.2)
        await expect(line).to_have_text("5 of 2 min")
        await expect(page.locator(".chapter .num")).to_have_text("5 of 8 min")
        await expect(course).to_have_text("3 min behind")
        await moderator.command(Verb.CLOSE)  # a frame keeps what the page knows of the clock
        await expect(page.locator(".state b")).to_contain_text("Closed")
        await expect(line).to_have_text("5 of 2 min")
        await moderator.command(Verb.NEXT, "fruit/read/1")
        await _later(page, 2.4)
        await expect(course).to_have_text("3 min ahead")
    finally:
        await moderator.leave()
        await server.stop()
