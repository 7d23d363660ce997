"""How long it takes to put a name to an answer: fifteen seconds are enough, on a slow phone, in both languages."""

from __future__ import annotations

import time

import pytest
from browser_stage import GROW, WHY, Stage, form, pick
from playwright.async_api import Page, expect
from signing_walk import sign, yes

MOST = 15.0
"""Seconds from the first tap on an answer until the name stands under it."""
A_TAP = 1.5
"""Seconds for a person to find a button and tap it: more than a robot takes, and counted for each tap."""

DETAILS = {"name": "Ann de Vries", "email": "ann@example.org"}


class Thumb:
    """Taps, counts them, and has looked at the clock before the first."""

    def __init__(self, phone: Page) -> None:
        self._phone = phone
        self._began = time.perf_counter()
        self.taps = 0

    async def tap(self, selector: str) -> None:
        self.taps += 1
        await self._phone.locator(selector).click()

    async def fill_automatically(self) -> None:
        """One tap on what the browser proposes: all fields at once, by the names that autofill knows them by."""
        self.taps += 1
        filled = await self._phone.evaluate(
            """({ name, email }) => {
                for (const [kind, value] of [["name", name], ["email", email]]) {
                  const field = document.querySelector(`#signing input[autocomplete=${kind}]`);
                  field.value = value;
                  for (const event of ["input", "change"]) field.dispatchEvent(new Event(event, { bubbles: true }));
                }
                return document.querySelector("#signing").checkValidity();
            }""",
            DETAILS,
        )
        assert filled, "no field is left that a browser can't fill"

    def seconds(self) -> tuple[float, float]:
        """What the machines took, and what it is with a person's taps."""
        machines = time.perf_counter() - self._began
        return machines, machines + A_TAP * self.taps


async def slow_phone(stage: Stage, locale: str, scripts: bool) -> Page:
    """A phone with a quarter of this processor, on slow 4G."""
    phone = await stage.phone(locale=locale, java_script_enabled=scripts)
    devtools = await phone.context.new_cdp_session(phone)
    await devtools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    slow = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 90_000}
    await devtools.send("Network.emulateNetworkConditions", slow)
    return phone


def told(what: str, thumb: Thumb) -> float:
    machines, whole = thumb.seconds()
    print(f"\n{what}: {machines:.1f} s of machines, {thumb.taps} taps, {whole:.1f} s in all")
    return whole


@pytest.mark.promise("P05")
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "without JavaScript"])
@pytest.mark.parametrize("locale", ["nl-NL", "en-GB"])
async def test_from_the_tap_on_an_answer_to_the_name_under_it_takes_under_fifteen_seconds(
    stage: Stage, locale: str, scripts: bool
) -> None:
    await stage.open(GROW)
    phone = await slow_phone(stage, locale, scripts)
    await expect(pick(phone, "apple")).to_be_visible()
    thumb = Thumb(phone)
    await thumb.tap("label:has(#pick-apple)")
    await thumb.tap(".send button")
    await expect(phone.locator(".offer h1")).to_be_visible()
    await expect(yes(phone)).to_be_enabled()
    await thumb.tap("[data-answer='yes'] button.button")
    await expect(sign(phone)).to_be_visible()
    await (thumb.fill_automatically() if scripts else fill(phone, thumb))
    await thumb.tap("#signing button.main")
    await expect(phone.locator("[data-private-key]")).to_be_visible()
    assert told(f"{locale}, {'scripts' if scripts else 'no JavaScript'}", thumb) < MOST
    assert await phone.locator("html").get_attribute("lang") == locale[:2]


@pytest.mark.promise("P05")
@pytest.mark.parametrize("locale", ["nl-NL", "en-GB"])
async def test_who_left_details_on_the_phone_needs_a_tap_on_the_answer_and_one_on_yes(
    stage: Stage, locale: str
) -> None:
    await stage.open(WHY)
    phone = await slow_phone(stage, locale, True)
    await phone.locator("textarea").fill("Invite the neighbours")
    await form(phone).locator(".send button").click()
    await yes(phone).click()
    for name, value in DETAILS.items():
        await phone.locator(f"#{name}").fill(value)
    await phone.locator("[data-keep] input").check()
    await sign(phone).click()
    await phone.locator("[data-close]").click()
    await stage.close()

    await stage.open(GROW)
    await expect(pick(phone, "apple")).to_be_visible()
    thumb = Thumb(phone)
    await thumb.tap("label:has(#pick-apple)")
    await thumb.tap(".send button")
    await expect(phone.locator("[data-as-kept]")).to_be_visible()
    await thumb.tap("[data-answer='yes'] button.button")
    await expect(phone.locator("[data-private-key]")).to_be_visible()
    assert told(f"{locale}, details kept", thumb) < MOST
    assert thumb.taps == 3


async def fill(phone: Page, thumb: Thumb) -> None:
    """The same without a script to do it by: the browser's own filling, in one tap."""
    thumb.taps += 1
    for name, value in DETAILS.items():
        await phone.locator(f"#signing input[autocomplete={name}]").fill(value)
