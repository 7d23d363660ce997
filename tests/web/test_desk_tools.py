"""The moderator's drawer: timer, pace, calling the organiser, sending people on; and the page held still."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_stage import EVENT, based_on, come_in, order, said
from httpx2 import Response
from signing_stage import IDEAS, MOOD, Stage, serving, site_behind
from starlette.testclient import TestClient

from polling.core.poll import SessionState, Verb
from polling.store.event_states import event_state
from polling.store.sessions import session_state
from polling.web.site import Site

PAGE = f"/m/{EVENT}/plenary"
JSON = {"accept": "application/json"}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with serving(tmp_path) as made:
        yield made


@pytest.fixture
def site(client: TestClient) -> Site:
    return site_behind(client)


@pytest.fixture
def moderator(client: TestClient) -> TestClient:
    come_in(client, "moderator", "plenary")
    return client


def _state(site: Site) -> SessionState:
    with site.database.read() as connection:
        return session_state(connection, EVENT, "plenary")


def _sent(site: Site) -> dict[str, str]:
    with site.database.read() as connection:
        rooms = event_state(connection, site.hall.events[EVENT]).rooms
    return {session: sending.to for session, sending in rooms.items()}


def _tools(page: str) -> str:
    return page.partition('id="region-tools"')[2].partition("</section>")[0]


def _now(client: TestClient, verb: str, **more: str) -> Response:
    """A command based on the page as it is."""
    return order(client, verb, based_on(client.get(PAGE).text), **more)


def _send(client: TestClient, to: str, **more: str) -> Response:
    return client.post(f"{PAGE}/send", data={"to": to} | more, follow_redirects=False)


# commands of the drawer, by forms alone


def test_a_timer_is_started_prolonged_and_stopped_by_forms_alone(moderator: TestClient, site: Site) -> None:
    order(moderator, "next", 0, poll=str(MOOD))
    assert "A timer can run while a question is open" in said(_tools(moderator.get(PAGE).text))
    _now(moderator, "open")
    _now(moderator, "start_timer", seconds="60", closes="on")
    _now(moderator, "extend_timer", seconds="30")
    poll = _state(site).now
    assert poll is not None
    assert poll.timer is not None
    assert (poll.timer.seconds, poll.timer.closes) == (90, True)
    page = moderator.get(PAGE).text
    assert 'data-seconds="90"' in page
    assert "The question closes by itself when the time is up" in said(_tools(page))
    _now(moderator, "stop_timer")
    poll = _state(site).now
    assert poll is not None
    assert poll.timer is None


def test_the_organiser_is_called_with_one_press_and_that_is_taken_back_with_another(
    moderator: TestClient, site: Site
) -> None:
    assert 'value="call"' in _tools(moderator.get(PAGE).text)
    _now(moderator, "call")
    assert _state(site).calling
    page = _tools(moderator.get(PAGE).text)
    assert "The organiser is called" in said(page)
    assert 'value="call"' not in page
    _now(moderator, "call_off")
    assert not _state(site).calling
    assert "The organiser is called" not in said(moderator.get(PAGE).text)


def test_a_next_that_was_one_too_many_is_taken_back(moderator: TestClient, site: Site) -> None:
    order(moderator, "next", 0)
    _now(moderator, "next")
    page = moderator.get(PAGE).text
    assert "Back to question 1" in said(_tools(page))
    first = _tools(page).partition('name="poll" value="')[2].partition('"')[0]
    _now(moderator, "next", poll=first)
    assert str(_state(site).current) == first
    assert "Back to question" not in said(_tools(moderator.get(PAGE).text)), "there is nothing before it"


def test_the_pace_of_a_set_is_switched_while_nothing_is_open(moderator: TestClient, site: Site) -> None:
    order(moderator, "next", 0)
    _now(moderator, "pace")
    page = moderator.get(PAGE).text
    assert "One question at a time" in said(_tools(page))
    assert "questions at once" in said(page.partition('id="button-1"')[2].partition("</button>")[0])
    _now(moderator, "open")
    page = moderator.get(PAGE).text
    assert "Open, each at their own pace" in said(page)
    refused = _now(moderator, "pace")
    assert refused.headers["location"] == f"{PAGE}?refused=poll-open"
    _now(moderator, "close")
    assert {poll.state.value for poll in _state(site).polls.values()} == {"closed"}


# sending people on


def test_the_people_of_a_room_are_sent_on_and_that_is_ended(moderator: TestClient, site: Site) -> None:
    assert _send(moderator, "harbour").headers["location"] == PAGE
    assert _sent(site) == {"plenary": "harbour"}
    page = _tools(moderator.get(PAGE).text)
    assert "People here are sent to" in said(page)
    assert 'name="to" value="plenary"' in page
    _send(moderator, "plenary")
    assert _sent(site) == {}
    assert "People here are sent to" not in said(moderator.get(PAGE).text)


def test_without_a_choice_nobody_is_sent_anywhere(moderator: TestClient, site: Site) -> None:
    for to in ("", "nowhere"):
        assert _send(moderator, to).headers["location"] == f"{PAGE}?refused=unknown-session"
    assert "This event has no such session" in said(moderator.get(f"{PAGE}?refused=unknown-session").text)
    assert _sent(site) == {}


def test_a_press_that_is_sent_again_sends_people_once(moderator: TestClient) -> None:
    answers = [moderator.post(f"{PAGE}/send", data={"to": "harbour", "id": "a"}, headers=JSON) for _ in range(2)]
    assert answers[0].json() == answers[1].json() == {"type": "done", "id": "a", "revision": 1}
    refused = moderator.post(f"{PAGE}/send", data={"to": "", "id": "b"}, headers=JSON)
    assert (refused.status_code, refused.json()["code"]) == (404, "unknown-session")


def test_a_moderator_sends_on_no_people_but_their_own(client: TestClient, site: Site) -> None:
    come_in(client, "moderator", "harbour")
    assert _send(client, "harbour").status_code == 401
    assert _sent(site) == {}


# too late


def test_whoever_was_too_late_hears_what_was_done_just_before_and_by_which_link(moderator: TestClient) -> None:
    order(moderator, "next", 0, poll=str(MOOD))
    order(moderator, "open", 1)
    answer = moderator.post(f"{PAGE}/command", data={"verb": "open", "based_on": "1", "id": "late"}, headers=JSON)
    message = answer.json()["message"]
    told = "Just before: moderator of Plenary opened the question. Nothing was done now; look at how it stands."
    assert message == told
    dutch = moderator.post(
        f"{PAGE}/command", data={"verb": "open", "based_on": "1", "id": "l"}, headers=JSON | {"accept-language": "nl"}
    )
    assert dutch.json()["message"].startswith("Net hiervoor: moderator van Plenair opende de vraag.")


def test_whoever_looks_on_can_ask_who_did_what(moderator: TestClient, client: TestClient) -> None:
    order(moderator, "next", 0, poll=str(MOOD))
    order(moderator, "open", 1)

    def told(revision: str) -> Response:
        return client.get(f"{PAGE}/done", params={"revision": revision}, headers=JSON)

    assert told("2").json() == {"message": "Moderator of Plenary opened the question."}
    assert told("9").json() == {"message": ""}
    assert [told(typed).status_code for typed in ("", "soon", "-1", "9" * 30)] == [400] * 4
    client.cookies.clear()
    assert told("2").status_code == 401


# without a script


def test_held_still_the_page_renews_itself_no_more_and_commands_lead_back_to_it(
    moderator: TestClient, site: Site
) -> None:
    stage = Stage(site.database)
    stage.command(Verb.OPEN, IDEAS)
    stage.vote(1, IDEAS, texts={"1": "Invite alumni"})
    page = moderator.get(PAGE).text
    assert 'http-equiv="refresh"' in page
    assert 'href="?still=1"' in page
    still = moderator.get(f"{PAGE}?still=1").text
    assert "http-equiv" not in still
    assert 'href="?"' in still
    idea = still.partition('name="idea" value="')[2].partition('"')[0]
    came_from = {"referer": f"http://testserver{PAGE}?still=1"}
    fields = {"verb": "show_idea", "based_on": str(based_on(still)), "idea": idea}
    shown = moderator.post(f"{PAGE}/command", data=fields, headers=came_from, follow_redirects=False)
    assert shown.headers["location"] == f"{PAGE}?still=1"
    late = {"verb": "close", "based_on": "0"}
    refused = moderator.post(f"{PAGE}/command", data=late, headers=came_from, follow_redirects=False)
    assert refused.headers["location"] == f"{PAGE}?refused=stale&still=1"
    assert order(moderator, "call", 0).headers["location"] == PAGE


def test_the_text_that_was_shown_last_is_highlighted_and_the_highlight_can_be_moved(
    moderator: TestClient, site: Site
) -> None:
    come_in(moderator, "presenter", "plenary")
    stage = Stage(site.database)
    stage.command(Verb.OPEN, IDEAS)
    for phone, words in enumerate(("Invite alumni", "Ask teachers")):
        stage.vote(phone, IDEAS, texts={"1": words})
    ids = {words: id for id, words in re.findall(r'<p id="text-(\w+)">([^<]*)</p>', moderator.get(PAGE).text)}

    def lead() -> str:
        screen = moderator.get(f"/s/{EVENT}/plenary").text
        return said(screen.partition('<blockquote class="lead">')[2].partition("</blockquote>")[0])

    for words in ("Invite alumni", "Ask teachers", "Invite alumni"):
        _now(moderator, "show_idea" if lead() == "" or words == "Ask teachers" else "light_idea", idea=ids[words])
        assert lead() == words
        lit = moderator.get(PAGE).text.partition(f'<li id="idea-{ids[words]}"')[2].partition("</li>")[0]
        assert 'value="dim_idea" aria-pressed="true"' in lit
    _now(moderator, "hide_idea", idea=ids["Invite alumni"])
    assert lead() == "Ask teachers", "the only one is large, though nothing is highlighted"
    assert 'class="quotes lit"' not in moderator.get(f"/s/{EVENT}/plenary").text
