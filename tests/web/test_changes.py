"""Edited files while the event runs: a preview, one press, and nothing that was asked ever changes (R14)."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import yaml
from served import CAKE, IDEA, Served, serving
from websockets.exceptions import ConnectionClosed

PLACE = "/o/tea/changes"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path) as found:
        yield found


@pytest.fixture
def edit(tmp_path: Path) -> Callable[..., None]:
    """Edits one of the files as someone with an editor does."""

    def edited(name: str, change: Callable[[Any], object]) -> None:
        path = tmp_path / "questionsets" / "tea" / f"{name}.yaml"
        content = yaml.safe_load(path.read_text())
        change(content)
        path.write_text(yaml.safe_dump(content))

    return edited


async def looked(served: Served) -> str:
    reply = await served.ask(PLACE, headers={"Cookie": served.pass_cookie("organiser")})
    assert reply.status == 200
    return " ".join(re.sub(r"<[^>]*>", " ", reply.text).split())


async def expected(served: Served) -> str:
    reply = await served.ask(PLACE, headers={"Cookie": served.pass_cookie("organiser")})
    found = re.search(r'name="expected" value="([0-9a-f]+)"', reply.text)
    assert found is not None, reply.text
    return found[1]


async def press(served: Served, hash: str, id: str = "once") -> int:
    headers = {"Cookie": served.pass_cookie("organiser"), "Origin": served.url}
    body = urlencode({"id": id, "expected": hash}).encode()
    return (await served.ask(PLACE, method="POST", body=body, headers=headers)).status


async def take_in(served: Served) -> None:
    hash = await expected(served)
    assert await press(served, hash, hash[:8]) == 303


async def exported(served: Served, file: str) -> list[dict[str, str]]:
    """The rows of an export."""
    reply = await served.ask(f"/o/tea/export/{file}", headers={"Cookie": served.pass_cookie("organiser")})
    return list(csv.DictReader(reply.text.splitlines()))


def counts(rows: list[dict[str, str]], round: str) -> dict[str, str]:
    """Cell → count of the question about cakes in one round."""
    name = "since" if "since" in rows[0] else "round"
    return {row["cell"]: row["count"] for row in rows if row["question"] == "cake" and row[name] == round}


def question(files: Any, name: str) -> Any:
    return next(each for each in files["questions"] if each["id"] == name)


def rename(files: Any) -> None:
    question(files, "cake")["title"] = {"en": "Which pie?", "nl": "Welk taartje?"}


def pears(files: Any) -> None:
    question(files, "cake")["options"][0] = {"id": "pear", "text": "Pear"}


@pytest.mark.promise("R14")
async def test_an_edit_in_the_middle_of_an_open_poll_touches_no_ballot_and_is_the_next_round(
    served: Served, edit: Callable[..., None]
) -> None:
    async with served.moderator() as moderator, served.phone() as phone, served.phone(2) as other:
        await moderator.command("open", 0, CAKE)
        assert (await phone.cast(CAKE, "apple"))["fate"] == "counted"
        edit("cakes", pears)
        assert "Was opened: stays as it was asked, and is a new round in the new words round 2" in await looked(served)
        assert (await other.cast(CAKE, "apple"))["fate"] == "counted"
        await take_in(served)
        assert (await phone.cast(CAKE, "apple", revision=2))["fate"] == "counted"
        assert (await other.cast(CAKE, "pear", revision=2))["code"] == "unknown-option"
        stale = await moderator.command("close", 1)
        assert stale["code"] == "stale"  # it was pressed in view of the old running order
        closed = await moderator.command("close", stale["revision"])
        assert closed["type"] == "done", closed
        there = await moderator.command("next", closed["revision"], CAKE._replace(round=2))
        opened = await moderator.command("open", there["revision"])
        assert opened["type"] == "done"
        assert (await other.cast(CAKE._replace(round=2), "pear"))["fate"] == "counted"
        assert (await other.cast(CAKE, "apple", revision=3))["code"] == "poll-not-open"
        await moderator.command("close", opened["revision"])
    for file in ("results.csv", "rolled-up.csv"):
        rows = await exported(served, file)
        assert counts(rows, "1") == {"apple": "2", "plum": "0", "other": "0"}
        assert counts(rows, "2") == {"pear": "1", "plum": "0", "other": "0"}


async def test_pages_that_are_open_show_it_at_once_without_a_restart(served: Served, edit: Callable[..., None]) -> None:
    async with served.moderator() as moderator, served.phone() as phone:
        await moderator.command("next", 0, CAKE)
        edit("cakes", rename)
        edit("event", lambda event: event.update(title={"en": "Coffee", "nl": "Koffie"}))
        await take_in(served)
        line = (await moderator.until("now", position=1))["value"]["question"]
        while line["title"]["en"] != "Which pie?":
            line = (await moderator.region("now"))["value"]["question"]
        stale = await moderator.command("open", 1)
        assert (stale["type"], stale["code"]) == ("refused", "stale")
        await moderator.command("open", stale["revision"])
        seen = await phone.until("phone", stage="question")
        assert seen["value"]["question"]["title"]["en"] == "Which pie?"
    assert "Coffee" in (await served.ask(f"/p/{served.code()}")).text


async def test_what_is_refused_is_told_with_its_reason_and_its_place_in_the_files(
    served: Served, tmp_path: Path, edit: Callable[..., None]
) -> None:
    async with served.moderator("annex") as moderator:
        await moderator.command("open", 0, CAKE)
    edit("event", lambda event: event["sessions"].pop())
    edit("event", lambda event: event["privacy"].update(seal_after_minutes=90))
    lines = (tmp_path / "questionsets" / "tea" / "event.yaml").read_text().splitlines()
    line = 1 + next(number for number, text in enumerate(lines) if "seal_after" in text)
    told = await looked(served)
    assert f"privacy.seal_after_minutes tea/event.yaml:{line} People answered under a promise" in told
    assert "Annex annex · tea/event.yaml This session was begun, or people are sent there: it stays." in told


@pytest.mark.promise("R14")
@pytest.mark.parametrize("broken", ["set: cakes\ntitle: 'Cak", "set: cakes\nquestions: []\n", "", "\tset: cakes\n"])
async def test_files_with_mistakes_change_nothing_and_are_told_by_file_and_line(
    served: Served, tmp_path: Path, broken: str
) -> None:
    before = served.site.hall.events["tea"]
    (tmp_path / "questionsets" / "tea" / "cakes.yaml").write_text(broken)
    told = await looked(served)
    assert "Nothing was changed: the event goes on as it was." in told
    assert re.search(r"tea/cakes\.yaml:\d+:\d+ \S", told)
    assert str(tmp_path) not in told
    assert await press(served, before.content_hash) == 200
    assert served.site.hall.events["tea"] is before
    board = await served.ask("/o/tea", headers={"Cookie": served.pass_cookie("organiser")})
    assert "The files of this event were edited." in board.text


async def test_an_edit_is_seen_within_seconds_by_itself(served: Served, edit: Callable[..., None]) -> None:
    async with served.socket("/o/tea/socket", cookie=served.pass_cookie("organiser")) as board:
        await board.until("standing", edited=False)
        edit("cakes", rename)
        await board.until("standing", edited=True, mistakes=0)
    page = await served.ask("/o/tea", headers={"Cookie": served.pass_cookie("organiser")})
    assert "Nothing changes until you take it in." in page.text


async def test_a_new_session_gets_a_room_and_a_code_and_all_codes_stay(
    served: Served, edit: Callable[..., None]
) -> None:
    before = served.code("hall"), served.code("annex"), served.code("")
    attic = {"id": "attic", "kind": "break-out", "title": "Attic", "sets": ["cakes"]}
    edit("event", lambda event: event["sessions"].insert(0, attic))
    await take_in(served)
    assert (served.code("hall"), served.code("annex"), served.code("")) == before
    async with served.moderator("attic") as moderator, served.phone(session="attic") as phone:
        await moderator.command("open", 0, CAKE)
        assert (await phone.cast(CAKE, "plum"))["fate"] == "counted"


async def test_a_session_that_was_not_begun_can_go_and_its_sockets_are_closed(
    served: Served, edit: Callable[..., None]
) -> None:
    code = served.code("annex")
    headers = {"Cookie": served.pass_cookie("moderator", "annex"), "Origin": served.url}
    await served.ask("/m/tea/annex/hand-over", method="POST", body=b"name=Ann", headers=headers)
    async with served.moderator("annex") as moderator:
        await moderator.command("call", 0)
    async with served.phone(session="annex") as phone, served.phone(2) as stays:
        await phone.region("phone")
        edit("event", lambda event: event["sessions"].pop())
        await take_in(served)
        assert await phone.closed() == 4404
        await stays.region("phone")
    assert served.site.hall.by_code(code) is None
    for page in ("", "/audit", "/links", "/results", "/funnel", "/attendance", "/together", "/send", "/run"):
        assert (await served.ask(f"/o/tea{page}", headers={"Cookie": served.pass_cookie("organiser")})).status == 200
    with pytest.raises(ConnectionClosed):
        async with served.socket(f"/p/{code}/socket", cookie=served.phone_cookie(3)) as late:
            await late.hear()


@pytest.mark.promise("R14")
async def test_a_poll_that_was_opened_after_the_preview_is_safe_and_the_page_tells_anew(
    served: Served, edit: Callable[..., None]
) -> None:
    edit("cakes", rename)
    seen = await expected(served)
    async with served.moderator() as moderator, served.phone() as phone:
        await moderator.command("open", 0, CAKE)
        assert (await phone.cast(CAKE, "apple"))["fate"] == "counted"
        assert await press(served, seen) == 409
        assert served.site.hall.events["tea"].question(CAKE).title["en"] == "Which cake?"
        await take_in(served)
        assert served.site.hall.events["tea"].question(CAKE).title["en"] == "Which cake?"


async def test_a_press_that_comes_twice_takes_it_in_once(served: Served, edit: Callable[..., None]) -> None:
    edit("cakes", rename)
    hash = await expected(served)
    assert [await press(served, hash), await press(served, hash)] == [303, 303]
    assert "The files say what is in force." in await looked(served)


async def test_a_question_that_a_room_is_at_and_that_goes_leads_to_the_one_before(
    served: Served, edit: Callable[..., None]
) -> None:
    async with served.moderator() as moderator:
        await moderator.command("next", 0, IDEA)
        edit("cakes", lambda files: files["questions"].remove(question(files, "idea")))
        await take_in(served)
        assert (await moderator.until("now", position=2))["value"]["question"]["id"] == "toppings"


async def test_an_open_question_that_is_taken_out_can_be_closed_and_its_result_stays(
    served: Served, edit: Callable[..., None]
) -> None:
    async with served.moderator() as moderator, served.phone() as phone:
        await moderator.command("open", 0, CAKE)
        edit("cakes", lambda files: files["questions"].remove(question(files, "cake")))
        await take_in(served)
        assert (await phone.cast(CAKE, "apple"))["fate"] == "counted"
        stale = await moderator.command("close", 1)
        assert stale["code"] == "stale"
        closed = await moderator.command("close", stale["revision"], CAKE)
        assert closed["type"] == "done"
        assert (await moderator.command("next", closed["revision"]))["type"] == "done"
    assert counts(await exported(served, "results.csv"), "1")["apple"] == "1"


async def test_what_was_taken_in_is_in_force_after_a_restart_and_an_edit_still_waits(
    tmp_path: Path, edit: Callable[..., None]
) -> None:
    with serving(tmp_path) as served:
        async with served.moderator() as moderator, served.phone() as phone:
            await moderator.command("open", 0, CAKE)
            await phone.cast(CAKE, "apple")
            edit("cakes", rename)
            await take_in(served)
    edit("event", lambda event: event.update(title={"en": "Coffee", "nl": "Koffie"}))
    with serving(tmp_path) as served:
        event = served.site.hall.events["tea"]
        assert event.question(CAKE).title["en"] == "Which cake?"
        assert event.question(CAKE._replace(round=2)).title["en"] == "Which pie?"
        assert event.title["en"] == "Tea"
        assert served.site.edits.is_news("tea")
        await take_in(served)
        assert served.site.hall.events["tea"].title["en"] == "Coffee"


async def test_it_is_the_organiser_s_and_stands_in_the_list_of_commands(
    served: Served, edit: Callable[..., None]
) -> None:
    assert (await served.ask(PLACE)).status == 401
    assert (await served.ask(PLACE, headers={"Cookie": served.pass_cookie("moderator")})).status == 401
    edit("cakes", rename)
    await take_in(served)
    audit = await served.ask("/o/tea/audit", headers={"Cookie": served.pass_cookie("organiser")})
    assert "took the edited files in" in audit.text
