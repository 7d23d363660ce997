"""A moderator adds a question on the spot, or rewords one that is not yet open: in this room, and nowhere else."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
import yaml
from served import CAKE, IDEA, Reply, Served, serving

from polling.core.poll import PollKey

PLACE = "/m/tea/hall/questions"
PIE = PollKey("spot-hall", "which-pie")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path) as found:
        yield found


async def get(served: Served, path: str = PLACE) -> Reply:
    return await served.ask(path, headers={"Cookie": served.pass_cookie("moderator")})


async def post(served: Served, *more: tuple[str, str], **fields: str) -> Reply:
    headers = {"Cookie": served.pass_cookie("moderator"), "Origin": served.url}
    body = urlencode([*fields.items(), *more]).encode()
    return await served.ask(PLACE, method="POST", body=body, headers=headers)


def order(served: Served, session: str = "hall") -> list[str]:
    return [str(place.poll_key()) for place in served.site.hall.events["tea"].running_order(session)]


async def test_a_question_that_is_added_stands_in_the_running_order_of_this_room_and_is_voted_on(
    served: Served,
) -> None:
    async with served.moderator() as moderator, served.phone() as phone:
        added = await post(served, type="choice", title="Which pie?", more="Plum\n\n Apple ", other="on", id="1")
        assert (added.status, added.headers["location"]) == (303, "/m/tea/hall")
        assert order(served)[-1] == "spot-hall/which-pie/1"
        assert "spot-hall/which-pie/1" not in order(served, "annex")
        revision = (await moderator.until("order"))["value"]["revision"]
        while not revision:
            revision = (await moderator.region("order"))["value"]["revision"]
        there = await moderator.command("next", revision, PIE)
        await moderator.command("open", there["revision"])
        assert (await phone.cast(PIE, "o1"))["fate"] == "counted"
        seen = await phone.until("phone", stage="question")
        assert [option["text"]["*"] for option in seen["value"]["question"]["options"]] == [
            "Plum",
            "Apple",
            "Something else",
        ]
        assert seen["value"]["question"]["title"] == {"*": "Which pie?"}


@pytest.mark.parametrize(
    ("fields", "type"),
    [
        ({"type": "choices", "more": "Plum\nApple"}, "choices"),
        ({"type": "text"}, "text"),
        ({"type": "info", "text": "Ten minutes."}, "info"),
    ],
)
async def test_every_type_can_be_added(served: Served, fields: dict[str, str], type: str) -> None:
    assert (await post(served, title="Which pie?", **fields)).status == 303
    assert served.site.hall.events["tea"].question(PIE).type == type


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"type": "choice", "title": "", "more": "Plum"}, "Write the question."),
        ({"type": "choice", "title": "Which pie?", "more": " \n"}, "Write at least one option, one on each line."),
        ({"type": "choice", "title": "Which pie?", "more": "Plum\nplum"}, "An option stands there twice."),
        (
            {"type": "choices", "title": "Which pie?", "more": "\n".join(map(str, range(25)))},
            "At most 24 options fit.",
        ),
        ({"type": "text", "title": "x" * 501}, "That is too long: at most 500 characters fit."),
        ({"type": "choice", "title": "Which pie?", "more": "x" * 501}, "That is too long: at most 500 characters fit."),
        ({"type": "scale", "title": "Which pie?"}, "Choose what kind of question it is."),
    ],
)
async def test_what_does_not_do_is_told_beside_its_field_and_nothing_typed_is_lost(
    served: Served, fields: dict[str, str], told: str
) -> None:
    reply = await post(served, **fields)
    assert reply.status == 422
    assert told in reply.text
    assert f"{fields['title']}</textarea>" in reply.text
    assert f"{fields.get('more', '')}</textarea>" in reply.text
    assert "spot-hall/which-pie/1" not in order(served)


async def test_a_form_that_is_sent_twice_adds_one_and_the_same_title_makes_another_id(served: Served) -> None:
    for id in ("1", "1", "2"):
        assert (await post(served, type="text", title="Which pie?", id=id)).status == 303
    assert order(served)[-2:] == ["spot-hall/which-pie/1", "spot-hall/which-pie-2/1"]


async def test_a_question_in_other_words_stands_at_its_place_in_this_room_alone(served: Served) -> None:
    form = await get(served, f"{PLACE}?reword=cakes/cake")
    assert 'name="option.apple" value="Apple"' in form.text
    done = await post(
        served,
        ("option.apple", "Apple"),
        ("option.plum", "Damson"),
        ("option.other", ""),
        reword="cakes/cake",
        title="Which cake?",
        more="Cheese",
    )
    assert done.status == 303
    assert order(served)[0] == "spot-hall/which-cake/1"
    assert order(served, "annex")[0] == "cakes/cake/1"
    event = served.site.hall.events["tea"]
    question = event.question(PollKey("spot-hall", "which-cake"))
    assert question.title == {"en": "Which cake?", "nl": "Welke taart?"}  # left as it was, so in both languages
    assert [question.cell_name(cell)["*"] for cell in question.all_cells()] == ["Apple", "Damson", "Cheese"]
    assert question.signable("apple")
    assert [group.id for group in event.groups_for(PollKey("spot-hall", "which-cake"), "apple")] == ["bakers"]
    again = await post(
        served, ("option.apple", "Pear"), reword="spot-hall/which-cake", title="Which one?", more="", id="again"
    )
    assert again.status == 303
    assert order(served)[0] == "spot-hall/which-cake/1"


async def test_its_result_is_not_added_up_with_the_other_rooms(served: Served) -> None:
    await post(served, ("option.apple", "Apple"), ("option.plum", "Plum"), reword="cakes/cake", title="Cake?", more="")
    key = PollKey("spot-hall", "cake")
    async with (
        served.moderator() as hall,
        served.moderator("annex") as annex,
        served.phone() as one,
        served.phone(2, "annex") as two,
    ):
        await hall.command("open", 1, key)
        await annex.command("open", 0, CAKE)
        assert (await one.cast(key, "apple"))["fate"] == "counted"
        assert (await two.cast(CAKE, "apple"))["fate"] == "counted"
        assert (await one.cast(CAKE, "apple"))["code"] == "poll-not-open"
        await hall.command("close", 2)
        await annex.command("close", 1)
    reply = await served.ask("/o/tea/export/rolled-up.csv", headers={"Cookie": served.pass_cookie("organiser")})
    rows = [row for row in csv.DictReader(reply.text.splitlines()) if row["cell"] == "apple" and row["count"]]
    assert [(row["set"], row["count"], row["rooms"]) for row in rows] == [("spot-hall", "1", "1"), ("cakes", "1", "1")]


async def test_a_question_that_was_opened_is_not_reworded_and_what_was_typed_stays(served: Served) -> None:
    async with served.moderator() as moderator:
        await moderator.command("open", 0, CAKE)
    form = await get(served)
    assert "reword=cakes/cake" not in form.text
    assert "reword=cakes/toppings" in form.text
    reply = await post(served, ("option.apple", "Pear"), reword="cakes/cake", title="Which one?", more="")
    assert reply.status == 409
    assert "This question was opened already, so its words stay." in reply.text
    assert "Which one?</textarea>" in reply.text
    assert order(served)[0] == "cakes/cake/1"


async def test_a_room_that_is_at_a_question_stays_there_when_that_is_reworded(served: Served) -> None:
    async with served.moderator() as moderator:
        await moderator.command("next", 0, IDEA)
        await post(served, reword="cakes/idea", title="Any thought?")
        seen = (await moderator.until("now", position=3))["value"]["question"]
        while seen["title"].get("*") != "Any thought?":
            seen = (await moderator.region("now"))["value"]["question"]


async def test_it_outlives_a_restart_and_files_that_are_taken_in_later(served: Served, tmp_path: Path) -> None:
    await post(served, type="text", title="Which pie?")
    await post(served, reword="cakes/idea", title="Any thought?")
    path = tmp_path / "questionsets" / "tea" / "event.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | {"title": "Coffee"}))
    headers = {"Cookie": served.pass_cookie("organiser"), "Origin": served.url}
    page = await served.ask("/o/tea/changes", headers=headers)
    found = re.search(r'name="expected" value="([0-9a-f]+)"', page.text)
    assert found is not None
    body = urlencode({"id": "1", "expected": found[1]}).encode()
    assert (await served.ask("/o/tea/changes", method="POST", body=body, headers=headers)).status == 303
    expected = ["cakes/cake/1", "cakes/toppings/1", "spot-hall/any-thought/1", "cakes/news/1", "spot-hall/which-pie/1"]
    assert order(served) == expected


async def test_it_outlives_a_restart(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        await post(served, type="text", title="Which pie?")
    with serving(tmp_path) as served:
        assert order(served)[-1] == "spot-hall/which-pie/1"


async def test_it_is_the_moderator_s_and_stands_in_the_list_of_commands(served: Served) -> None:
    assert (await served.ask(PLACE)).status == 401
    assert (await served.ask(PLACE, headers={"Cookie": served.pass_cookie("moderator", "annex")})).status == 401
    await post(served, type="text", title="Which pie?")
    audit = await served.ask("/o/tea/audit", headers={"Cookie": served.pass_cookie("organiser")})
    assert "added the question" in audit.text
    assert "Which pie?" in audit.text
