"""/me: what is held under a private link, and taking it back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from signing_stage import IDEAS, Stage, private_key, proof, send, serving, site_behind, stored, words
from starlette.testclient import TestClient

from polling.core.keys import new_key
from polling.core.poll import Verb
from polling.store.follow_up import follow_up
from polling.store.writer import Writer
from polling.web.site import Site

NAMED = {"name": "Ann de Wit", "email": "canary@example.org"}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with serving(tmp_path) as made:
        yield made


@pytest.fixture
def site(client: TestClient) -> Site:
    return site_behind(client)


@pytest.fixture
def key(client: TestClient, site: Site) -> str:
    """The private link's key of one signed idea."""
    stage = Stage(site.database)
    stage.command(Verb.OPEN, IDEAS)
    kept = stage.vote(1, IDEAS, texts={"1": "Invite alumni", "2": "Open the yard"})
    return private_key(send(client, proof(IDEAS, "2", kept) | NAMED))


def test_the_page_asks_for_the_key_and_for_no_login(client: TestClient) -> None:
    response = client.get("/me")
    assert response.status_code == 200
    assert "Your private link, or the key at its end" in words(response)
    assert 'type="password"' not in response.text


def test_the_key_shows_all_that_is_held_with_the_text_agreed_to_and_no_other_answer(
    client: TestClient, key: str
) -> None:
    response = client.post("/me", data={"key": key})
    assert response.status_code == 200
    told = words(response)
    for part in (
        "Open the yard",
        "Ann de Wit",
        "canary@example.org",
        "Plenary",
        "the working group Talent and the organisers",
        "1 March 2027, then erased",
        "With whom: the working group Talent and the organisers (the Harbour Foundation)",
    ):
        assert part in told
    assert "Invite alumni" not in response.text


def test_the_whole_link_can_be_pasted_too(client: TestClient, key: str) -> None:
    assert client.post("/me", data={"key": f" http://somewhere/me#{key} "}).status_code == 200


def test_the_page_speaks_the_language_that_is_asked_for(client: TestClient, key: str) -> None:
    response = client.post("/me", data={"key": key, "language": "nl"})
    assert '<html lang="nl"' in response.text
    assert "Plenair" in words(response)


@pytest.mark.parametrize("wrong", ["", "A" * 22, "é", "x" * 5000, "' OR 1=1 --"])
def test_a_key_that_opens_nothing_is_answered_in_words(client: TestClient, wrong: str) -> None:
    response = client.post("/me", data={"key": wrong})
    assert response.status_code == 404
    assert "Nothing is kept under this key" in words(response)


@pytest.mark.promise("P07")
def test_withdrawing_takes_two_taps_and_no_login(client: TestClient, site: Site, key: str) -> None:
    shown = client.post("/me", data={"key": key})
    assert 'action="/me/withdraw"' in shown.text
    done = client.post("/me/withdraw", data={"key": key})
    assert done.status_code == 200
    assert "Your name and address are erased" in words(done)
    assert stored(site) == []
    assert client.post("/me", data={"key": key}).status_code == 404


def test_withdrawing_twice_says_that_nothing_is_kept(client: TestClient, key: str) -> None:
    client.post("/me/withdraw", data={"key": key})
    again = client.post("/me/withdraw", data={"key": key})
    assert again.status_code == 200
    assert "Nothing is kept under this key" in words(again)


def test_one_key_withdraws_one_answer(client: TestClient, site: Site, key: str) -> None:
    assert client.post("/me/withdraw", data={"key": new_key(b"x" * 16)}).status_code == 200
    assert len(stored(site)) == 1


@pytest.mark.promise("P08")
def test_once_the_page_says_withdrawn_the_address_is_in_no_byte_of_the_database(
    client: TestClient, site: Site, key: str
) -> None:
    stage = Stage(site.database)
    assert stage.stored_bytes().count(b"canary@example.org") > 0, "the reader finds what is there"
    response = client.post("/me/withdraw", data={"key": key})
    assert "within minutes" not in words(response)
    assert stage.stored_bytes().count(b"canary@example.org") == 0
    assert stage.stored_bytes().count(b"Ann de Wit") == 0


@pytest.mark.promise("P08")
def test_where_a_reader_holds_the_old_bytes_the_page_says_so_and_the_server_keeps_trying(
    client: TestClient, site: Site, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def held_up(self: Writer) -> bool:
        return False

    monkeypatch.setattr(Writer, "settle", held_up)
    response = client.post("/me/withdraw", data={"key": key})
    assert "Their last traces in the database file go within minutes" in words(response)
    assert site.settler.owed


def test_a_withdrawn_idea_is_in_its_working_groups_list_without_a_name(
    client: TestClient, site: Site, key: str
) -> None:
    stage = Stage(site.database)
    stage.command(Verb.CLOSE, IDEAS)
    client.post("/me/withdraw", data={"key": key})
    with site.database.read() as connection:
        lines = follow_up(connection, stage.event, "talent")
    assert [(line.answer, line.contact) for line in lines] == [("Invite alumni", None), ("Open the yard", None)]


def test_a_reload_after_withdrawing_leads_back_to_the_page(client: TestClient) -> None:
    response = client.get("/me/withdraw", follow_redirects=False)
    assert (response.status_code, response.headers["location"]) == (303, "/me")


def test_what_is_personal_is_kept_by_no_browser_and_no_proxy(client: TestClient, key: str) -> None:
    for response in (client.get("/me"), client.post("/me", data={"key": key})):
        assert response.headers["cache-control"] == "no-store"
