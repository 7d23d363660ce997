"""The list of commands: every one, by whom, in words; to be filtered, paged and taken along."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from desk_stage import EVENT, come_in, order, said
from signing_stage import KEYS, MOOD, serving, site_behind
from starlette.testclient import TestClient

from polling.core.event_state import EventVerb
from polling.core.links import LinkVerb
from polling.core.poll import Verb
from polling.store.command_rows import CommandRow
from polling.web.audit import PAGE_LENGTH
from polling.web.audit_words import DONE

PAGE = f"/o/{EVENT}/audit"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with serving(tmp_path) as made:
        come_in(made, "organiser")
        yield made


def lines(page: str) -> list[str]:
    """What the list says, row by row, without the times."""
    rows = re.findall(r"<tr role=\"row\"><td.*?</tr>", page, re.DOTALL)
    return [re.sub(r"^\d+ \w+, [\d:]+ ", "", said(row)) for row in rows]


def given(client: TestClient, count: int, verb: str = "next", session: str = "plenary", **more: object) -> None:
    """Commands that were given, one a second."""
    with site_behind(client).database.write() as connection:
        for number in range(count):
            row: dict[str, object] = {
                "event": EVENT,
                "session": session,
                "id": f"{verb}-{number}",
                "verb": verb,
                "poll": str(MOOD),
            }
            row |= {"who": "moderator of Plenary", "at": 1.7e9 + number, "outcome": "{}"} | more
            connection.execute(CommandRow.__table__.insert().values(**row))  # type: ignore[attr-defined]


def test_there_are_words_for_whatever_can_be_done() -> None:
    assert set(DONE) >= {*Verb, *EventVerb, *LinkVerb}
    assert len(set(DONE.values())) == len(DONE)


def test_each_command_is_told_with_who_gave_it_about_what_and_what_became_of_it(client: TestClient) -> None:
    assert "Nothing was done here yet." in said(client.get(PAGE).text)
    key = KEYS.link_key("moderator", EVENT, "plenary")
    moderator = TestClient(client.app, base_url=str(client.base_url))
    moderator.portal = client.portal
    moderator.post("/pass", data={"role": "moderator", "event": EVENT, "session": "plenary", "key": key})
    order(moderator, "open", 0, poll=str(MOOD))
    order(moderator, "open", 1, poll=str(MOOD))
    order(client, "close", 1)
    client.post(f"/o/{EVENT}/links", data={"verb": "add_link", "of": "moderator/harbour", "name": "Anna"})
    client.post(f"/o/{EVENT}/links", data={"verb": "revoke_link", "of": "presenter/plenary", "number": "0"})
    assert lines(client.get(PAGE).text) == [
        "organiser revoked a link: screen of Plenary Plenary",
        "organiser made a link: Anna (Harbour) Harbour",
        "organiser closed the question How is it? Plenary",
        "moderator of Plenary opened the question How is it? refused: the question is open; close it first Plenary",
        "moderator of Plenary opened the question How is it? Plenary",
    ]
    assert lines(client.get(f"{PAGE}?session=harbour").text) == ["organiser made a link: Anna (Harbour) Harbour"]
    assert lines(client.get(f"{PAGE}?session=-").text) == []
    assert len(lines(client.get(f"{PAGE}?session=nowhere").text)) == 5


def test_what_is_done_with_the_event_as_a_whole_names_the_sessions(client: TestClient) -> None:
    fields = {"verb": "move_room", "session": "harbour", "to": "plenary"}
    assert client.post(f"/o/{EVENT}/command", data=fields, follow_redirects=False).status_code == 303
    client.post(f"/o/{EVENT}/command", data={"verb": "send", "to": "*"}, follow_redirects=False)
    assert lines(client.get(f"{PAGE}?session=-").text) == [
        "organiser sent everyone to the break-outs The event as a whole",
        "organiser moved Harbour into Plenary The event as a whole",
    ]


def test_the_newest_stand_first_and_older_ones_are_a_page_back(client: TestClient) -> None:
    given(client, PAGE_LENGTH + 3)
    given(client, 1, "call", session="harbour", at=1.8e9)
    first, second = client.get(PAGE).text, client.get(f"{PAGE}?page=2").text
    assert [len(lines(page)) for page in (first, second)] == [PAGE_LENGTH, 4]
    assert "called the organiser" in lines(first)[0]
    assert re.findall(r'<nav class="turn".*?</nav>', first, re.DOTALL)[0].count("<a ") == 1
    times = re.findall(r'<time datetime="([^"]+)"', first + second)
    assert times == sorted(times, reverse=True)
    for page in ("0", "-1", "x", "99999999999"):
        assert client.get(f"{PAGE}?page={page}").status_code == 200


@pytest.mark.promise("S08")
def test_it_is_taken_along_as_a_file_that_no_spreadsheet_runs(client: TestClient) -> None:
    given(client, 2)
    given(client, 1, "call", who='=HYPERLINK("http://x")', at=1.8e9, session="harbour")
    answer = client.get(f"{PAGE}.csv")
    assert answer.headers["content-disposition"] == f'attachment; filename="{EVENT}-audit.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["who"] for row in rows] == ["moderator of Plenary"] * 2 + ['\'=HYPERLINK("http://x")']
    assert rows[0] | {"at": ""} == {
        "at": "",
        "who": "moderator of Plenary",
        "session": "plenary",
        "session_title": "Plenary",
        "verb": "next",
        "what": "went to the question",
        "about": str(MOOD),
        "question": "How is it?",
        "outcome": "done",
    }
    assert rows[0]["at"].startswith("2023-11-1")
    only = list(csv.DictReader(io.StringIO(client.get(f"{PAGE}.csv?session=harbour").text)))
    assert [row["verb"] for row in only] == ["call"]


def test_what_nobody_knows_any_more_is_told_as_it_was_kept(client: TestClient) -> None:
    given(client, 1, "wave_flag", poll="gone/away/1", who="Zoë (the attic)", session="attic")
    given(client, 1, "close", poll="gone/away/1", who="the end of the event", at=1.0)
    assert lines(client.get(PAGE).text) == [
        "Zoë (the attic) wave flag attic",
        "the end of the event closed the question gone/away/1 Plenary",
    ]


def test_it_is_the_organiser_s_alone_and_times_are_those_of_the_event(client: TestClient) -> None:
    given(client, 1, at=datetime(2026, 5, 24, 14).astimezone().timestamp())
    assert "24 May, 14:00:00" in said(client.get(PAGE).text)
    assert "24 mei, 14:00:00" in said(client.get(f"{PAGE}?lang=nl").text)
    client.cookies.clear()
    for path in (PAGE, f"{PAGE}.csv"):
        assert client.get(path).status_code == 401
