"""A set at the participants' own pace without JavaScript: all its questions in one page, each with its own button."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import yaml
from own_pace_stage import AFTER, EVENT, FRUIT, GROW, IDEA, READ, WHAT
from served import Reply, Served, serving

from polling.core.poll import PollKey


@pytest.fixture
def walk(tmp_path: Path) -> Iterator[Served]:
    folder = tmp_path / "questionsets" / "walk"
    folder.mkdir(parents=True)
    for name, content in {"event": EVENT, "fruit": FRUIT, "after": AFTER}.items():
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(dict(content)))
    with serving(tmp_path) as it:
        yield it


def code(served: Served) -> str:
    return served.site.hall.code("walk", "hall")


async def opened(served: Served) -> None:
    await do(served, "open", 0, READ)


async def do(served: Served, verb: str, based_on: int, poll: PollKey | None = None) -> None:
    cookie = f"polling-pass-moderator-walk.hall={served.site.keys.new_pass('moderator', 'walk', 'hall')}"
    async with served.socket("/m/walk/hall/socket", cookie=cookie) as moderator:
        assert (await moderator.command(verb, based_on, poll))["type"] == "done"


async def page(served: Served, phone: int = 1, path: str = "", language: str = "en") -> str:
    cookie = served.phone_cookie(phone)
    return (await served.ask(f"/p/{code(served)}{path}", headers={"Cookie": cookie, "Accept-Language": language})).text


async def vote(served: Served, poll: PollKey, fields: Mapping[str, Any], phone: int = 1) -> Reply:
    headers = {"Cookie": served.phone_cookie(phone), "Content-Type": "application/x-www-form-urlencoded"}
    headers["Origin"] = served.url
    body = urlencode({"poll": str(poll), **fields}, doseq=True).encode()
    return await served.ask(f"/p/{code(served)}/vote", method="POST", body=body, headers=headers)


def section(page: str, question: str) -> str:
    """The part of the page that one question has."""
    return page.partition(f'<section id="step-{question}"')[2].partition("</section>")[0]


async def test_all_questions_stand_in_the_page_and_no_id_stands_there_twice(walk: Served) -> None:
    await opened(walk)
    shown = await page(walk)
    ids = re.findall(r'\sid="([^"]+)"', re.sub(r"<template.*?</template>", "", shown, flags=re.DOTALL))
    assert len(ids) == len(set(ids))
    assert re.findall(r'<form id="vote-(\w+)"', shown) == ["grow", "what", "why", "idea"]
    assert re.findall(r'name="poll" value="([^"]+)">\n<', shown) == [
        f"fruit/{q}/1" for q in ("grow", "what", "why", "idea")
    ]
    assert 'http-equiv="refresh"' not in shown  # what is half filled in is not lost
    for label in re.findall(r'<label[^>]* for="([^"]+)"', shown):
        assert label in ids


async def test_a_question_that_is_asked_of_some_says_of_whom(walk: Served) -> None:
    await opened(walk)
    shown = await page(walk)
    assert "Only if you answered “Now” to “Do you grow fruit?”." in section(shown, "what")
    assert "Only if you answered “Later” or “Never” to “Do you grow fruit?”." in section(shown, "why")
    assert "Only if" not in section(shown, "idea")


async def test_an_answer_leads_back_to_its_question_where_it_is_counted(walk: Served) -> None:
    await opened(walk)
    shown = await page(walk)
    assert f'action="/p/{code(walk)}/vote#step-grow"' in section(shown, "grow")
    assert (await vote(walk, GROW, {"pick": "now"})).status == 303
    await vote(walk, WHAT, {"pick": "pear"})
    after = await page(walk)
    assert re.findall(r'id="pick-(\w+--\w+)" checked', after) == ["grow--now", "what--pear"]
    for question, state in {"grow": "counted", "what": "counted", "why": ""}.items():
        assert f'data-state="{state}"' in section(after, question)
    assert "checked" not in await page(walk, 2)


async def test_an_answer_that_does_not_fit_says_so_at_its_own_question(walk: Served) -> None:
    await opened(walk)
    await vote(walk, GROW, {"pick": "now"})
    reply = await vote(walk, WHAT, {"pick": ["now", "pear", "own"]})
    assert reply.status == 422
    assert "Choose at most 2." in section(reply.text, "what").partition('role="alert">')[2]
    assert "hidden" in section(reply.text, "idea").partition('id="idea--vote-error"')[2][:40]
    assert section(reply.text, "what").count(" checked") == 3  # nothing that was chosen is lost
    assert "checked" in section(reply.text, "grow")


async def test_an_answer_that_can_be_signed_offers_it_and_leads_back_to_its_question(walk: Served) -> None:
    await opened(walk)
    offered = await vote(walk, IDEA, {"text.1": "More sun"})
    assert offered.status == 200
    assert "More sun" in offered.text
    assert f'<form method="get" action="/p/{code(walk)}#step-idea" data-answer="no">' in offered.text


async def test_the_page_and_the_region_alone_are_the_same_and_hold_nothing_of_a_phone(walk: Served) -> None:
    await opened(walk)
    fresh = await page(walk, 3)
    regions = await page(walk, 3, "/regions")
    assert regions.strip().partition("\n<aside")[0] in fresh
    await vote(walk, GROW, {"pick": "never"}, 3)
    await vote(walk, IDEA, {"text.1": "More sun"}, 3)
    again = await page(walk, 3, "/regions")
    assert re.sub(r'data-revision="\d+"', "", again) == re.sub(r'data-revision="\d+"', "", regions)


async def test_the_page_s_script_is_told_what_counts_of_all_of_them(walk: Served) -> None:
    await opened(walk)
    await vote(walk, GROW, {"pick": "never"})
    mine = re.search(r"data-mine='([^']+)'", await page(walk))
    assert mine
    told = yaml.safe_load(mine[1])
    assert [(each["poll"], each["revision"], each["picks"]) for each in told] == [
        ("fruit/grow/1", 1, ["never"]),
        ("fruit/what/1", 0, []),
        ("fruit/why/1", 0, []),
        ("fruit/idea/1", 0, []),
    ]


async def test_after_the_close_an_answer_is_told_not_counted_and_results_come_one_by_one(walk: Served) -> None:
    await opened(walk)
    await vote(walk, GROW, {"pick": "now"})
    await do(walk, "close", 1)
    late = await vote(walk, IDEA, {"text.1": "More sun"})
    assert "Not counted" in late.text
    assert "“More sun”" in late.text
    await do(walk, "next", 2)
    await do(walk, "reveal", 3)
    shown = await page(walk)
    assert "Do you grow fruit?" in shown
    assert 'class="mine"> your' not in shown
    assert 'class="mine">your answer' in shown


async def test_in_dutch_it_is_dutch(walk: Served) -> None:
    await opened(walk)
    shown = await page(walk, language="nl")
    for words in (
        "Over uw tuin. 4 vragen, in uw eigen tempo.",
        "Alleen als u “Later” of “Nooit” antwoordde op “Kweekt u fruit?”.",
    ):
        assert words in shown
