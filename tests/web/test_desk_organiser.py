"""The organiser's pages: all rooms, links that lead in, sheets, lists and exports."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from desk_stage import EVENT, come_in, said
from read_xlsx import sheet_names
from signing_stage import ADDRESS, KEYS, MOOD, USE_CASES, Stage, serving, site_behind
from starlette.testclient import TestClient

from polling.app import create_app
from polling.core.poll import Verb
from polling.store.retention import Expired, purge

PAGE = f"/o/{EVENT}"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with serving(tmp_path) as made:
        come_in(made, "organiser")
        yield made


@pytest.fixture
def stage(client: TestClient) -> Stage:
    return Stage(site_behind(client).database)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/regions",
        "/sheet",
        "/messages",
        "/together",
        "/send",
        "/attendance",
        "/funnel",
        "/before",
        "/results",
        "/export/results.csv",
        "/export/results.xlsx",
    ],
)
def test_nothing_of_it_opens_without_the_organisers_pass(tmp_path: Path, path: str) -> None:
    with serving(tmp_path) as stranger:
        come_in(stranger, "moderator", "plenary")
        assert stranger.get(PAGE + path).status_code == 401


def test_it_shows_every_session_and_how_it_stands(client: TestClient, stage: Stage) -> None:
    stage.command(Verb.OPEN, MOOD, "harbour")
    stage.vote(1, MOOD, "good", session="harbour")
    rows = re.findall(r'<tr role="row" id="session-.*?</tr>', client.get(PAGE).text, re.DOTALL)
    assert [said(row).split(" Moderator")[0] for row in rows] == [
        "Plenary 3 questions not begun 0 present no times planned nobody 0",
        "Harbour How is it? 3 of 3 open 1 no times planned nobody 0 · no screen yet · just now",
    ]
    for session in ("plenary", "harbour"):
        assert f'href="/m/{EVENT}/{session}"' in client.get(PAGE).text
        assert client.get(f"/m/{EVENT}/{session}").status_code == 200
        assert client.get(f"/s/{EVENT}/{session}").status_code == 200


def test_each_link_that_it_hands_out_leads_in(client: TestClient) -> None:
    links = set(re.findall(r'data-copy="([^"]+)"', client.get(f"{PAGE}/results").text))
    assert len(links) == 2 + 1  # two groups, and the one for everyone afterwards
    for link in (urlsplit(link) for link in links if "#" in link):
        assert link.geturl().startswith(f"{ADDRESS}/w/")
        assert KEYS.is_link_key(link.fragment, "working-group", EVENT, link.path.split("/")[3])


def test_the_sheets_are_one_for_the_event_and_one_for_each_door_without_a_key(client: TestClient) -> None:
    page = client.get(f"{PAGE}/sheet").text
    hall = site_behind(client).hall
    assert page.count('<section class="sheet">') == 3
    for session in ("", "plenary", "harbour"):
        code = hall.code(EVENT, session)
        assert f"{code[:3]} {code[3:]}" in page
    assert "#" not in "".join(re.findall(r">https?://[^<]*<", page))
    assert KEYS.link_key("moderator", EVENT, "plenary") not in page


def test_the_staffs_sheets_hold_their_links_and_say_to_keep_them(client: TestClient) -> None:
    page = client.get(f"{PAGE}/sheet?for=staff").text
    assert page.count('<section class="sheet">') == 2
    assert KEYS.link_key("moderator", EVENT, "plenary") in page
    assert "Keep this sheet to yourself" in said(page)


def test_exports_hold_closed_polls_only(client: TestClient, stage: Stage) -> None:
    stage.command(Verb.OPEN, MOOD)
    stage.vote(1, MOOD, "good")
    assert "mood" not in client.get(f"{PAGE}/export/results.csv").text
    stage.command(Verb.CLOSE, MOOD)
    rows = list(csv.DictReader(io.StringIO(client.get(f"{PAGE}/export/results.csv").text)))
    assert [(row["cell"], row["count"]) for row in rows if row["question"] == "mood"] == [("good", "1"), ("bad", "0")]
    assert client.get(f"{PAGE}/export/results.json").json()["event"] == EVENT
    assert client.get(f"{PAGE}/export/texts.csv").status_code == 200
    book = client.get(f"{PAGE}/export/results.xlsx")
    assert book.headers["content-disposition"] == f'attachment; filename="{EVENT}-results.xlsx"'
    assert {"results", "texts"} <= set(sheet_names(book.content))


@pytest.mark.parametrize("path", ["/export/everything.csv", "/export/results.pdf"])
def test_what_is_not_there_is_not_found(client: TestClient, path: str) -> None:
    assert client.get(PAGE + path).status_code == 404


def test_an_event_or_a_room_that_is_not_there_is_not_found(client: TestClient) -> None:
    assert client.get("/o/nothing").status_code == 404
    assert client.get(f"/m/{EVENT}/nowhere").status_code == 404
    assert client.get(f"/s/{EVENT}/nowhere").status_code == 404


def test_files_that_were_edited_after_the_first_answer_are_told(tmp_path: Path) -> None:
    with serving(tmp_path) as client:
        site = site_behind(client)
        stage = Stage(site.database)
        stage.command(Verb.OPEN, MOOD)
        stage.vote(1, MOOD, "good")
    path = tmp_path / "questionsets" / EVENT / "topics.yaml"
    path.write_text(path.read_text().replace("How is it?", "How was it?"))
    with TestClient(create_app(site.settings), base_url=ADDRESS) as client:
        come_in(client, "organiser")
        told = said(client.get(PAGE).text)
        assert "The files of this event were edited. Nothing changes until you take it in." in told
        assert "How is it?" in told


def test_one_link_for_everyone_goes_with_the_report_and_what_was_erased_is_told_in_counts(
    client: TestClient, stage: Stage
) -> None:
    page = said(client.get(f"{PAGE}/results").text)
    assert f"{ADDRESS}/me" in page
    assert "After 1 March 2027 the server erases all names and addresses." in page
    assert "Erased on" not in page
    stage.command(Verb.OPEN, USE_CASES)
    stage.vote(1, USE_CASES, "own")
    assert stage.sign(stage.signing(USE_CASES, "own")) == [None]
    stage.writer.run(purge, [Expired(EVENT, date(2027, 3, 2))])
    assert "Erased on 2 March 2027: names and addresses: 1; keys to texts: 0." in said(
        client.get(f"{PAGE}/results").text
    )
