"""/sign: a name under one answer, by a form that knows nothing of the phone that sends it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from signing_stage import (
    ADDRESS,
    IDEAS,
    KEYS,
    USE_CASES,
    Stage,
    private_key,
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

NAMED = {"name": "Ann de Wit", "email": "Ann@Example.org"}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with serving(tmp_path) as made:
        yield made


@pytest.fixture
def site(client: TestClient) -> Site:
    return site_behind(client)


@pytest.fixture
def stage(site: Site) -> Stage:
    return Stage(site.database)


@pytest.fixture
def own(stage: Stage) -> dict[str, str]:
    """One phone that chose 'own' and 'cranes', and can sign the first."""
    stage.command(Verb.OPEN, USE_CASES)
    return proof(USE_CASES, "own", stage.vote(1, USE_CASES, "own", "cranes"))


@pytest.fixture
def idea(stage: Stage) -> dict[str, str]:
    """One phone that wrote two ideas, and can sign the second."""
    stage.command(Verb.OPEN, IDEAS)
    return proof(IDEAS, "2", stage.vote(1, IDEAS, texts={"1": "Invite alumni", "2": "Open <the> yard"}))


def test_before_anything_is_typed_the_page_says_what_is_shared_with_whom_for_what_and_until_when(
    client: TestClient, site: Site, idea: dict[str, str]
) -> None:
    response = send(client, idea)
    assert response.status_code == 200
    told = words(response)
    for part in (
        "Your name under this one answer",
        "Open <the> yard",
        "this one answer, your name and e-mail",
        "the working group Talent and the organisers (the Harbour Foundation)",
        "to take your suggestion further",
        "1 March 2027, then erased",
        "Your other answers stay anonymous",
    ):
        assert part in told
    assert "Invite alumni" not in response.text
    assert "Open &lt;the&gt; yard" in response.text
    assert stored(site) == []


def test_the_page_speaks_the_language_of_the_form_and_switches_with_what_was_typed(
    client: TestClient, site: Site, own: dict[str, str]
) -> None:
    dutch = send(client, own | {"language": "nl"})
    assert 'lang="nl"' in dutch.text
    assert "Een eigen toepassing" in words(dutch)
    switched = send(client, own | {"language": "nl", "switch": "en"} | NAMED)
    assert "A use case of my own" in words(switched)
    assert 'value="Ann de Wit"' in switched.text
    assert stored(site) == []
    unsaid = client.post("/sign", data=own | {"language": ""}, headers={"accept-language": "nl"})
    assert '<html lang="nl"' in unsaid.text


def test_a_signed_option_is_kept_with_the_consent_as_it_was_read(
    client: TestClient, site: Site, own: dict[str, str]
) -> None:
    response = send(client, own | NAMED)
    assert response.status_code == 200
    assert "Your name stands under this one answer" in words(response)
    assert f"{ADDRESS}/me#{private_key(response)}" in words(response)
    (row,) = stored(site)
    kept = {name: row[name] for name in ("event", "session", "set", "question", "round", "cell", "answer", "idea_id")}
    assert kept == {
        "event": "gathering",
        "session": "plenary",
        "set": "topics",
        "question": "use-cases",
        "round": 1,
        "cell": "own",
        "answer": "A use case of my own",
        "idea_id": None,
    }
    assert (row["name"], row["email"], row["working_groups"]) == ("Ann de Wit", "Ann@example.org", "links")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d [ap]m", str(row["half_day"]))
    assert str(row["consent_text"]).splitlines() == [
        "What: this one answer, your name and e-mail",
        "With whom: the working group Links and the organisers (the Harbour Foundation)",
        "What for: to come back to you on this answer",
        "Until: 1 March 2027, then erased",
        "Your other answers stay anonymous: nothing we keep connects them to your name. You can withdraw at any time.",
    ]


def test_a_signed_idea_bears_its_words_and_not_those_of_the_others(
    client: TestClient, site: Site, idea: dict[str, str]
) -> None:
    assert send(client, idea | NAMED).status_code == 200
    (row,) = stored(site)
    assert (row["cell"], row["answer"], row["working_groups"]) == ("2", "Open <the> yard", "talent")


def test_the_form_sent_twice_is_one_signing_and_gives_the_same_link(
    client: TestClient, site: Site, own: dict[str, str]
) -> None:
    asked = send(client, own)
    key = re.search(r'name="key" value="([\w-]{22})"', asked.text)
    assert key
    first, second = (send(client, own | NAMED | {"key": key[1]}) for _ in range(2))
    assert private_key(first) == private_key(second) == key[1]
    assert len(stored(site)) == 1


REFUSED_FORMS = (
    ({"name": " ", "email": "ann@example.org"}, "Give the name you want to be known by", "ann@example.org"),
    ({"name": "x" * 101, "email": "ann@example.org"}, "Give the name you want to be known by", "x" * 101),
    ({"name": "Ann <b>", "email": "ann.example.org"}, "This is not an e-mail address", "Ann &lt;b&gt;"),
    ({"name": "Ann", "email": "ann@example"}, "This is not an e-mail address", "ann@example"),
    ({"name": "Ann"}, "This is not an e-mail address", "Ann"),
)


def test_a_refused_form_says_why_and_keeps_what_was_typed(client: TestClient, site: Site, own: dict[str, str]) -> None:
    for typed, told, kept in REFUSED_FORMS:
        response = send(client, own | typed)
        assert response.status_code == 422
        assert told in words(response)
        assert f'value="{kept}"' in response.text
    assert stored(site) == []


def test_what_was_signed_already_can_not_be_signed_again(client: TestClient, site: Site, idea: dict[str, str]) -> None:
    assert send(client, idea | NAMED).status_code == 200
    again = send(client, idea | {"name": "Bob", "email": "bob@example.org"})
    assert again.status_code == 422
    assert "This answer has been signed already" in words(again)
    assert 'value="bob@example.org"' in again.text
    assert len(stored(site)) == 1


WRONG = (
    {"receipt": ""},
    {"receipt": "é"},
    {"receipt": "A" * 22},
    {"cell": "cranes"},
    {"cell": "none"},
    {"claim": "A" * 22},
    {"session": "harbour"},
    {"session": "nowhere"},
    {"event": "another"},
    {"poll": "topics/use-cases/2"},
    {"poll": "topics/ideas/1"},
    {"poll": "topics/use-cases"},
    {"poll": "../../etc/passwd"},
)


def test_without_proof_of_a_counted_answer_nothing_is_signed(
    client: TestClient, site: Site, own: dict[str, str]
) -> None:
    for wrong in WRONG:
        for name in ({}, NAMED):
            response = send(client, own | wrong | name)
            assert response.status_code == 422, wrong
            assert "There is no counted answer here that can be signed" in words(response)
    assert stored(site) == []


def test_a_receipt_of_an_option_that_offers_no_contact_signs_nothing(client: TestClient, stage: Stage) -> None:
    stage.command(Verb.OPEN, USE_CASES)
    kept = stage.vote(1, USE_CASES, "own", "cranes")
    assert "cranes" in kept.receipts, "the receipt itself is a true one"
    assert send(client, proof(USE_CASES, "cranes", kept) | NAMED).status_code == 422


def test_receipts_and_claims_sign_after_the_close_and_after_the_seal(
    client: TestClient, site: Site, stage: Stage, own: dict[str, str]
) -> None:
    stage.command(Verb.CLOSE, USE_CASES)
    stage.seal(USE_CASES)
    assert send(client, own | NAMED).status_code == 200
    assert len(stored(site)) == 1


def test_an_address_typed_by_hand_is_answered_in_words(client: TestClient) -> None:
    response = client.get("/sign")
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert "A name is put under one answer, from the phone that gave it" in words(response)


MALFORMED = (b"\xff\xfe=%%%", b"event=" + b"x" * 5000, b"&" * 2000, b"a=1&" * 2000, b"name=%ed%a0%80")


def test_a_malformed_form_is_refused_and_the_server_goes_on(client: TestClient) -> None:
    for body in MALFORMED:
        response = client.post("/sign", content=body, headers={"content-type": "application/x-www-form-urlencoded"})
        assert 400 <= response.status_code < 500, body
        assert client.get("/healthz").status_code == 200


def test_a_picture_in_a_field_is_refused(client: TestClient, own: dict[str, str]) -> None:
    response = client.post("/sign", data=own, files={"name": ("a.png", b"x" * 100)})
    assert response.status_code == 400


@pytest.mark.promise("P05")
def test_with_cookies_and_without_them_the_same_is_stored_and_answered(
    client: TestClient, site: Site, stage: Stage, idea: dict[str, str]
) -> None:
    identity = {
        "polling-participant": KEYS.new_participant(b"p" * 16),
        "__Secure-polling-participant": KEYS.new_participant(b"p" * 16),
        "polling-pass-organiser-gathering-": KEYS.new_pass("organiser", "gathering", ""),
        "polling-lang": "nl",
    }
    every = "; ".join(f"{name}={value}" for name, value in identity.items())
    fields = idea | NAMED | {"key": new_key(b"k" * 16), "language": ""}
    answers, rows = [], []
    for headers in ({}, {"cookie": every}):
        answers.append(send(client, fields, headers=headers))
        (row,) = stored(site)
        rows.append({name: value for name, value in row.items() if name != "id"})
        assert client.post("/me/withdraw", data={"key": fields["key"]}).status_code == 200
    assert rows[0] == rows[1]
    assert answers[0].text == answers[1].text
    assert not any("set-cookie" in answer.headers for answer in answers)


@pytest.mark.promise("P04")
def test_neither_the_log_nor_a_row_tells_when_someone_signed(
    client: TestClient, site: Site, own: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", logger="polling"):
        assert send(client, own | NAMED).status_code == 200
    told = " ".join(record.getMessage() for record in caplog.records if not record.name.startswith("httpx"))
    assert "sign" not in told
    assert "ann" not in told.lower()
    (row,) = stored(site)
    assert not [value for value in row.values() if re.search(r"\d\d:\d\d", str(value))]
