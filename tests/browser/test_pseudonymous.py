"""A pseudonymous event in a real browser: told before anything is answered, kept together, and read side by side."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

import pytest
from axe import findings
from browser_stage import BEST, EVENT, GROW, Stage, form, pick, status
from playwright.async_api import Page, expect
from signing_walk import came_in, yes

TOGETHER = {"en-GB": "your answers are kept together under a number", "nl-NL": "uw antwoorden bij elkaar bewaard"}
YOUR_NAME = {"en-GB": "may be read under all of them", "nl-NL": "uw naam onder dit ene kan onder alle"}


@pytest.fixture
def event() -> Mapping[str, Any]:
    """The fair, declared pseudonymous."""
    return {**EVENT, "privacy": {**EVENT["privacy"], "mode": "pseudonymous"}}


async def respondents(stage: Stage, organiser: Page) -> list[list[str]]:
    """The file that the organiser downloads, as rows."""
    reply = await organiser.request.get(stage.url(f"/o/{stage.server.event}/export/respondents.csv"))
    assert reply.status == 200
    return list(csv.reader(io.StringIO(await reply.text(), newline="")))


@pytest.mark.promise("P18")
@pytest.mark.parametrize(("locale", "scheme"), [("en-GB", "light"), ("nl-NL", "dark")])
async def test_people_are_told_before_they_answer_and_two_answers_stay_together(
    stage: Stage, locale: str, scheme: str
) -> None:
    found: dict[str, list[str]] = {}
    one, two = [await stage.phone(locale=locale, color_scheme=scheme) for _ in range(2)]
    await expect(one.locator("main")).to_contain_text(TOGETHER[locale])
    found["before answering"] = await findings(one)
    await stage.open(BEST)
    await pick(one, "apple").check()
    await pick(two, "plum").check()
    await expect(status(one)).to_contain_text("counted" if locale == "en-GB" else "geteld")
    await expect(status(two)).to_contain_text("counted" if locale == "en-GB" else "geteld")
    await stage.close()
    await stage.open(GROW)
    await expect(form(one)).to_contain_text("What will you grow?")
    await pick(one, "apple").check()
    await form(one).locator(".send button").click()
    await expect(yes(one)).to_be_enabled()
    await expect(one.locator(".offer")).to_contain_text(YOUR_NAME[locale])
    found["the offer"] = await findings(one)
    await yes(one).click()
    await expect(one.locator("#signing")).to_contain_text(YOUR_NAME[locale])
    found["the form"] = await findings(one)
    await stage.close()
    for path in ("/me", f"/privacy/{stage.server.event}"):
        await two.goto(stage.url(path))
        found[path] = await findings(two)

    organiser = await came_in(stage, "organiser", f"/o/{stage.server.event}", "", locale=locale, color_scheme=scheme)
    header, *rows = await respondents(stage, organiser)
    assert header == ["respondent", f"hall/{BEST}", f"hall/{GROW}"]
    assert sorted(row[1:] for row in rows) == [["apple", "apple"], ["plum", ""]]
    assert {place: told for place, told in found.items() if told} == {}
