"""/sign asks what the event's YAML says: organisation and phone, each optional, required or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from signing_stage import USE_CASES, Stage, private_key, proof, send, serving, site_behind, stored, words
from starlette.testclient import TestClient

from polling.core.contact import terms_for
from polling.core.poll import Verb
from polling.web.consent import facts
from polling.web.site import Site

ASKS = {"organisation": "required", "phone": "optional"}
NAMED = {"name": "Ann de Wit", "email": "ann@example.org", "organisation": "Canary Harbour", "phone": "+31 6 55501234"}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with serving(tmp_path, contact=ASKS) as made:
        yield made


@pytest.fixture
def site(client: TestClient) -> Site:
    return site_behind(client)


@pytest.fixture
def own(site: Site) -> dict[str, str]:
    stage = Stage(site.database)
    stage.command(Verb.OPEN, USE_CASES)
    return proof(USE_CASES, "own", stage.vote(1, USE_CASES, "own"))


def field(page: str, name: str) -> str:
    found = re.search(rf'<input id="{name}"[^>]*>', page)
    assert found, page
    return found[0]


def test_the_page_asks_what_the_event_asks_and_says_what_may_be_left_empty(
    client: TestClient, own: dict[str, str]
) -> None:
    page = send(client, own)
    assert 'autocomplete="organization"' in field(page.text, "organisation")
    assert " required" in field(page.text, "organisation")
    assert 'autocomplete="tel"' in field(page.text, "phone")
    assert " required" not in field(page.text, "phone")
    told = words(page)
    assert "Phone number may be left empty" in told
    assert "this one answer, your name and e-mail, your organisation, your phone number if you give it" in told


@pytest.mark.promise("P07")
def test_what_was_given_is_kept_beside_the_consent_that_names_it(
    client: TestClient, site: Site, own: dict[str, str]
) -> None:
    page = send(client, own | NAMED)
    assert page.status_code == 200
    assert "Canary Harbour" in words(page)
    (row,) = stored(site)
    assert (row["organisation"], row["phone"]) == ("Canary Harbour", "+31 6 55501234")
    consent = str(row["consent_text"])
    assert "your name and e-mail, your organisation, your phone number if you give it" in consent


def test_what_is_required_and_missing_is_told_in_place_and_the_rest_stays_as_typed(
    client: TestClient, site: Site, own: dict[str, str]
) -> None:
    page = send(client, own | NAMED | {"organisation": " "})
    assert page.status_code == 422
    assert 'aria-invalid="true" aria-describedby="organisation-error"' in field(page.text, "organisation")
    assert "Give your organisation" in words(page)
    assert 'value="+31 6 55501234"' in field(page.text, "phone")
    page = send(client, own | NAMED | {"phone": "ring me"})
    assert page.status_code == 422
    assert "Give a phone number in digits" in words(page)
    assert stored(site) == []


@pytest.mark.promise("P06")
def test_where_an_event_asks_for_neither_what_is_sent_anyway_is_not_kept(tmp_path: Path) -> None:
    with serving(tmp_path) as client:
        stage = Stage(site_behind(client).database)
        stage.command(Verb.OPEN, USE_CASES)
        own = proof(USE_CASES, "own", stage.vote(1, USE_CASES, "own"))
        assert 'name="phone"' not in send(client, own).text
        assert send(client, own | NAMED).status_code == 200
        (row,) = stored(site_behind(client))
        assert (row["organisation"], row["phone"]) == ("", "")
        assert b"Canary Harbour" not in stage.stored_bytes()


@pytest.mark.promise("P08")
def test_withdrawn_organisation_and_phone_are_in_no_byte_of_the_database(
    client: TestClient, site: Site, own: dict[str, str]
) -> None:
    stage = Stage(site.database)
    key = private_key(send(client, own | NAMED))
    assert b"Canary Harbour" in stage.stored_bytes()
    client.post("/me/withdraw", data={"key": key})
    for told in (b"Canary Harbour", b"55501234", b"ann@example.org"):
        assert told not in stage.stored_bytes()


@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_offer_on_the_phone_says_the_same_facts_as_the_page_for_a_name(
    client: TestClient, site: Site, own: dict[str, str], language: str
) -> None:
    """One tap is a consent too: it may stand under no other words than those that were on the screen."""
    event = site.hall.events["gathering"]
    page = client.get(f"/p/{site.hall.code('gathering', 'plenary')}?lang={language}").text
    offer = " ".join(unescape(re.sub(r"<[^>]+>", " ", page.partition('class="offer ')[2])).split())
    for heading, said in facts(terms_for(event, USE_CASES, "own"), language):
        assert f"{heading} {said}" in offer


def test_a_name_in_one_tap_is_one_signing_however_often_it_is_sent(
    client: TestClient, site: Site, own: dict[str, str]
) -> None:
    tapped = own | NAMED | {"key": "k" * 22}
    assert private_key(send(client, tapped)) == "k" * 22
    assert private_key(send(client, tapped)) == "k" * 22
    assert len(stored(site)) == 1


def test_one_tap_with_details_that_lack_what_is_now_required_leads_to_the_page_with_the_rest_filled_in(
    client: TestClient, site: Site, own: dict[str, str]
) -> None:
    page = send(client, own | {"name": "Ann", "email": "ann@example.org", "key": "k" * 22})
    assert page.status_code == 422
    assert 'value="ann@example.org"' in field(page.text, "email")
    assert stored(site) == []


@pytest.mark.promise("P07")
def test_no_box_is_ticked_beforehand_and_that_of_the_phone_is_not_sent(client: TestClient, own: dict[str, str]) -> None:
    page = send(client, own).text
    boxes = re.findall(r'<input type="checkbox"[^>]*>', page)
    assert len(boxes) == 1
    assert "checked" not in boxes[0]
    assert "name=" not in boxes[0]
