"""A working group's own page: opened by its link or the organiser's, the list in it, files, and how far it is."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_stage import EVENT, come_in, said
from read_xlsx import parts, rows
from signing_stage import IDEAS, USE_CASES, Stage, serving, site_behind
from starlette.testclient import TestClient

from polling.core.poll import Verb

PAGE = f"/w/{EVENT}/talent"
PATHS = ["", "/list.csv", "/list.xlsx"]


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with serving(tmp_path) as made:
        yield made


@pytest.fixture
def group(client: TestClient) -> TestClient:
    come_in(client, "working-group", "talent")
    return client


@pytest.fixture
def stage(client: TestClient) -> Stage:
    return Stage(site_behind(client).database)


def with_two_ideas(stage: Stage) -> None:
    stage.command(Verb.OPEN, IDEAS)
    kept = stage.vote(1, IDEAS, texts={"1": "Invite alumni"})
    stage.vote(2, IDEAS, texts={"1": "=2+2, says <someone>"})
    stage.command(Verb.CLOSE, IDEAS)
    assert stage.sign(stage.signing(IDEAS, "1", claim=kept.claims["1"], name="Ann de Wit")) == [None]


@pytest.mark.promise("S16")
@pytest.mark.parametrize(
    ("role", "session", "opens"),
    [
        ("nobody", "", False),
        ("participant", "", False),
        ("moderator", "plenary", False),
        ("presenter", "plenary", False),
        ("working-group", "links", False),
        ("working-group", "talent", True),
        ("organiser", "", True),
    ],
)
def test_a_list_opens_with_its_own_link_or_the_organiser_s_and_no_other(
    client: TestClient, stage: Stage, role: str, session: str, opens: bool
) -> None:
    with_two_ideas(stage)
    if role == "participant":
        client.get(f"/p/{site_behind(client).hall.code(EVENT, 'plenary')}")
    elif role != "nobody":
        assert come_in(client, role, session).status_code == 200
    for path in PATHS:
        answer = client.get(PAGE + path)
        assert answer.status_code == (200 if opens else 401), path
        assert opens or "Ann" not in answer.text
    fields = {"line": "idea-00", "status": "taken"}
    assert client.post(f"{PAGE}/status", data=fields).status_code == (404 if opens else 401)


@pytest.mark.promise("S16")
def test_a_group_s_pass_opens_nothing_else(group: TestClient) -> None:
    for path in (f"/o/{EVENT}", f"/m/{EVENT}/plenary", f"/s/{EVENT}/plenary", f"/o/{EVENT}/export/results.csv"):
        assert group.get(path).status_code == 401, path
    assert "/o/" not in group.get(PAGE).text


def test_a_key_for_no_group_or_for_a_session_opens_nothing(client: TestClient) -> None:
    for session in ("strangers", "plenary", ""):
        assert come_in(client, "working-group", session).status_code == 403
    come_in(client, "organiser")
    for path in ("/strangers", "/strangers/list.csv", "/talent/list.pdf", "/plenary"):
        assert client.get(f"/w/{EVENT}{path}").status_code == 404


def test_the_page_has_each_answer_once_with_figures_on_top(group: TestClient, stage: Stage) -> None:
    with_two_ideas(stage)
    page = group.get(PAGE).text
    told = said(page.partition("<main>")[2])
    assert "2 answers 1 with a name 1 without a name 0 replied" in told
    assert "Ann de Wit ann@example.org" in told
    assert "1 March 2027 English" in told
    assert "a small room without a name" in told
    assert "&lt;someone&gt;" in page
    assert page.count("Invite alumni") == 1


def test_the_files_have_the_same_answers(group: TestClient, stage: Stage) -> None:
    with_two_ideas(stage)
    sheet = group.get(f"{PAGE}/list.csv")
    assert sheet.headers["content-disposition"] == f'attachment; filename="{EVENT}-talent.csv"'
    read = list(csv.DictReader(io.StringIO(sheet.text)))
    book = group.get(f"{PAGE}/list.xlsx")
    header, *table = rows(book.content)
    assert header == list(read[0])
    assert [row[:2] for row in table] == [["Invite alumni", None], ["=2+2, says <someone>", None]]
    assert [row["signed"] for row in read] == ["yes", "no"]


@pytest.mark.promise("S08")
def test_the_files_hold_no_formula(group: TestClient, stage: Stage) -> None:
    stage.command(Verb.OPEN, IDEAS)
    for phone, text in enumerate(("=2+2", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0")):
        stage.vote(phone, IDEAS, texts={"1": text})
    stage.command(Verb.CLOSE, IDEAS)
    cells = [cell for row in csv.reader(io.StringIO(group.get(f"{PAGE}/list.csv").text)) for cell in row]
    assert len([cell for cell in cells if "2+2" in cell or "calc" in cell]) == 2
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@")]
    book = group.get(f"{PAGE}/list.xlsx").content
    assert not [name for name, part in parts(book).items() if "<f>" in part or "<hyperlink" in part]
    assert {row[0] for row in rows(book)[1:]} >= {"=2+2", "@SUM(A1)"}


def test_a_group_says_how_far_it_is_without_a_script_and_the_list_keeps_it(group: TestClient, stage: Stage) -> None:
    with_two_ideas(stage)
    lines = re.findall(r'name="line" value="([^"]+)"', group.get(PAGE).text)
    answer = group.post(f"{PAGE}/status", data={"line": lines[0], "status": "answered"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}#{lines[0]}")
    page = group.get(PAGE).text
    assert re.findall(r'value="(\w+)" aria-pressed="true"', page) == ["answered", "open"]
    assert "1 replied" in said(page)
    assert [row["status"] for row in csv.DictReader(io.StringIO(group.get(f"{PAGE}/list.csv").text))] == [
        "answered",
        "open",
    ]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 400),
        ({"line": "x", "status": "lost"}, 400),
        ({"status": "taken"}, 400),
        ({"line": "x" * 65, "status": "taken"}, 400),
        ({"line": "idea-zz", "status": "taken"}, 404),
    ],
)
def test_a_form_that_is_none_of_ours_changes_nothing(
    group: TestClient, stage: Stage, fields: dict[str, str], status: int
) -> None:
    with_two_ideas(stage)
    assert group.post(f"{PAGE}/status", data=fields).status_code == status
    assert re.findall(r'value="(\w+)" aria-pressed="true"', group.get(PAGE).text) == ["open", "open"]


@pytest.mark.promise("S05")
def test_a_form_from_another_site_is_refused(group: TestClient, stage: Stage) -> None:
    with_two_ideas(stage)
    (line, *_) = re.findall(r'name="line" value="([^"]+)"', group.get(PAGE).text)
    foreign = {"origin": "https://elsewhere.example"}
    assert group.post(f"{PAGE}/status", data={"line": line, "status": "taken"}, headers=foreign).status_code == 403


def test_a_group_says_nothing_of_another_group_s_line(group: TestClient, stage: Stage) -> None:
    stage.command(Verb.OPEN, USE_CASES)
    stage.vote(1, USE_CASES, "other", texts={"other": "Ropes"})
    stage.command(Verb.CLOSE, USE_CASES)
    come_in(group, "working-group", "links")
    (line,) = re.findall(r'name="line" value="([^"]+)"', group.get(f"/w/{EVENT}/links").text)
    assert group.post(f"{PAGE}/status", data={"line": line, "status": "taken"}).status_code == 404


def test_the_page_speaks_dutch_where_it_is_asked_to(group: TestClient, stage: Stage) -> None:
    with_two_ideas(stage)
    told = said(group.get(f"{PAGE}?lang=nl").text)
    assert "Opvolglijst" in told
    assert "1 maart 2027" in told


def test_an_empty_list_says_so(group: TestClient) -> None:
    assert "No answers for this working group yet." in said(group.get(PAGE).text)
