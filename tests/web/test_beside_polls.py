"""What moderators write beside a poll: notes that two can write, and counts by hand that no tally ever holds."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_stage import EVENT, based_on, come_in, order, said
from signing_stage import MOOD, serving
from starlette.testclient import TestClient

NOTE, HANDS, PAGE = (f"/m/{EVENT}/plenary{place}" for place in ("/note", "/hands", ""))
JSON = {"accept": "application/json"}


@pytest.fixture
def moderator(tmp_path: Path) -> Iterator[TestClient]:
    with serving(tmp_path) as made:
        come_in(made, "moderator", "plenary")
        yield made


def write(client: TestClient, text: str, revision: int) -> dict[str, object]:
    told: dict[str, object] = client.post(
        NOTE, data={"poll": str(MOOD), "text": text, "revision": str(revision)}, headers=JSON
    ).json()
    return told


def exported(client: TestClient, name: str) -> list[dict[str, str]]:
    come_in(client, "organiser")
    return list(csv.DictReader(io.StringIO(client.get(f"/o/{EVENT}/export/{name}").text)))


def test_a_note_is_kept_and_comes_out_with_its_question(moderator: TestClient) -> None:
    assert write(moderator, "Who pays for it?", 0)["revision"] == 1
    assert moderator.get(f"{NOTE}?poll={MOOD}", headers=JSON).json()["text"] == "Who pays for it?"
    (line,) = exported(moderator, "notes.csv")
    assert (line["session"], line["set"], line["question"]) == ("plenary", MOOD.set, MOOD.question)
    assert line["note"] == "Who pays for it?"


def test_a_note_that_looks_like_a_formula_is_no_formula_in_the_file(moderator: TestClient) -> None:
    write(moderator, "=1+1", 0)
    assert exported(moderator, "notes.csv")[0]["note"] == "'=1+1"


def test_two_who_write_at_once_lose_nothing(moderator: TestClient) -> None:
    write(moderator, "from Anna", 0)
    refused = write(moderator, "from Bert", 0)
    assert refused["text"] == "from Anna"
    assert "Someone else wrote" in str(refused["message"])
    page = moderator.post(NOTE, data={"poll": str(MOOD), "text": "from Bert", "revision": "0"})
    assert page.status_code == 409
    assert "from Anna" in page.text
    assert "from Bert" in page.text
    both = write(moderator, "from Anna and Bert", 1)
    assert (both["text"], both["revision"]) == ("from Anna and Bert", 2)


def test_the_same_note_sent_twice_is_one_writing(moderator: TestClient) -> None:
    write(moderator, "once", 0)
    assert write(moderator, "once", 0) == write(moderator, "once", 1)


def test_a_note_on_a_question_of_another_room_or_too_long_is_refused(moderator: TestClient) -> None:
    fields = {"poll": "no-such/question/1", "text": "x", "revision": "0"}
    assert moderator.post(NOTE, data=fields).status_code == 404
    long = {"poll": str(MOOD), "text": "x" * 2001, "revision": "0"}
    assert moderator.post(NOTE, data=long).status_code == 422


def test_only_moderators_read_and_write_beside_a_poll(tmp_path: Path) -> None:
    with serving(tmp_path) as client:
        for place in (NOTE, HANDS):
            assert client.get(f"{place}?poll={MOOD}").status_code == 401
            assert client.post(place, data={"poll": str(MOOD)}).status_code == 401


def hands(client: TestClient, revision: int = 0, **fields: str) -> int:
    form = {"poll": str(MOOD), "revision": str(revision), "way": "hands"}
    more = {name.replace("_", "."): value for name, value in fields.items()}
    return client.post(HANDS, data=form | more, follow_redirects=False).status_code


def test_hands_are_counted_apart_and_never_in_the_result(moderator: TestClient) -> None:
    begin = based_on(moderator.get(PAGE).text)
    order(moderator, "next", begin, poll=str(MOOD))
    order(moderator, "open", begin + 1)
    order(moderator, "close", begin + 2)
    assert hands(moderator, count_good="12", count_bad="5", people="20") == 303
    lines = exported(moderator, "by-hand.csv")
    assert [(line["cell"], line["count"], line["people"], line["percent"], line["way"]) for line in lines][:2] == [
        ("good", "12", "20", "60", "hands"),
        ("bad", "5", "20", "25", "hands"),
    ]
    results = exported(moderator, "results.csv")
    assert {line["respondents"] for line in results if line["question"] == MOOD.question} == {""}
    document = json.loads(moderator.get(f"/o/{EVENT}/export/results.json").text)
    assert [row["count"] for row in document["by-hand"]][:2] == [12, 5]


def test_the_big_screen_tells_a_count_by_hand_as_what_it_is(moderator: TestClient) -> None:
    begin = based_on(moderator.get(PAGE).text)
    order(moderator, "next", begin, poll=str(MOOD))
    hands(moderator, count_good="12", count_bad="5")
    come_in(moderator, "presenter", "plenary")
    shown = said(moderator.get(f"/s/{EVENT}/plenary").text)
    assert "Raised hands: 17 people counted by hand, not in the bars" in shown


@pytest.mark.parametrize("fields", [{"count_good": "-1"}, {"count_good": "many"}, {"count_good": "9", "people": "3"}])
def test_a_count_that_can_not_be_is_refused_and_what_was_typed_stays(
    moderator: TestClient, fields: dict[str, str]
) -> None:
    form = {"poll": str(MOOD), "revision": "0", "way": "paper"}
    more = {name.replace("_", "."): value for name, value in fields.items()}
    page = moderator.post(HANDS, data=form | more)
    assert page.status_code == 422
    assert f'value="{fields["count_good"]}"' in page.text
    assert 'value="paper" checked' in page.text


def test_a_count_is_taken_away_by_emptying_it(moderator: TestClient) -> None:
    hands(moderator, count_good="3")
    assert hands(moderator, revision=1) == 303
    come_in(moderator, "organiser")
    assert moderator.get(f"/o/{EVENT}/export/by-hand.csv").status_code == 404
