"""R14: a hundred random edits of an event's files while phones vote: what runs is unchanged, no ballot is lost."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from random import Random
from typing import Any, cast
from urllib.parse import urlencode

import pytest
import yaml
from served import CAKE, CAKES, EVENT, Served, serving

from polling.core.revision_changes import as_asked
from polling.store.sealing import recount
from polling.store.tallies import standings

EDITS, PHONES = 100, 12
PLACE = "/o/tea/changes"


def _rewritten(files: Any, chance: Random) -> str:
    """A whole file that says something else."""
    question = files["questions"][0] if chance.random() < 0.7 else chance.choice(files["questions"])
    match chance.choice(["rename", "option", "drop", "add", "order", "settings"]):
        case "rename":
            question["title"] = f"Question {chance.randrange(1000)}?"
        case "option" if "options" in question:
            chance.choice(question["options"])["id"] = f"o{chance.randrange(1000)}"
        case "drop":
            files["questions"].remove(question)
        case "add":
            files["questions"].insert(0, {"id": f"q{chance.randrange(10**6)}", "type": "text", "title": "More?"})
        case "order":
            files["questions"].reverse()
        case _:
            files["title"] = f"Set {chance.randrange(1000)}"
    return str(yaml.safe_dump(files))


def _edit(folder: Path, chance: Random) -> bool:
    """One edit; whether the files can be read after it."""
    fresh = yaml.safe_load(yaml.safe_dump(CAKES))
    text = _rewritten(fresh, chance)
    match chance.choice(["whole", "whole", "half", "broken", "unknown", "event"]):
        case "whole":
            (folder / "cakes.yaml").write_text(text)
            return bool(fresh["questions"])
        case "half":
            (folder / "cakes.yaml").write_text(text[: len(text) // 2] + "\n  - {id: ")
        case "broken":
            (folder / "cakes.yaml").write_text("set: cakes\n\ttitle: 'Cakes\n")
        case "unknown":
            (folder / "cakes.yaml").write_text(text + "colour: red\n")
        case _:
            rules = cast(dict[str, Any], EVENT["privacy"]) | {"seal_after_minutes": chance.choice([1, 60, 240])}
            (folder / "event.yaml").write_text(yaml.safe_dump(EVENT | {"privacy": rules}))
            (folder / "cakes.yaml").write_text(text)
            return bool(fresh["questions"])
    return False


async def _vote(served: Served, number: int, done: asyncio.Event) -> int:
    """Votes again and again; how many were acknowledged as counted."""
    picks, counted = ("apple", "plum"), 0
    async with served.phone(number) as phone:
        while not done.is_set() or not counted:
            counted += 1
            told = await phone.cast(CAKE, picks[counted % 2], revision=counted)
            assert told["fate"] == "counted", told
            await asyncio.sleep(0.05)
    return counted


async def _taken_in(served: Served) -> tuple[int, str]:
    """The organiser looks, and presses where there is something to press; the status, and what the page said."""
    headers = {"Cookie": served.pass_cookie("organiser"), "Origin": served.url}
    page = await served.ask(PLACE, headers=headers)
    found = re.search(r'name="expected" value="([0-9a-f]+)"', page.text)
    if found is None:
        return page.status, page.text
    body = urlencode({"expected": found[1]}).encode()
    return (await served.ask(PLACE, method="POST", body=body, headers=headers)).status, page.text


@pytest.mark.promise("R14")
async def test_a_hundred_random_edits_touch_no_ballot_and_no_question_that_is_open(tmp_path: Path) -> None:
    chance, taken, wrong = Random(14), 0, 0
    folder = tmp_path / "questionsets" / "tea"
    with serving(tmp_path) as served:
        asked = as_asked(served.site.hall.events["tea"].question(CAKE))
        async with served.moderator() as moderator:
            await moderator.command("open", 0, CAKE)
        done = asyncio.Event()
        phones = [asyncio.create_task(_vote(served, number, done)) for number in range(PHONES)]
        for _ in range(EDITS):
            before = served.site.hall.events["tea"]
            can_be_read = _edit(folder, chance)
            status, told = await _taken_in(served)
            after = served.site.hall.events["tea"]
            assert as_asked(after.question(CAKE)) == asked
            assert served.site.hall.room("tea", "hall").event is after
            if can_be_read:
                taken += status == 303
                assert status in (200, 303)
            else:
                wrong += 1
                assert after is before
                assert re.search(r"tea/cakes\.yaml:\d+:\d+", told)
        done.set()
        counted = await asyncio.gather(*phones)
        async with served.moderator() as moderator:
            stale = await moderator.command("close", 1, CAKE)
            closed = await moderator.command("close", stale["revision"], CAKE)
            assert closed["type"] == "done"
        event = served.site.hall.events["tea"]
        others = [place for place in event.running_order("hall") if place.question.id != "cake"]
        assert all(place.first_round == 1 for place in others)  # they were never opened
        with served.site.database.read() as connection:
            ref = await served.site.hall.room("tea", "hall").poll_ref(CAKE)
            assert ref is not None
            tally = standings(connection, [ref.id])[ref.id].now
            assert recount(connection, "tea") == []
        assert tally.respondents == PHONES
        last = [("apple", "plum")[number % 2] for number in counted]
        assert dict(tally.cells) == {pick: last.count(pick) for pick in set(last)}
    assert taken > 20
    assert wrong > 20
