"""The moderator's page: four buttons in four places, and commands that can be sent twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_stage import EVENT, based_on, buttons, come_in, order, said
from signing_stage import IDEAS, MOOD, Stage, serving, site_behind
from starlette.testclient import TestClient

from polling.core.poll import State, Verb
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


def _state(site: Site, session: str = "plenary") -> tuple[int, State | None]:
    with site.database.read() as connection:
        state = session_state(connection, EVENT, session)
    return state.revision, state.now.state if state.now else None


def test_without_a_pass_the_page_asks_for_the_key_and_shows_nothing(client: TestClient) -> None:
    response = client.get(PAGE)
    assert response.status_code == 401
    assert 'name="key"' in response.text
    assert "region-" not in response.text


def test_a_wrong_key_is_told_in_words_and_the_right_one_leads_in(client: TestClient) -> None:
    fields = {"role": "moderator", "event": EVENT, "session": "plenary"}
    wrong = client.post("/pass", data=fields | {"key": "a guess"})
    assert wrong.status_code == 403
    assert "This key opens nothing here" in said(wrong.text)
    assert 'aria-invalid="true"' in wrong.text
    assert come_in(client, "moderator", "plenary").url.path == PAGE


def test_a_moderator_of_another_room_sees_and_does_nothing_here(client: TestClient, site: Site) -> None:
    come_in(client, "moderator", "harbour")
    assert client.get(PAGE).status_code == 401
    assert order(client, "next", 0).status_code == 401
    assert client.get(f"{PAGE}/regions").status_code == 401
    assert _state(site) == (0, None)


def test_an_organiser_may_moderate_every_room(client: TestClient, site: Site) -> None:
    come_in(client, "organiser")
    assert order(client, "next", 0, "harbour").status_code == 303
    assert _state(site, "harbour") == (1, State.PENDING)


def test_a_question_goes_through_its_life_by_forms_alone(moderator: TestClient, site: Site) -> None:
    for verb, left in (
        ("next", State.PENDING),
        ("open", State.OPEN),
        ("close", State.CLOSED),
        ("reopen", State.OPEN),
        ("close", State.CLOSED),
        ("hide", State.CLOSED),
        ("reveal", State.CLOSED),
        ("ask_again", State.PENDING),
    ):
        page = moderator.get(PAGE).text
        answer = order(moderator, verb, based_on(page))
        assert (answer.status_code, answer.headers["location"]) == (303, PAGE), verb
        assert _state(site)[1] is left, verb


def test_the_same_form_sent_twice_is_one_command(moderator: TestClient, site: Site) -> None:
    first, again = order(moderator, "next", 0), order(moderator, "next", 0)
    assert first.headers["location"] == again.headers["location"] == PAGE
    assert _state(site) == (1, State.PENDING)


def test_a_press_sent_again_with_its_id_gets_the_same_answer(moderator: TestClient, site: Site) -> None:
    fields = {"verb": "next", "based_on": "0", "id": "a-press"}
    answers = [moderator.post(f"{PAGE}/command", data=fields, headers=JSON) for _ in range(3)]
    assert {answer.text for answer in answers} == {answers[0].text}
    assert answers[0].json() == {"type": "done", "id": "a-press", "revision": 1}
    assert _state(site)[0] == 1


def test_a_stale_command_does_nothing_and_the_page_says_what_happened(moderator: TestClient, site: Site) -> None:
    order(moderator, "next", 0)
    stale = order(moderator, "open", 0)
    assert stale.headers["location"] == f"{PAGE}?refused=stale"
    page = moderator.get(stale.headers["location"])
    assert "Just before: moderator of Plenary went to the question." in said(page.text)
    assert "Nothing was done now; look at how it stands." in said(page.text)
    assert _state(site) == (1, State.PENDING)


def test_a_refusal_by_json_has_its_code_a_sentence_and_the_present_revision(moderator: TestClient) -> None:
    fields = {"verb": "close", "based_on": "0", "id": "x"}
    answer = moderator.post(f"{PAGE}/command", data=fields, headers=JSON | {"accept-language": "nl"})
    assert answer.status_code == 409
    told = answer.json()
    assert (told["type"], told["id"], told["code"], told["revision"]) == ("refused", "x", "no-poll", 0)
    assert told["message"]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"verb": "open"},
        {"verb": "dance", "based_on": "0"},
        {"verb": "open", "based_on": "soon"},
        {"verb": "open", "based_on": "-1"},
        {"verb": "open", "based_on": "9" * 30},
        {"verb": "open", "based_on": "0", "id": "x" * 65},
        {"verb": "show_idea", "based_on": "0", "idea": "x" * 65},
        {"verb": "tag_idea", "based_on": "0", "group": "x" * 65},
        {"verb": "merge_idea", "based_on": "0", "twin": "x" * 65},
    ],
)
def test_a_form_that_is_none_of_ours_is_refused_and_changes_nothing(
    moderator: TestClient, site: Site, fields: dict[str, str]
) -> None:
    assert moderator.post(f"{PAGE}/command", data=fields, headers=JSON).status_code == 400
    assert _state(site) == (0, None)


@pytest.mark.promise("S05")
def test_a_form_from_another_site_is_refused(moderator: TestClient, site: Site) -> None:
    foreign = {"origin": "https://elsewhere.example"}
    fields = {"verb": "next", "based_on": "0"}
    assert moderator.post(f"{PAGE}/command", data=fields, headers=foreign).status_code == 403
    assert _state(site) == (0, None)


def test_the_four_buttons_keep_their_places_and_those_at_rest_say_why(moderator: TestClient) -> None:
    filled = []
    for verb in ("next", "open", "close", "hide", "next"):
        shown = buttons(moderator.get(PAGE).text)
        assert [each.verb.replace("hide", "reveal") for each in shown] == ["open", "close", "reveal", "next"]
        assert [each.words.split()[0].replace("Hide", "Show") for each in shown] == ["Start", "Close", "Show", "Next"]
        assert all(len(each.words.split()) > 1 for each in shown), shown
        assert not any(each.main and each.rests for each in shown)
        filled.append([each.verb for each in shown if each.main])
        order(moderator, verb, based_on(moderator.get(PAGE).text))
    assert filled == [["next"], ["open"], ["close"], ["next"], ["reveal"]]


def test_a_line_of_the_running_order_leads_there_but_not_past_an_open_question(moderator: TestClient) -> None:
    assert f'name="poll" value="{MOOD}"' in moderator.get(PAGE).text
    order(moderator, "next", 0, poll=str(MOOD))
    page = moderator.get(PAGE).text
    assert "How is it?" in said(page.partition("<h1")[2].partition("</h1>")[0])
    order(moderator, "open", based_on(page))
    page = moderator.get(PAGE).text
    assert 'name="poll"' not in page
    assert "Close the question to go to another one" in page


def test_a_text_comes_on_the_big_screen_only_after_a_tap_and_leaves_it_after_another(
    moderator: TestClient, site: Site
) -> None:
    come_in(moderator, "presenter", "plenary")
    stage = Stage(site.database)
    stage.command(Verb.OPEN, IDEAS)
    stage.vote(1, IDEAS, texts={"1": "Invite <b>alumni</b>"})
    page = moderator.get(PAGE).text
    assert "Invite &lt;b&gt;alumni&lt;/b&gt;" in page
    idea = page.partition('name="idea" value="')[2].partition('"')[0]
    for verb, on_screen in (("show_idea", True), ("hide_idea", False)):
        assert f'name="verb" value="{verb}"' in moderator.get(PAGE).text
        order(moderator, verb, based_on(moderator.get(PAGE).text), idea=idea)
        assert ("Invite &lt;b&gt;alumni&lt;/b&gt;" in moderator.get(f"/s/{EVENT}/plenary").text) is on_screen


def test_ideas_are_tagged_merged_and_blocked_by_forms_alone(moderator: TestClient, site: Site) -> None:
    stage = Stage(site.database)
    stage.command(Verb.OPEN, IDEAS)
    for phone, words in enumerate(("Invite alumni", "Ask old boys", "Rude words")):
        stage.vote(phone, IDEAS, texts={"1": words})
    ids = {words: id for id, words in re.findall(r'<p id="text-(\w+)">([^<]*)</p>', moderator.get(PAGE).text)}
    alumni, twin, rude = (ids[words] for words in ("Invite alumni", "Ask old boys", "Rude words"))

    def do(verb: str, idea: str, **about: str) -> str:
        assert f'name="verb" value="{verb}"' in moderator.get(PAGE).text
        answer = order(moderator, verb, based_on(moderator.get(PAGE).text), idea=idea, **about)
        assert answer.headers["location"] == PAGE, verb
        return said(moderator.get(PAGE).text.partition('<section class="ideas"')[2].partition("</section>")[0])

    assert "Also for Talent" not in said(moderator.get(PAGE).text), "it goes there anyway"
    assert "Invite alumni also for Links" in do("tag_idea", alumni, group="links")
    assert "also for Links" not in do("untag_idea", alumni, group="links")
    assert "Invite alumni 2 people Show Ask old boys Part" in do("merge_idea", twin, twin=alumni)
    assert "2 people" not in do("split_idea", twin)
    assert "Rude words Allow" in do("block_idea", rude)
    assert order(moderator, "show_idea", 0, idea=rude).headers["location"] == f"{PAGE}?refused=idea-blocked"
    assert "Rude words Show" in do("allow_idea", rude)


def test_without_a_script_the_page_renews_itself(moderator: TestClient) -> None:
    assert '<noscript><meta http-equiv="refresh"' in moderator.get(PAGE).text


def test_the_regions_can_be_fetched_as_html_or_json(moderator: TestClient) -> None:
    html = moderator.get(f"{PAGE}/regions")
    names = ["head", "now", "order", "tools", "actions"]
    assert all(html.text.count(f'data-region="{name}"') == 1 for name in names)
    frames = moderator.get(f"{PAGE}/regions", headers=JSON).json()
    assert [frame["region"] for frame in frames if frame["region"] in names] == names
    assert frames[1]["value"]["stage"] == "lobby"
    assert f'data-epoch="{frames[0]["epoch"]}"' in html.text
