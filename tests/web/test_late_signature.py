"""Late signature: an unsigned answer can be signed after the event and after the seal, until the day the event says."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from signing_stage import (
    ADDRESS,
    IDEAS,
    USE_CASES,
    Stage,
    on_day,
    proof,
    send,
    serving,
    site_behind,
    stored,
    words,
)
from starlette.testclient import TestClient

from polling.core.keys import new_key
from polling.core.poll import Verb
from polling.web.site import Site

NAMED = {"name": "Ann de Wit", "email": "ann@example.org"}
OVER = "The day until which this answer could be signed has passed. It stays, without a name."


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with serving(tmp_path, late_signature_until="2027-01-31") as made:
        yield made


@pytest.fixture
def site(client: TestClient) -> Site:
    return site_behind(client)


@pytest.fixture
def kept(site: Site) -> dict[str, dict[str, str]]:
    """What a phone kept of an idea and of an option, in polls that are sealed since."""
    stage = Stage(site.database)
    proofs = {}
    for poll, cell, picks, texts in (
        (IDEAS, "2", (), {"1": "Alumni", "2": "Open the yard"}),
        (USE_CASES, "own", ("own",), {}),
    ):
        stage.command(Verb.OPEN, poll)
        proofs[cell] = proof(poll, cell, stage.vote(1, poll, *picks, texts=texts))
        stage.command(Verb.CLOSE, poll)
        stage.seal(poll)
    return {"idea": proofs["2"], "option": proofs["own"]}


@pytest.mark.parametrize("what", ["idea", "option"])
def test_until_the_end_of_the_last_day_a_sealed_answer_can_be_signed(
    client: TestClient, site: Site, kept: dict[str, dict[str, str]], what: str
) -> None:
    on_day(client, 2027, 1, 31, hour=23)
    assert send(client, kept[what]).status_code == 200
    assert send(client, kept[what] | NAMED).status_code == 200
    (row,) = stored(site)
    assert row["half_day"] == "2027-01-31 pm"


@pytest.mark.parametrize("what", ["idea", "option"])
def test_after_it_signing_is_refused_with_a_sentence_of_its_own(
    client: TestClient, site: Site, kept: dict[str, dict[str, str]], what: str
) -> None:
    on_day(client, 2027, 2, 1, hour=0)
    for fields in (kept[what], kept[what] | NAMED):
        refused = send(client, fields)
        assert refused.status_code == 409
        assert OVER in words(refused)
    assert stored(site) == []


def test_signing_on_my_page_leads_back_to_it(client: TestClient, kept: dict[str, dict[str, str]]) -> None:
    on_day(client, 2027, 1, 15)
    asked = send(client, kept["idea"] | {"begun": "me"})
    assert 'name="begun" value="me"' in asked.text
    thanked = send(client, kept["idea"] | NAMED | {"begun": "me"})
    assert re.search(r'href="/me" data-close>Back to my page', thanked.text)


def saved(client: TestClient, fields: dict[str, str]) -> str:
    """The private link that a saved key is."""
    page = client.post("/me/key", data=fields)
    assert page.status_code == 200, words(page)
    assert '<svg viewBox="0 0' in page.text
    found = re.search(r'class="private"><a href="([^"]+)"', page.text)
    assert found
    return found[1]


@pytest.mark.parametrize(("what", "answer"), [("idea", "Open the yard"), ("option", "A use case of my own")])
def test_a_saved_key_signs_the_answer_from_any_device_without_a_script(
    client: TestClient, site: Site, kept: dict[str, dict[str, str]], what: str, answer: str
) -> None:
    on_day(client, 2027, 1, 15)
    link = saved(client, kept[what])
    assert link.startswith(f"{ADDRESS}/me#")
    shown = client.post("/me", data={"key": link})
    assert shown.status_code == 200
    assert answer in words(shown)
    assert "until 31 January 2027" in words(shown)
    form = shown.text.partition('action="/sign"')[2].partition("</form>")[0]
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    assert send(client, fields | NAMED).status_code == 200
    (row,) = stored(site)
    assert row["answer"] == answer


def test_a_saved_key_says_where_its_answer_is_and_its_proof_and_no_more(
    client: TestClient, kept: dict[str, dict[str, str]]
) -> None:
    on_day(client, 2027, 1, 15)
    idea = kept["idea"]
    key = unquote(saved(client, idea).partition("#")[2])
    assert key == f"claim-gathering/plenary/topics/ideas/1/2/{idea['claim']}"


def test_after_the_last_day_a_saved_key_opens_nothing_and_says_why(
    client: TestClient, kept: dict[str, dict[str, str]]
) -> None:
    on_day(client, 2027, 1, 15)
    link = saved(client, kept["idea"])
    on_day(client, 2027, 2, 1)
    for refused in (client.post("/me", data={"key": link}), client.post("/me/key", data=kept["idea"])):
        assert refused.status_code == 409
        assert OVER in words(refused)


@pytest.mark.parametrize(
    "key",
    [
        f"claim-gathering/plenary/topics/ideas/1/2/{new_key(b'x' * 16)}",
        f"receipt-gathering/plenary/topics/use-cases/1/cranes/{new_key(b'x' * 16)}",
        f"claim-nowhere/plenary/topics/ideas/1/2/{new_key(b'x' * 16)}",
        "claim-gathering/plenary/topics/ideas/1/2/short",
        "claim-../../../../1/%2e/" + "A" * 22,
    ],
)
def test_a_key_that_proves_nothing_is_answered_in_words(
    client: TestClient, kept: dict[str, dict[str, str]], key: str
) -> None:
    on_day(client, 2027, 1, 15)
    refused = client.post("/me", data={"key": key})
    assert refused.status_code in (404, 409)
    assert "Nothing is kept under this key" in words(refused) or "no counted answer here" in words(refused)


@pytest.mark.promise("S12")
def test_neither_keys_nor_proofs_come_into_a_log(
    client: TestClient, kept: dict[str, dict[str, str]], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    on_day(client, 2027, 1, 15)
    link = saved(client, kept["idea"])
    client.post("/me", data={"key": link})
    send(client, kept["idea"] | NAMED)
    told = caplog.text
    for secret in (kept["idea"]["claim"], "ann@example.org"):
        assert secret not in told
