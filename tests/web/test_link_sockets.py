"""A link that stops takes its open sockets along, within two seconds, over a real server."""

from __future__ import annotations

import asyncio
import time
from datetime import date, datetime
from urllib.parse import urlencode

import pytest
from served import CAKE, Reply, Served

from polling.core.links import Link, LinkChange, LinkVerb
from polling.store.command_rows import commands_given
from polling.store.links import LinkOrder, change_links
from polling.web.links import change_link
from polling.web.socket import NO_PASS

pytestmark = pytest.mark.promise("S04")

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
AT_ONCE = 2.0


async def change(served: Served, verb: LinkVerb, role: str = "moderator", number: int | None = 0) -> Link:
    """As the organiser's page does it."""
    session = "" if role == "organiser" else "hall"
    asked = LinkChange("tea", role, session, verb, number, "Anna")
    return await served.on_server(change_link(served.site, asked, f"{verb}-{time.monotonic_ns()}", "organiser"))


def cookie(served: Served, link: Link) -> str:
    """The pass of someone who came in by `link`."""
    value = served.site.keys.new_pass(link.role, "tea", link.session, link.number, link.generation)
    return f"polling-pass-{link.role}-tea.{link.session}={value}"


@pytest.mark.parametrize("verb", [LinkVerb.REVOKE, LinkVerb.REPLACE])
@pytest.mark.parametrize(
    ("role", "path"), [("moderator", "/m/tea/hall"), ("presenter", "/s/tea/hall"), ("organiser", "/o/tea")]
)
async def test_its_sockets_are_closed_at_once(fresh: Served, verb: LinkVerb, role: str, path: str) -> None:
    async with fresh.socket(f"{path}/socket", cookie=fresh.pass_cookie(role)) as page:
        await page.hear()
        begun = time.monotonic()
        await change(fresh, verb, role)
        assert await asyncio.wait_for(page.closed(), AT_ONCE) == NO_PASS
        assert time.monotonic() - begun < AT_ONCE
    async with fresh.socket(f"{path}/socket", cookie=fresh.pass_cookie(role)) as again:
        assert await again.closed() == NO_PASS


async def test_everyone_else_s_stay_open_and_go_on(fresh: Served) -> None:
    anna = await change(fresh, LinkVerb.ADD, number=None)
    async with (
        fresh.moderator(cookie=cookie(fresh, anna)) as hers,
        fresh.moderator() as own,
        fresh.moderator(cookie=fresh.pass_cookie("organiser")) as organiser,
        fresh.phone() as phone,
    ):
        assert (await hers.command("open", 0, CAKE))["type"] == "done"
        await change(fresh, LinkVerb.REVOKE, number=anna.number)
        assert await asyncio.wait_for(hers.closed(), AT_ONCE) == NO_PASS
        assert (await phone.cast(CAKE, "plum"))["fate"] == "counted"
        assert (await own.command("close", 1))["type"] == "done"
        assert (await organiser.command("reveal", 2))["type"] == "refused"
    with fresh.site.database.read() as connection:
        given = commands_given(connection, "tea", "hall")
    assert {each.verb: each.who for each in given if not each.verb.endswith("_link")} == {
        "open": "Anna (Hall)",
        "close": "moderator of Hall",
        "reveal": "organiser",
    }


async def test_a_screen_that_a_clicker_steps_stops_with_the_moderator_s_link_and_comes_back_without(
    fresh: Served,
) -> None:
    cookies = f"{fresh.pass_cookie('presenter')}; {fresh.pass_cookie('moderator')}"
    async with fresh.socket("/s/tea/hall/socket", cookie=cookies) as screen:
        assert (await screen.command("next", 0))["type"] == "done"
        await change(fresh, LinkVerb.REVOKE)
        assert await asyncio.wait_for(screen.closed(), AT_ONCE) == NO_PASS
    async with fresh.socket("/s/tea/hall/socket", cookie=cookies) as screen:
        assert (await screen.command("next", 1))["code"] == "not-allowed"
    with fresh.site.database.read() as connection:
        (given,) = commands_given(connection, "tea", "hall")[1:]
    assert given.who == "moderator of Hall, at the big screen"


async def test_what_the_command_line_replaces_beside_the_server_counts_within_seconds(fresh: Served) -> None:
    async with fresh.moderator() as page:
        await page.hear()
        order = LinkOrder("cli", LinkChange("tea", "moderator", "hall", LinkVerb.REPLACE, 0))
        with fresh.site.database.write() as connection:  # as another process does it, past the server's writer
            change_links(connection, [order])
        assert await asyncio.wait_for(page.closed(), 10) == NO_PASS


async def test_a_page_that_is_open_when_the_links_end_is_closed_and_commands_no_more(fresh: Served) -> None:
    async with fresh.moderator() as page, fresh.socket("/o/tea/socket", cookie=fresh.pass_cookie("organiser")) as board:
        await page.hear()
        event = fresh.site.hall.events["tea"]
        long_ago = datetime.now().date().replace(year=2020)
        fresh.site.hall.events["tea"] = event.model_copy(update={"day": date(2020, 1, long_ago.day % 28 + 1)})
        assert (await page.command("open", 0, CAKE))["code"] == "link-ended"
        assert await asyncio.wait_for(page.closed(), 10) == NO_PASS
        assert (await board.hear())["type"] == "region"


async def test_a_pass_of_before_links_had_numbers_or_of_another_link_opens_nothing(fresh: Served) -> None:
    keys = fresh.site.keys
    for value in (
        keys.link_key("moderator", "tea", "hall"),
        keys.new_pass("moderator", "tea", "hall", 1),  # nobody was given it
        keys.new_pass("moderator", "tea", "hall", 0, 2),
        keys.new_pass("moderator", "tea", "hall", 0, 0),
    ):
        async with fresh.moderator(cookie=f"polling-pass-moderator-tea.hall={value}") as page:
            assert await page.closed() == NO_PASS


async def test_a_link_replaced_with_the_server_down_is_replaced_when_it_is_back(fresh: Served) -> None:
    await change(fresh, LinkVerb.REPLACE)
    await fresh.on_server(_forget(fresh))
    assert (await _exchange(fresh, fresh.site.keys.link_key("moderator", "tea", "hall"))).status == 401
    assert (await _exchange(fresh, fresh.site.keys.link_key("moderator", "tea", "hall", 0, 2))).status == 303


async def _forget(fresh: Served) -> None:
    """What a start does: everything from the database."""
    fresh.site.links._kept.clear()
    await fresh.site.links.renew()


async def _exchange(served: Served, key: str) -> Reply:
    fields = {"role": "moderator", "event": "tea", "session": "hall", "key": key}
    return await served.ask("/pass", method="POST", body=urlencode(fields).encode(), headers=FORM)
