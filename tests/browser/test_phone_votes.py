"""A phone in a real browser: a vote from the tap until it counts, whatever the network does meanwhile."""

from __future__ import annotations

import asyncio
import json
import re
import time
from typing import Any

import pytest
from browser_stage import BEST, GROW, WHY, Cdn, Stage, form, pick, status
from playwright.async_api import Page, Route, WebSocketRoute, expect
from server_process import Archive

from polling.core.poll import PollKey
from polling.core.tally import Tally

VOTE = re.compile(r"/p/\w+/vote")
CDN = pytest.mark.parametrize("cdn", ["served", "blocked", "hanging"])


@CDN
async def test_a_tap_on_a_phone_moves_a_bar_on_the_big_screen(stage: Stage, cdn: Cdn) -> None:
    screen, phone = await stage.screen(cdn), await stage.phone(cdn)
    await expect(phone.locator("main h1")).to_have_text("You are in. It starts in a moment.")
    await stage.open(BEST)
    begun = time.monotonic()
    await pick(phone, "pear").click()
    bar = screen.locator(".bars li", has_text="Pear").locator(".bar")
    await expect(bar).to_have_attribute("style", "--k:1")
    print(f"\ntap to bar with the CDN {cdn}: {(time.monotonic() - begun) * 1000:.0f} ms")
    await expect(status(phone)).to_contain_text("Your answer is counted")
    await pick(phone, "plum").click()
    await expect(bar).to_have_attribute("style", "--k:0")


@CDN
async def test_a_page_is_ready_to_vote_whatever_the_cdn_does(stage: Stage, cdn: Cdn) -> None:
    await stage.open(BEST)
    begun = time.monotonic()
    phone = await stage.phone(cdn)
    await pick(phone, "apple").click()
    await expect(status(phone)).to_contain_text("Your answer is counted")
    assert time.monotonic() - begun < 4


async def test_a_tap_that_is_faster_than_the_scripts_is_a_vote(stage: Stage) -> None:
    await stage.open(BEST)
    context = await stage.context()

    async def late(route: Route) -> None:
        await asyncio.sleep(1)
        await route.continue_()

    await context.route("**/js/phone.js", late)
    phone = await stage.tab(context)
    await phone.goto(stage.url(f"/j/{stage.code}"), wait_until="commit")
    await pick(phone, "plum").click()
    await expect(phone.locator("html")).not_to_have_attribute("data-live", "")
    await expect(status(phone)).to_contain_text("Your answer is counted")
    await expect(pick(phone, "plum")).to_be_checked()


async def test_several_choices_are_sent_by_a_button_and_can_be_changed(stage: Stage) -> None:
    await stage.open(GROW)
    phone = await stage.phone()
    await pick(phone, "pear").click()
    await expect(phone.locator(".hint")).to_contain_text("1 left.")
    await pick(phone, "own").click()
    await expect(pick(phone, "apple")).to_be_disabled()
    await phone.locator("#text-own").fill("Quinces")
    await phone.get_by_role("button", name="Send 2 choices").click()
    await expect(form(phone)).to_have_attribute("data-state", "counted")
    await phone.get_by_role("button", name="No, I stay anonymous").click()
    await pick(phone, "none").click()
    await expect(pick(phone, "pear")).not_to_be_checked()
    await expect(form(phone)).to_have_attribute("data-state", "")  # what is not sent is not shown as counted
    await phone.get_by_role("button", name="Send 1 choice").click()
    await expect(status(phone)).to_contain_text("Your answer is counted")
    assert (await _stored(phone, GROW))["counted"] == {"picks": ["none"], "texts": {}}


