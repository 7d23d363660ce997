"""What the organiser prints: sheets and cards as PDF, by the organiser's pass alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_stage import EVENT, come_in
from read_pdf import codes, pages, words
from signing_stage import KEYS, serving, site_behind
from starlette.testclient import TestClient

PAGE = f"/o/{EVENT}"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with serving(tmp_path) as made:
        come_in(made, "organiser")
        yield made


@pytest.mark.parametrize("path", ["/sheets.pdf", "/sheets.pdf?for=staff", "/cards.pdf"])
def test_none_of_it_comes_without_the_organisers_pass(tmp_path: Path, path: str) -> None:
    with serving(tmp_path) as stranger:
        come_in(stranger, "moderator", "plenary")
        assert stranger.get(PAGE + path).status_code == 401


def test_the_organisers_page_for_before_the_event_leads_to_it(client: TestClient) -> None:
    page = client.get(f"{PAGE}/before").text
    for path in ("/run", "/sheets.pdf", "/sheets.pdf?for=staff", "/sheet", "/sheet?for=staff"):
        assert f'href="{PAGE}{path}"' in page
    assert "/cards.pdf" not in page, "only where people are assigned by codes"


def test_the_sheets_come_as_one_file_in_the_language_of_the_page(client: TestClient) -> None:
    answer = client.get(f"{PAGE}/sheets.pdf", headers={"accept-language": "nl"})
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'inline; filename="{EVENT}-sheets.pdf"'
    found = pages(answer.content)
    hall = site_behind(client).hall
    assert [set(codes(page)) for page in found] == [
        {hall.join_url(hall.code(EVENT, session))} for session in ("", "plenary", "harbour")
    ]
    assert "Haven" in words(found[2])
    assert KEYS.link_key("moderator", EVENT, "harbour").encode() not in answer.content


def test_the_staffs_sheets_are_a_file_of_their_own(client: TestClient) -> None:
    answer = client.get(f"{PAGE}/sheets.pdf?for=staff", headers={"accept-language": "en"})
    assert f"{EVENT}-staff.pdf" in answer.headers["content-disposition"]
    said = [words(page) for page in pages(answer.content)]
    assert len(said) == 2
    assert all("Keep this sheet private." in each for each in said)
    assert KEYS.link_key("moderator", EVENT, "harbour") in said[1].replace(" ", "")


@pytest.mark.parametrize(
    ("asked", "cards"), [("", 10), ("?number=3", 3), ("?number=0", 10), ("?number=-1", 10), ("?number=99999999", 1000)]
)
def test_so_many_cards_come_as_are_asked_for_within_reason(client: TestClient, asked: str, cards: int) -> None:
    found = pages(client.get(f"{PAGE}/cards.pdf{asked}", headers={"accept-language": "en"}).content)
    assert sum(words(page).count("Your break-out") for page in found) == cards
