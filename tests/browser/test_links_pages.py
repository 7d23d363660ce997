"""Links in a real browser: who had one that stops is told so; the key is nowhere but in the link; axe finds nothing."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe import findings
from browser_stage import Stage
from playwright.async_api import Page, Request, expect
from signing_walk import came_in

LINKS, AUDIT, HAND_OVER = "/o/fair/links", "/o/fair/audit", "/m/fair/hall/hand-over"
LAPTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


async def organiser(stage: Stage, **options: Any) -> Page:
    page = await came_in(stage, "organiser", "/o/fair", "", **options)
    await page.goto(stage.url(LINKS))
    return page


def row(page: Page, name: str) -> Any:
    return page.locator(f"#link-{name}")


@pytest.mark.promise("S04")
async def test_a_moderator_whose_link_is_revoked_is_told_so_where_he_is(stage: Stage) -> None:
    moderator = await came_in(stage, "moderator", "/m/fair/hall", "hall")
    page = await organiser(stage, viewport=LAPTOP)
    await moderator.wait_for_timeout(2_100)  # he has been in for a while
    await row(page, "moderator-hall-0").locator("summary").click()
    await row(page, "moderator-hall-0").get_by_role("button", name="Revoke").click()
    await expect(row(page, "moderator-hall-0")).to_contain_text("revoked")
    await expect(moderator.locator("#key-error")).to_contain_text("This link was revoked or replaced")


@pytest.mark.promise("S04")
async def test_a_second_moderator_comes_in_by_what_the_first_one_hands_over(stage: Stage) -> None:
    first = await came_in(stage, "moderator", "/m/fair/hall", "hall")
    await first.goto(stage.url(HAND_OVER))
    await first.locator("#name").fill("Anna")
    await first.get_by_role("button", name="Make the link").click()
    link = await first.locator(".address").inner_text()
    await expect(first.get_by_role("button", name="Copy the link")).to_be_visible()
    path = urlsplit(link)
    second = await stage.tab(await stage.context())
    await second.goto(stage.url(f"{path.path}#{path.fragment}"), wait_until="commit")
    await expect(second.locator("#region-actions")).to_be_visible()
    page = await organiser(stage)
    await expect(row(page, "moderator-hall-1").locator("th")).to_contain_text("Anna")
    await expect(row(page, "moderator-hall-1").locator(".num")).not_to_contain_text("not yet")


@pytest.mark.promise("S04")
@pytest.mark.parametrize(("role", "path"), [("presenter", "/s/fair/hall"), ("moderator", "/m/fair/hall")])
async def test_the_key_is_in_no_request_line_no_referrer_no_history_no_title_and_no_qr(
    stage: Stage, role: str, path: str
) -> None:
    key = stage.server.keys.link_key(role, "fair", "hall")
    page = await stage.tab(await stage.context(viewport=LAPTOP))
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))
    await page.goto(stage.url(f"{path}#{key}"), wait_until="commit")
    inside = page.locator("body:not(:has(form[data-enter])) h1").first
    await expect(inside).to_be_visible()
    await page.reload()
    await expect(inside).to_be_visible()
    assert key not in page.url
    assert key not in await page.title()
    assert key not in await page.content()  # so in no QR code either: each is made of an address on the page
    entries = await page.evaluate("navigation.entries().map(({ url }) => url)")
    assert entries
    assert all(key not in entry for entry in entries), entries
    assert len(asked) > 3
    for request in asked:
        headers = await request.all_headers()
        assert key not in request.url
        assert all(key not in value for name, value in headers.items() if name != "cookie"), request.url
        assert (key in (request.post_data or "")) == (urlsplit(request.url).path == "/pass")
    assert sum(urlsplit(request.url).path == "/pass" for request in asked) == 1
    await page.go_back()
    assert key not in page.url


async def test_without_javascript_a_link_is_revoked_and_one_with_a_name_is_made(stage: Stage) -> None:
    page = await stage.tab(await stage.context(java_script_enabled=False))
    await page.goto(stage.url(LINKS))
    await page.locator("#key").fill(stage.server.keys.link_key("organiser", "fair", ""))
    await page.locator("form button").click()
    await page.goto(stage.url(LINKS))
    hall = page.locator("tbody", has=page.locator("h2", has_text=re.compile("Hall|fair", re.IGNORECASE))).last
    await hall.locator(".another summary").click()
    await hall.locator(".another input[name=name]").fill("Ben")
    await hall.locator(".another button").click()
    await expect(page.locator(".address")).to_contain_text("#")
    await page.get_by_role("link", name="Done").click()
    await expect(page.locator("tr", has_text="Ben").first).to_be_visible()


@pytest.mark.parametrize(
    ("viewport", "scheme", "locale"), [(LAPTOP, "light", "nl-NL"), (PHONE, "dark", "en-GB"), (PHONE, "light", "nl-NL")]
)
async def test_axe_finds_nothing_on_links_the_list_of_commands_and_the_hand_over(
    stage: Stage, viewport: dict[str, int], scheme: str, locale: str
) -> None:
    page = await organiser(stage, viewport=viewport, color_scheme=scheme, locale=locale)
    found: dict[str, list[str]] = {}

    async def look(name: str) -> None:
        told = await findings(page)
        if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            told.append("it scrolls sideways")
        found.update({name: told} if told else {})

    await page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
    await look("links, unfolded")
    await page.locator("tr.another input[name=name]").last.fill("...")
    await page.locator("tr.another button").last.click()
    await expect(page.locator(".notice")).to_be_visible()
    await look("links, refused")
    await row(page, "organiser-0").locator("summary").click()
    await row(page, "organiser-0").locator("[value=revoke_link]").click()
    await look("asked")
    for name, path in (("audit", AUDIT), ("hand over", HAND_OVER)):
        await page.goto(stage.url(path))
        await look(name)
    await page.locator("#name").fill("Anna")
    await page.locator("form button").click()
    await expect(page.locator(".qr svg")).to_be_visible()
    await look("shown")
    assert found == {}