@pytest.mark.promise("R04")
async def test_ink_is_shown_only_after_the_acknowledgement(stage: Stage) -> None:
    await stage.open(BEST)
    held: list[str | bytes] = []
    sockets: list[WebSocketRoute] = []
    context = await stage.context()

    def slow(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        sockets.append(socket)
        server.on_message(lambda data: held.append(data) if b'"ack"' in _bytes(data) else socket.send(data))

    await context.route_web_socket("**/socket*", slow)
    await context.route(VOTE, lambda route: route.abort())
    phone = await stage.tab(context)
    await phone.goto(stage.url(f"/j/{stage.code}"))
    await expect(form(phone)).to_be_visible()
    await pick(phone, "apple").click()
    await expect(form(phone)).to_have_attribute("data-state", "kept")
    await expect(phone.locator(":checked ~ .told.kept")).to_be_visible()
    await expect(status(phone)).to_contain_text("not yet counted")
    while not held:
        await phone.wait_for_timeout(20)
    sockets[-1].send(held[0])
    await expect(form(phone)).to_have_attribute("data-state", "counted")
    await expect(phone.locator(":checked ~ .told.counted")).to_be_visible()


@pytest.mark.promise("R04")
async def test_a_vote_tapped_while_the_server_is_down_counts_after_it_is_back(stage: Stage) -> None:
    await stage.open(BEST)
    phone = await stage.phone()
    await expect(phone.locator("html")).to_have_attribute("data-live", "")
    await stage.server.kill()
    await pick(phone, "plum").click()
    await expect(form(phone)).to_have_attribute("data-state", "kept")
    await expect(status(phone)).to_contain_text("No connection", timeout=10_000)
    await stage.server.start()
    begun = time.monotonic()
    await expect(status(phone)).to_contain_text("Your answer is counted", timeout=12_000)
    took = time.monotonic() - begun
    print(f"\nR04: counted {took:.1f} s after the server was back")
    assert took < 10


@pytest.mark.promise("R04")
async def test_a_vote_tapped_on_a_dead_network_survives_a_reload(stage: Stage) -> None:
    await stage.open(BEST)
    context = await stage.context()
    dead = True

    async def vote(route: Route) -> None:
        await (route.abort() if dead else route.continue_())

    await context.route(VOTE, vote)
    await context.route_web_socket("**/socket*", lambda socket: socket.close() if dead else socket.connect_to_server())
    phone = await stage.tab(context)
    await phone.goto(stage.url(f"/j/{stage.code}"))
    await pick(phone, "pear").click()
    await expect(form(phone)).to_have_attribute("data-state", "kept")
    await phone.reload()
    await expect(pick(phone, "pear")).to_be_checked()
    await expect(form(phone)).to_have_attribute("data-state", "kept")
    dead = False
    await expect(form(phone)).to_have_attribute("data-state", "counted", timeout=12_000)
    assert (await _stored(phone, BEST))["revision"] == 1


@pytest.mark.promise("R04")
async def test_where_no_websocket_gets_through_a_phone_votes_and_follows_by_plain_http(stage: Stage) -> None:
    await stage.open(BEST)
    context = await stage.context()
    await context.route_web_socket("**/socket*", lambda socket: socket.close())
    phone = await stage.tab(context)
    await phone.goto(stage.url(f"/j/{stage.code}"))
    await pick(phone, "pear").click()
    await expect(status(phone)).to_contain_text("Your answer is counted")
    await stage.close()
    await stage.open(GROW)
    await expect(phone.locator("h1")).to_have_text("What will you grow?", timeout=8_000)
    await expect(pick(phone, "pear")).not_to_be_checked()  # another poll's form inherits nothing


@pytest.mark.promise("R03", "R04")
async def test_a_vote_that_comes_after_the_close_is_told_not_counted(stage: Stage) -> None:
    await stage.open(WHY)
    phone = await stage.phone()
    await phone.locator("#text-1").fill("They keep till spring")
    await phone.context.set_offline(True)
    await phone.get_by_role("button", name="Send").click()
    await expect(status(phone)).to_contain_text("not yet counted")
    await stage.close()
    await phone.context.set_offline(False)
    await expect(status(phone)).to_contain_text("Not counted", timeout=12_000)
    await expect(status(phone)).to_contain_text("“They keep till spring”")
    await phone.get_by_role("button", name="Understood").click()
    await expect(status(phone)).not_to_contain_text("Not counted")
    assert (await _stored(phone, WHY))["counted"] is None


async def test_a_change_that_comes_too_late_leaves_the_earlier_answer(stage: Stage) -> None:
    await stage.open(BEST)
    phone = await stage.phone()
    await pick(phone, "apple").click()
    await expect(form(phone)).to_have_attribute("data-state", "counted")
    await phone.context.set_offline(True)
    await pick(phone, "plum").click()
    await stage.close()
    await phone.context.set_offline(False)
    await expect(status(phone)).to_contain_text("Your earlier answer counts", timeout=12_000)
    await expect(phone.locator(".mine:visible")).to_have_count(1)
    await expect(phone.locator("li", has_text="Apple").locator(".mine")).to_be_visible()


@pytest.mark.promise("R02")
async def test_two_tabs_of_a_phone_are_one_voter_and_show_one_answer(stage: Stage) -> None:
    await stage.open(BEST)
    first = await stage.phone()
    second = await stage.tab(first.context)
    await second.goto(stage.url(f"/p/{stage.code}"))
    await pick(first, "apple").click()
    await expect(pick(second, "apple")).to_be_checked()
    await pick(second, "plum").click()
    await expect(pick(first, "plum")).to_be_checked()
    await expect(form(first)).to_have_attribute("data-state", "counted")
    plum_only = [0, 0, 1]
    async with asyncio.timeout(10):
        await stage.moderator.until("now", lambda now: [row["count"] for row in now["chart"]["rows"]] == plum_only)


async def test_a_phone_that_lost_its_notes_is_told_which_answer_counts(stage: Stage) -> None:
    await stage.open(BEST)
    phone = await stage.phone()
    for option in ("apple", "pear"):
        await pick(phone, option).click()
        await expect(form(phone)).to_have_attribute("data-state", "counted")
    await phone.evaluate("localStorage.clear()")
    await pick(phone, "plum").click()  # revision 1, but 2 is stored
    await expect(status(phone)).to_contain_text("An answer you gave elsewhere counts")
    await expect(pick(phone, "pear")).to_be_checked()
    await pick(phone, "plum").click()
    await expect(status(phone)).to_contain_text("Your answer is counted")
    await phone.evaluate("localStorage.clear()")
    await phone.reload()  # the page's first paint knows it, too
    await expect(pick(phone, "plum")).to_be_checked()
    await expect(status(phone)).to_contain_text("Your answer is counted")


async def test_a_phone_whose_storage_is_forbidden_still_votes(stage: Stage) -> None:
    await stage.open(BEST)
    context = await stage.context()
    await context.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('no') } })")
    phone = await stage.tab(context)
    await phone.goto(stage.url(f"/j/{stage.code}"))
    await pick(phone, "pear").click()
    await expect(status(phone)).to_contain_text("Your answer is counted")
    assert stage.said == []


async def _stored(page: Page, poll: str) -> dict[str, Any]:
    kept = await page.evaluate("poll => localStorage.getItem(`polling:fair/hall/${poll}`)", poll)
    record: dict[str, Any] = json.loads(kept)
    return record


def _bytes(data: str | bytes) -> bytes:
    return data.encode() if isinstance(data, str) else data


async def test_a_phone_keeps_the_label_of_its_answer_and_brings_it_with_a_divided_question(stage: Stage) -> None:
    await stage.open(BEST)
    phone, without = await stage.phone(), await stage.phone()
    await pick(phone, "plum").click()
    await expect(status(phone)).to_contain_text("Your answer is counted")
    await phone.reload()
    await stage.close()
    await stage.open(GROW)
    for page in (phone, without):
        await expect(page.locator("h1")).to_have_text("What will you grow?")  # both questions have a pear
        await pick(page, "pear").click()
        await page.get_by_role("button", name="Send 1 choice").click()
        await expect(status(page)).to_contain_text("Your answer is counted")
    archive = Archive(stage.server)
    assert archive.segments(PollKey.from_text(GROW)) == {"plum": Tally(1, {"pear": 1})}
    archive.close()
    assert stage.said == []
