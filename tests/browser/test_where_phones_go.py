"""Phones find their room in a real browser: from the plenary to the break-outs and back, late, full, offline."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from axe import findings
from break_outs_stage import BreakOuts, staged
from browser_stage import BEST, WHY, pick, status
from playwright.async_api import Browser, Page, Route, expect

from polling.core.poll import Verb


@pytest_asyncio.fixture
async def fair(tmp_path: Path, browser: Browser) -> AsyncIterator[BreakOuts]:
    async with staged(tmp_path, browser) as stage:
        yield stage


@pytest_asyncio.fixture
async def ruled(tmp_path: Path, browser: Browser) -> AsyncIterator[BreakOuts]:
    rules = [{"answer": "fruit/best", "any_of": ["plum", "pear"], "session": "barn"}]
    async with staged(tmp_path, browser, "rules", rules=rules) as stage:
        yield stage


async def go(page: Page, room: str) -> None:
    await page.get_by_label(room).check()
    await page.get_by_role("button", name=f"Go to {room}").click()
    await expect(page.locator("header.top")).to_contain_text(room)


async def test_from_the_plenary_to_a_room_and_back_and_to_the_same_room_again(fair: BreakOuts) -> None:
    phone = await fair.at(await fair.context())
    await expect(phone.locator("header.top")).to_contain_text("Hall")
    await fair.give("send", to="*")
    await expect(phone.locator("h1")).to_have_text("Choose your room")
    await go(phone, "Barn")
    await fair.give("send", to="hall")
    await expect(phone.locator("header.top")).to_contain_text("Hall")
    await fair.give("send", to="*")
    await expect(phone.locator("header.top")).to_contain_text("Barn")
    late = await fair.at(await fair.context())
    await expect(late.locator("h1")).to_have_text("Choose your room")
    assert fair.said == []


async def test_a_full_room_is_in_the_list_and_one_that_fills_up_meanwhile_says_so(fair: BreakOuts) -> None:
    await fair.give("send", to="*")
    first, second = [await fair.at(await fair.context()) for _ in range(2)]
    await second.get_by_label("Attic").check()
    await go(first, "Attic")
    await expect(second.locator("#room-error")).to_have_text("This room is full. Choose another one.")
    await expect(second.get_by_label("Attic")).to_be_disabled()
    await expect(second.locator("label", has_text="Attic")).to_contain_text("full")
    await go(second, "Cellar")
    walked_in = await fair.at(await fair.context(), "attic")  # by the code at the door
    await expect(walked_in.locator("header.top")).to_contain_text("Attic")


async def test_a_phone_that_scans_a_room_s_code_stays_there_and_follows_the_next_call(fair: BreakOuts) -> None:
    await fair.give("send", to="*")
    await fair.give("send", to="hall")
    phone = await fair.at(await fair.context(), "barn")
    await expect(phone.locator(".called")).to_contain_text("Everyone is now in: Hall.")
    await phone.wait_for_timeout(2_500)
    assert phone.url == fair.address("barn")
    await phone.reload()
    await phone.wait_for_timeout(2_500)
    assert phone.url == fair.address("barn")
    await fair.give("send", to="cellar")
    await expect(phone).to_have_url(fair.address("cellar"))


async def test_a_phone_that_slept_through_the_call_follows_when_it_comes_back(fair: BreakOuts) -> None:
    context = await fair.context()
    phone = await fair.at(context)
    await expect(phone.locator("header.top")).to_contain_text("Hall")
    await context.set_offline(True)
    await fair.give("send", to="barn")
    await context.set_offline(False)
    await expect(phone).to_have_url(fair.address("barn"))


async def test_a_phone_that_chooses_a_room_just_as_all_are_called_back_does_not_stay_there(fair: BreakOuts) -> None:
    await fair.give("send", to="*")
    context = await fair.context()

    async def called_meanwhile(route: Route) -> None:
        if route.request.method != "POST":
            await route.continue_()
            return
        taken = await route.fetch(max_redirects=0)
        await fair.give("send", to="hall")
        await route.fulfill(response=taken)

    await context.route("**/room", called_meanwhile)
    phone = await fair.at(context)
    await phone.get_by_label("Barn").check()
    await phone.get_by_role("button", name="Go to Barn").click()
    await expect(phone).to_have_url(fair.address("hall"))


async def test_a_phone_waits_for_its_answer_to_be_counted_but_not_for_ever(fair: BreakOuts) -> None:
    await fair.open(BEST)
    context = await fair.context()
    await context.route("**/p/*/vote*", lambda route: route.abort())
    await context.add_init_script("WebSocket.prototype.send = () => {}")  # frames come in, and nothing goes out
    phone = await fair.at(context)
    await pick(phone, "plum").check()
    await fair.give("send", to="barn")
    await expect(phone.locator(".called")).to_be_visible()
    await phone.wait_for_timeout(4_000)
    assert phone.url == fair.address("hall")
    await expect(phone).to_have_url(fair.address("barn"))
    await expect(phone.locator("#left")).to_contain_text("Not sent in Hall. It is kept on this phone.")


async def test_what_was_half_typed_is_told_and_found_again(fair: BreakOuts) -> None:
    await fair.open(WHY)
    phone = await fair.at(await fair.context())
    await phone.locator("#text-1").fill("Half a thou")
    await fair.give("send", to="barn")
    await expect(phone).to_have_url(fair.address("barn"))
    await expect(phone.locator("#left")).to_contain_text("Not sent in Hall. It is kept on this phone. “Half a thou”")
    await phone.get_by_role("link", name="Back to it").click()
    await expect(phone.locator("#text-1")).to_have_value("Half a thou")
    await phone.wait_for_timeout(2_000)
    assert phone.url == fair.address("hall")


async def test_nobody_is_taken_away_from_a_name_that_is_being_typed(fair: BreakOuts) -> None:
    await fair.open(WHY)
    phone = await fair.at(await fair.context())
    await phone.locator("#text-1").fill("They keep till spring")
    await phone.get_by_role("button", name="Send").click()
    await phone.get_by_role("button", name="Yes, with my name").click()
    await phone.get_by_label("Name").fill("Ada")
    await fair.give("send", to="barn")
    await expect(phone.locator("#called")).to_contain_text("Everyone is now in: Barn.")
    await phone.wait_for_timeout(2_500)
    assert phone.url == fair.address("hall")
    await expect(phone.get_by_label("Name")).to_have_value("Ada")


async def test_a_rule_leads_to_a_room_by_an_answer_that_only_the_phone_knows(ruled: BreakOuts) -> None:
    await ruled.open(BEST)
    asked: list[str] = []
    phone = await ruled.at(await ruled.context())
    phone.on("request", lambda request: asked.append(request.post_data or ""))
    await pick(phone, "plum").check()
    await expect(status(phone)).to_contain_text("Your answer is counted")
    other = await ruled.at(await ruled.context())
    asked.clear()
    await ruled.give("send", to="*")
    await expect(phone).to_have_url(ruled.address("barn"))
    await expect(phone.locator("#because")).to_contain_text("because you answered “Plum” to “Which is best?”")
    assert [body for body in asked if body] == ["room=barn"]
    await phone.get_by_role("link", name="Choose another room").click()
    await expect(phone.locator("h1")).to_have_text("Choose your room")
    await go(phone, "Cellar")
    await expect(phone.locator("#because")).to_be_hidden()
    await expect(other.locator("label", has_text="Barn")).to_contain_text(
        "Meant for: Plum, Pear."
    )  # it answered nothing


async def test_who_answered_in_a_room_that_moved_is_not_asked_again(fair: BreakOuts) -> None:
    barn, cellar = await fair.moderator_of("barn"), await fair.moderator_of("cellar")
    await fair.give("send", to="*")
    phone, neighbour = await fair.at(await fair.context(), "barn"), await fair.at(await fair.context(), "cellar")
    await barn.command(Verb.OPEN, BEST)
    await pick(phone, "plum").check()
    await expect(status(phone)).to_contain_text("Your answer is counted")
    await fair.give("move_room", session="barn", to="cellar")
    await expect(phone).to_have_url(fair.address("cellar"))
    await cellar.command(Verb.OPEN, BEST)
    await expect(neighbour.locator("#vote")).to_be_visible()
    await expect(phone.locator("#answered-before")).to_contain_text("Counted, in Barn")
    await expect(phone.locator("#vote")).to_be_hidden()
    await phone.get_by_text("Why?", exact=True).click()
    await expect(phone.locator("#answered-before details")).to_contain_text("Barn moved into this room.")
    for moderator in (barn, cellar):
        await moderator.leave()


async def test_without_javascript_one_follows_chooses_and_comes_back(fair: BreakOuts) -> None:
    phone = await fair.at(await fair.context(java_script_enabled=False))
    await expect(phone.locator("header.top")).to_contain_text("Hall")
    await fair.give("send", to="*")
    await expect(phone.locator("h1")).to_have_text("Choose your room", timeout=12_000)
    await phone.get_by_label("Barn").check()
    await phone.get_by_role("button", name="Go to this room").click()
    await expect(phone.locator("header.top")).to_contain_text("Barn")
    await fair.give("send", to="hall")
    await expect(phone.locator("header.top")).to_contain_text("Hall", timeout=12_000)


@pytest.mark.parametrize(("scheme", "locale"), [("light", "en-GB"), ("dark", "nl-NL")])
async def test_axe_finds_nothing_where_phones_find_their_room(fair: BreakOuts, scheme: str, locale: str) -> None:
    context = await fair.context(color_scheme=scheme, locale=locale)
    phone = await fair.at(context, "barn")
    hall = await fair.tab(
        await fair.context(color_scheme=scheme, locale=locale, viewport={"width": 1920, "height": 1080})
    )
    await hall.goto(fair.url(f"/s/fair#{fair.server.keys.link_key('presenter', 'fair', '')}"))
    await expect(hall.locator("#region-lobby")).to_be_visible()
    found = {"lobby": await findings(hall)}
    await fair.give("send", to="*")
    await expect(hall.locator("#region-lobby .rooms")).to_be_visible()
    found["rooms on the screen"] = await findings(hall)
    rooms = await fair.at(await fair.context(color_scheme=scheme, locale=locale))
    await expect(rooms.locator(".option.room")).to_have_count(3)
    found["rooms"] = await findings(rooms)
    await fair.give("end")
    await expect(phone.locator("[data-stage='ended']")).to_be_visible()
    found["ended"] = await findings(phone)
    assert {name: told for name, told in found.items() if told} == {}
