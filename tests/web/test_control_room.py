"""The control room without a script: messages, many rooms at once, sending people, attendance and the funnel."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_stage import EVENT, come_in, order, said
from httpx2 import Response
from signing_stage import MOOD, Stage, serving, site_behind
from starlette.testclient import TestClient

from polling.core.poll import State, Verb
from polling.store.event_states import event_state
from polling.store.sessions import session_state

PAGE = f"/o/{EVENT}"
JSON = {"accept": "application/json"}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with serving(tmp_path) as made:
        come_in(made, "organiser")
        yield made


@pytest.fixture
def stage(client: TestClient) -> Stage:
    return Stage(site_behind(client).database)


def press(client: TestClient, path: str, **fields: str | list[str]) -> Response:
    return client.post(f"{PAGE}{path}", data=fields, follow_redirects=False)


def now(stage: Stage, session: str) -> State | None:
    with stage.database.read() as connection:
        poll = session_state(connection, EVENT, session).now
    return poll.state if poll else None


def test_each_page_leads_to_all_others_and_says_which_it_is(client: TestClient) -> None:
    for name in ("", "messages", "together", "send", "attendance", "funnel", "before", "results"):
        page = client.get(f"{PAGE}/{name}".rstrip("/"))
        assert page.status_code == 200
        here = re.findall(r'href="([^"]+)" aria-current="page"', page.text)
        assert here == [f"{PAGE}/{name}".rstrip("/")]
        assert len(re.findall(rf'<li><a href="{PAGE}', page.text)) >= 8
        assert ("http-equiv" in page.text) == (name == ""), "a page with a form never refreshes itself"


def test_the_hall_s_screen_is_opened_from_what_is_done_before_the_event(client: TestClient) -> None:
    assert f'href="/s/{EVENT}"' in client.get(f"{PAGE}/before").text
    assert client.get(f"/s/{EVENT}").status_code == 200


# messages


def test_a_message_stands_on_its_pages_until_it_is_taken_away_and_is_no_markup(client: TestClient) -> None:
    code = site_behind(client).hall.code(EVENT, "plenary")
    pages = {"phones": f"/p/{code}", "screens": f"/s/{EVENT}/plenary", "moderators": f"/m/{EVENT}/plenary"}
    for audience, path in pages.items():
        text = f"<b>Coffee</b> for {audience}"
        asked = press(client, "/command", verb="message", audience=audience, text=text, back="messages")
        assert asked.headers["location"] == f"{PAGE}/messages?done=message"
        assert text in said(client.get(path).text)
        assert "<b>Coffee" not in client.get(path).text
        assert text in said(client.get(PAGE).text)
        others = [other for other in pages.values() if other != path]
        assert not any(text in said(client.get(other).text) for other in others)
        assert text in said(client.get(f"{PAGE}/messages").text)
        press(client, "/command", verb="message", audience=audience, text="")
        assert text not in said(client.get(path).text)


def test_a_message_that_is_too_long_is_refused_in_words(client: TestClient) -> None:
    asked = press(client, "/command", verb="message", audience="phones", text="x" * 281, back="messages")
    assert asked.headers["location"] == f"{PAGE}/messages?refused=too-long"
    assert "too long" in said(client.get(asked.headers["location"]).text)
    told = client.post(f"{PAGE}/command", data={"verb": "message", "text": "x" * 281}, headers=JSON)
    assert (told.status_code, told.json()["code"]) == (422, "too-long")


@pytest.mark.parametrize("fields", [{}, {"verb": "dance"}, {"verb": "message", "audience": "press"}])
def test_a_command_that_is_none_is_refused(client: TestClient, fields: dict[str, str]) -> None:
    assert press(client, "/command", **fields).status_code == 400


def test_a_form_leads_back_to_no_other_place(client: TestClient) -> None:
    asked = press(client, "/command", verb="message", text="x", back="//elsewhere.example")
    assert asked.headers["location"] == f"{PAGE}?done=message"


# many rooms at once


def test_the_next_question_is_started_where_it_can_be_and_the_answer_says_where_not(
    client: TestClient, stage: Stage
) -> None:
    stage.command(Verb.OPEN, MOOD, "harbour")
    page = said(press(client, "/together", do="start", session=["plenary", "harbour"], id="one").text)
    assert "Done in 1 room , not in 1" in page
    assert "Plenary started" in page
    assert "Harbour a question is open here" in page
    assert (now(stage, "plenary"), now(stage, "harbour")) == (State.OPEN, State.OPEN)


def test_all_open_questions_are_closed_in_one_press_and_only_in_the_rooms_that_were_chosen(
    client: TestClient, stage: Stage
) -> None:
    for session in ("plenary", "harbour"):
        stage.command(Verb.OPEN, MOOD, session)
    assert "Plenary closed" in said(press(client, "/together", do="close", session="plenary").text)
    assert (now(stage, "plenary"), now(stage, "harbour")) == (State.CLOSED, State.OPEN)
    told = client.post(f"{PAGE}/together", data={"do": "close", "session": ["plenary", "harbour"]}, headers=JSON)
    first, second = told.json()["sessions"]
    assert (first["session"], first["code"]) == ("plenary", "poll-closed")
    assert second == {"session": "harbour"}


def test_the_same_form_sent_again_starts_nothing_more(client: TestClient, stage: Stage) -> None:
    press(client, "/together", do="start", session="plenary", id="once")
    with stage.database.read() as connection:
        before = session_state(connection, EVENT, "plenary")
    press(client, "/together", do="close", session="plenary", id="then")
    again = press(client, "/together", do="start", session="plenary", id="once")
    assert "Plenary started" in said(again.text)
    with stage.database.read() as connection:
        after = session_state(connection, EVENT, "plenary")
    assert after.current == before.current
    assert now(stage, "plenary") is State.CLOSED


def test_no_room_is_no_command_and_an_unknown_one_is_passed_over(client: TestClient, stage: Stage) -> None:
    assert "No room was chosen" in said(press(client, "/together", do="start").text)
    assert "No room was chosen" in said(press(client, "/together", do="start", session="cellar").text)
    assert press(client, "/together", do="dance", session="plenary").status_code == 400
    assert now(stage, "plenary") is None


# a call


def test_a_call_is_in_sight_and_is_answered_by_on_my_way(client: TestClient) -> None:
    order(client, "call", 0, "harbour")
    page = client.get(PAGE).text
    assert "asks for you" in said(page)
    assert "1 room asks for attention" in said(page)
    assert press(client, "/on-my-way", session="harbour").headers["location"] == PAGE
    assert "asks for you" not in said(client.get(PAGE).text)
    assert press(client, "/on-my-way", session="cellar").status_code == 404


# sending people


def test_sending_everyone_is_asked_once_and_then_done_by_one_press(client: TestClient, stage: Stage) -> None:
    assert "Everyone to the break-outs" in said(client.get(PAGE).text)
    page = client.get(f"{PAGE}/send?verb=send&to=*").text
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert fields["to"] == "*"
    press(client, "/command", **fields)
    with stage.database.read() as connection:
        assert event_state(connection, stage.event).at.to == "*"
    assert "Back to the plenary" in said(client.get(PAGE).text)


def test_a_move_says_that_it_is_for_good_and_shows_on_the_board(client: TestClient, stage: Stage) -> None:
    page = client.get(f"{PAGE}/send?verb=move_room&session=harbour&to=plenary").text
    assert "Harbour moves into Plenary" in said(page)
    assert "This can't be undone." in said(page)
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert press(client, "/command", **fields).headers["location"] == f"{PAGE}/send?done=move_room"
    assert "moved to Plenary" in said(client.get(PAGE).text)
    back = press(client, "/command", verb="move_room", session="plenary", to="harbour", back="send")
    assert "can't move into itself" in said(client.get(back.headers["location"]).text)


def test_the_end_closes_what_is_open(client: TestClient, stage: Stage) -> None:
    stage.command(Verb.OPEN, MOOD, "harbour")
    assert "What is open in any room is closed" in said(client.get(f"{PAGE}/send?verb=end").text)
    press(client, "/command", verb="end")
    assert now(stage, "harbour") is State.CLOSED
    assert "The event has ended: results" in said(client.get(PAGE).text)


def test_at_the_end_a_room_s_screen_thanks_but_keeps_a_result_that_is_still_talked_about(
    client: TestClient, stage: Stage
) -> None:
    stage.command(Verb.NEXT, MOOD, "harbour")
    stage.command(Verb.OPEN, MOOD, "plenary")  # its results are live
    press(client, "/command", verb="end")
    shown = {room: said(client.get(f"/s/{EVENT}/{room}").text) for room in ("harbour", "plenary")}
    assert {room: "Thank you for taking part" in text for room, text in shown.items()} == {
        "harbour": True,
        "plenary": False,
    }


@pytest.mark.parametrize(
    "query", ["verb=send&to=cellar", "verb=send_room&session=harbour", "verb=move_room&to=plenary"]
)
def test_nobody_is_sent_nowhere(client: TestClient, query: str) -> None:
    assert client.get(f"{PAGE}/send?{query}").status_code == 404


# attendance and the funnel


def test_attendance_is_typed_in_and_becomes_the_head_and_the_funnel(client: TestClient, stage: Stage) -> None:
    typed = {"registered.": "292", "present.": "240", "present.harbour": " 31 "}
    assert client.post(f"{PAGE}/attendance", data=typed, follow_redirects=False).status_code == 303
    assert "292 registered 240 present" in said(client.get(PAGE).text)
    for session in ("plenary", "harbour"):
        stage.command(Verb.OPEN, MOOD, session)
        stage.vote(1, MOOD, "good", session=session)
        stage.command(Verb.CLOSE, MOOD, session)
    page = said(client.get(f"{PAGE}/funnel").text)
    assert "How is it? 292 registered 240 present 100 joined 1 answers 1 % of the phones" in page
    assert "How is it? – registered 31 present 100 joined 1 answers" in page
    lines = client.get(f"{PAGE}/export/funnel.csv").text.splitlines()
    assert lines[1].endswith(",292,240,100,1,1")
    assert lines[2].endswith(',"",31,100,1,1')


@pytest.mark.parametrize("typed", ["-1", "many", "1.5", "1234567", "٣"])
def test_what_is_no_number_of_heads_saves_nothing_and_stays_in_its_field(client: TestClient, typed: str) -> None:
    fields = {"registered.": "292", "present.": typed}
    answer = client.post(f"{PAGE}/attendance", data=fields)
    assert answer.status_code == 422
    assert "whole numbers" in said(answer.text)
    assert f'value="{typed}"' in answer.text
    assert "292 registered" not in said(client.get(PAGE).text)


def test_an_empty_field_means_not_known(client: TestClient) -> None:
    client.post(f"{PAGE}/attendance", data={"registered.": "292", "present.": "0"})
    assert "292 registered 0 present" in said(client.get(PAGE).text)
    client.post(f"{PAGE}/attendance", data={"registered.": "", "present.": "0"})
    assert "registered" not in said(client.get(PAGE).text).split("connected")[0]


def test_heads_are_counted_at_a_door_one_by_one(client: TestClient) -> None:
    for step in ("1", "5", "1", "-1"):
        assert press(client, "/attendance/count", session="harbour", by=step).status_code == 303
    assert "6 present" in said(client.get(f"{PAGE}/attendance?count=harbour").text)
    for _ in range(8):
        press(client, "/attendance/count", session="harbour", by="-1")
    assert "0 present" in said(client.get(f"{PAGE}/attendance?count=harbour").text)
    assert press(client, "/attendance/count", session="harbour", by="1000").status_code == 422
    assert press(client, "/attendance/count", session="cellar", by="1").status_code == 404


@pytest.mark.promise("P11")
def test_the_funnel_withholds_what_the_results_withhold(tmp_path: Path) -> None:
    with serving(tmp_path, smallest_group=5) as client:
        come_in(client, "organiser")
        stage = Stage(site_behind(client).database, site_behind(client).hall.events[EVENT])
        stage.command(Verb.OPEN, MOOD)
        for phone in range(4):
            stage.vote(phone, MOOD, "good")
        stage.command(Verb.CLOSE, MOOD)
        page = said(client.get(f"{PAGE}/funnel").text)
        assert "100 joined answers: none, or withheld" in page
        assert client.get(f"{PAGE}/export/funnel.csv").text.splitlines()[1].endswith(',"","",100,"",""')
