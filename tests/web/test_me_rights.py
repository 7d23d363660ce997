"""/me: all that is held under the keys of one phone; correct it, take it along, take it all back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from signing_stage import IDEAS, USE_CASES, Stage, private_key, proof, send, serving, site_behind, stored, words
from starlette.testclient import TestClient

from polling.core.keys import new_key
from polling.core.poll import Verb
from polling.web.site import Site

ANN = {"name": "Ann de Wit", "email": "canary@example.org", "organisation": "Harbour Ltd"}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with serving(tmp_path, contact={"organisation": "optional"}) as made:
        yield made


@pytest.fixture
def site(client: TestClient) -> Site:
    return site_behind(client)


@pytest.fixture
def stage(site: Site) -> Stage:
    return Stage(site.database, site.hall.events["gathering"])


@pytest.fixture
def keys(client: TestClient, stage: Stage) -> list[str]:
    """The private links of an idea and of an option, both signed by Ann; someone else chose the option too."""
    stage.command(Verb.OPEN, IDEAS)
    idea = proof(IDEAS, "2", stage.vote(1, IDEAS, texts={"1": "Invite alumni", "2": "Open the yard"}))
    stage.command(Verb.CLOSE, IDEAS)
    stage.command(Verb.OPEN, USE_CASES)
    option = proof(USE_CASES, "own", stage.vote(1, USE_CASES, "own"))
    stage.vote(2, USE_CASES, "own")
    return [private_key(send(client, fields | ANN)) for fields in (idea, option)]


def test_all_keys_of_a_phone_show_all_that_is_held_each_with_its_consent(client: TestClient, keys: list[str]) -> None:
    told = words(client.post("/me", data={"key": keys}))
    assert "these 2 answers, and no other" in told
    for part in ("Open the yard", "A use case of my own", "Harbour Ltd", "the working group Talent"):
        assert part in told
    assert told.count("With whom:") == 2
    assert "Invite alumni" not in told


def test_keys_of_which_one_was_withdrawn_show_the_others(client: TestClient, keys: list[str]) -> None:
    client.post("/me/withdraw", data={"key": keys[0]})
    told = words(client.post("/me", data={"key": keys}))
    assert "A use case of my own" in told
    assert "Open the yard" not in told


@pytest.mark.promise("P07")
def test_one_tap_withdraws_all_of_it(client: TestClient, site: Site, keys: list[str]) -> None:
    assert 'formaction="/me/withdraw"' in client.post("/me", data={"key": keys}).text
    done = client.post("/me/withdraw", data={"key": keys})
    assert "erased under 2 answers" in words(done)
    assert f'data-withdrawn="{" ".join(keys)}"' in done.text
    assert stored(site) == []


@pytest.mark.promise("P08")
def test_corrected_details_take_the_place_of_the_old_ones_down_to_the_bytes(
    client: TestClient, site: Site, stage: Stage, keys: list[str]
) -> None:
    consents = [row["consent_text"] for row in stored(site)]
    given = {"name": "Ann Smit", "email": "ann@smit.example", "organisation": ""}
    for key in keys:
        done = client.post("/me/correct", data={"key": keys, "correct": key} | given)
        assert done.status_code == 200
        assert words(done).count("Corrected.") == 1
    assert {(row["name"], row["email"], row["organisation"]) for row in stored(site)} == {
        ("Ann Smit", "ann@smit.example", "")
    }
    assert [row["consent_text"] for row in stored(site)] == consents
    for told in (b"canary@example.org", b"Ann de Wit", b"Harbour Ltd"):
        assert told not in stage.stored_bytes()


def test_a_mistyped_correction_is_told_in_place_and_changes_nothing(
    client: TestClient, site: Site, keys: list[str]
) -> None:
    before = stored(site)
    page = client.post("/me/correct", data={"key": keys, "correct": keys[1], "name": "Ann Smit", "email": "ann@smit"})
    assert page.status_code == 422
    assert "This is not an e-mail address" in words(page)
    assert 'aria-describedby="email-2-error"' in page.text
    assert 'value="ann@smit"' in page.text
    assert stored(site) == before


def test_a_correction_can_not_take_the_address_of_another_name_under_the_same_option(
    client: TestClient, site: Site, stage: Stage, keys: list[str]
) -> None:
    option = proof(USE_CASES, "own", stage.vote(3, USE_CASES, "own"))
    assert send(client, option | {"name": "Bob", "email": "bob@example.org"}).status_code == 200
    page = client.post(
        "/me/correct", data={"key": keys[1], "correct": keys[1], "name": "Ann", "email": "BOB@example.org"}
    )
    assert page.status_code == 422
    assert "has been signed already" in words(page)
    assert sorted(str(row["email"]) for row in stored(site)).count("bob@example.org") == 1


def test_a_correction_without_a_key_that_is_held_changes_nothing(client: TestClient, keys: list[str]) -> None:
    asked = {"key": keys, "correct": new_key(b"x" * 16), "name": "Ann", "email": "ann@example.org"}
    assert client.post("/me/correct", data=asked).status_code == 404


@pytest.mark.promise("P10")
def test_the_download_holds_all_that_is_kept_of_a_person_and_nothing_of_others(
    client: TestClient, site: Site, keys: list[str]
) -> None:
    response = client.post("/me/data", data={"key": keys})
    assert response.headers["content-disposition"].startswith("attachment")
    assert response.headers["cache-control"] == "no-store"
    idea, option = response.json()["signed_answers"]
    assert idea["answer"] == "Open the yard"
    assert option["answer"] == "A use case of my own"
    assert (idea["name"], idea["email"], idea["organisation"]) == ("Ann de Wit", "canary@example.org", "Harbour Ltd")
    assert idea["consent"]["text"].startswith("What: this one answer, your name and e-mail")
    assert idea["consent"]["until"] == "2027-03-01"
    assert idea["working_groups"] == ["talent"]
    assert "alumni" not in response.text
    unsaid = {"id", "idea_id", "key_hash"}
    (kept,) = [row for row in stored(site) if row["cell"] == "2"]
    told = set(idea) | {"until", "half_day", "consent_text", "consent_version", "language"}
    assert set(kept) - unsaid <= told


def test_a_download_for_keys_that_open_nothing_is_a_page_that_says_so(client: TestClient) -> None:
    assert client.post("/me/data", data={"key": new_key(b"x" * 16)}).status_code == 404


@pytest.mark.parametrize("path", ["/me/key", "/me/correct", "/me/data", "/me/withdraw"])
def test_a_reload_leads_back_to_the_page(client: TestClient, path: str) -> None:
    response = client.get(path, follow_redirects=False)
    assert (response.status_code, response.headers["location"]) == (303, "/me")


def test_a_form_with_more_keys_than_anyone_has_is_refused(client: TestClient) -> None:
    assert client.post("/me", data={"key": ["x"] * 200}).status_code == 400
