"""What people are told of a pseudonymous event before they answer, and what the organiser gets of it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from served import CAKE, EVENT, TOPPINGS, Served, serving, write_event

from polling.rendering import LANGUAGES

TOGETHER = {
    "en": "Here your answers are kept together under a number. If you sign even one, everyone with the data can read",
    "nl": "Hier worden uw antwoorden bij elkaar bewaard onder een nummer. Ondertekent u er ook maar één, dan kan",
}
APART = {"en": "nobody who reads our database can put them together", "nl": "kan niemand die onze database leest"}
STAYS = {"en": "Your other answers stay anonymous", "nl": "Uw andere antwoorden blijven anoniem"}
RULES: Any = EVENT["privacy"]
MODE: Mapping[str, Any] = EVENT | {"privacy": RULES | {"mode": "pseudonymous"}}


def ways_in(served: Served) -> list[str]:
    """Every page on which someone can be before the first answer."""
    return ["/", f"/p/{served.code('')}/room", f"/p/{served.code()}", "/privacy/tea"]


@pytest.mark.promise("P18")
@pytest.mark.parametrize("language", LANGUAGES)
async def test_each_page_on_the_way_in_says_that_answers_are_kept_together(tmp_path: Path, language: str) -> None:
    with serving(tmp_path, MODE) as served:
        for path in ways_in(served):
            page = (await served.ask(f"{path}?lang={language}")).text
            assert TOGETHER[language] in page, path
            assert APART[language] not in page, path
        screen = await served.ask(f"/s/tea/hall?lang={language}", headers={"Cookie": served.pass_cookie("presenter")})
        assert screen.status == 200
        assert {"Anonymous", "Anoniem"}.isdisjoint(re.findall(r"\w+", screen.text))
        sheet = await served.ask(f"/o/tea/sheet?lang={language}", headers={"Cookie": served.pass_cookie("organiser")})
        assert TOGETHER[language] in sheet.text


@pytest.mark.promise("P18")
@pytest.mark.parametrize("language", LANGUAGES)
async def test_none_of_an_anonymous_event_does(tmp_path: Path, language: str) -> None:
    with serving(tmp_path) as served:
        for path in ways_in(served):
            page = (await served.ask(f"{path}?lang={language}")).text
            assert TOGETHER[language] not in page, path
        assert APART[language] in (await served.ask(f"/?lang={language}")).text


async def test_where_some_events_are_pseudonymous_the_first_page_says_both(tmp_path: Path) -> None:
    write_event(tmp_path / "questionsets", MODE)
    write_event(tmp_path / "questionsets", EVENT | {"event": "coffee", "title": "Coffee"})
    with serving(tmp_path) as served:
        for path in ("/?lang=en", "/privacy?lang=en"):
            page = (await served.ask(path)).text
            assert APART["en"] in page
            assert "Some events here keep all answers of one person together instead" in page


@pytest.mark.parametrize("language", LANGUAGES)
async def test_who_may_sign_is_not_told_that_the_rest_stays_anonymous(tmp_path: Path, language: str) -> None:
    told = {
        "en": "your name under this one may be read under all of them",
        "nl": "uw naam onder dit ene kan onder alle",
    }
    with serving(tmp_path, MODE) as served:
        async with served.moderator() as moderator, served.phone() as phone:
            await moderator.command("open", 0, CAKE)
            proof = (await phone.cast(CAKE, "apple"))["receipts"]["apple"]
        page = (await served.ask(f"/p/{served.code()}?lang={language}")).text
        assert "Anonymous" not in page
        assert "Anoniem" not in page
        form = f"event=tea&session=hall&poll={CAKE}&cell=apple&receipt={proof}&language={language}".encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Origin": served.url}
        sign = (await served.ask("/sign", method="POST", body=form, headers=kind)).text
    for text in (page, sign):
        assert told[language] in text
        assert STAYS[language] not in text


async def test_the_page_of_what_is_kept_does_not_say_that_nothing_is_together(tmp_path: Path) -> None:
    for place, event, said in (("one", EVENT, True), ("other", MODE, False)):
        with serving(tmp_path / place, event) as served:
            page = (await served.ask("/me?lang=en")).text
            assert ("nor that they belong together" in page) is said
            assert ("they stay on the server" in page) is not said


async def test_the_organiser_reads_the_answers_of_one_respondent_side_by_side(tmp_path: Path) -> None:
    with serving(tmp_path, MODE) as served:
        async with served.moderator() as moderator, served.phone(1) as one, served.phone(2) as two:
            await moderator.command("open", 0, CAKE)
            await one.cast(CAKE, "apple")
            await two.cast(CAKE, "plum")
            await moderator.command("close", 1)
            await moderator.command("open", 2, TOPPINGS)
            await two.cast(TOPPINGS, "cream", "nuts")
            await moderator.command("close", 3)
        cookie = {"Cookie": served.pass_cookie("organiser")}
        assert "/o/tea/export/respondents.csv" in (await served.ask("/o/tea/results", headers=cookie)).text
        file = await served.ask("/o/tea/export/respondents.csv", headers=cookie)
        rows = list(csv.reader(io.StringIO(file.text, newline="")))
    assert rows[0] == ["respondent", f"hall/{CAKE}", f"hall/{TOPPINGS}"]
    assert sorted(row[1:] for row in rows[1:]) == [["apple", ""], ["plum", "cream nuts"]]


async def test_an_anonymous_event_has_no_such_file(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        cookie = {"Cookie": served.pass_cookie("organiser")}
        assert "respondents.csv" not in (await served.ask("/o/tea/results", headers=cookie)).text
        assert (await served.ask("/o/tea/export/respondents.csv", headers=cookie)).status == 404
