"""The organiser's page of links, and the hand-over: who has which, and what becomes of one that is revoked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from desk_stage import EVENT, come_in, order, said
from httpx2 import Response
from signing_stage import ADDRESS, KEYS, on_day, serving, site_behind
from starlette.testclient import TestClient

from polling.core.links import Link
from polling.store.command_rows import commands_given
from polling.store.links import uses

pytestmark = pytest.mark.promise("S04")

PAGE, HALL = f"/o/{EVENT}/links", f"/m/{EVENT}/plenary"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with serving(tmp_path) as made:
        come_in(made, "organiser")
        yield made


def another(client: TestClient) -> TestClient:
    """Another browser, at the same server."""
    browser = TestClient(client.app, base_url=ADDRESS)
    browser.portal = client.portal
    return browser


def by(client: TestClient, key: str, role: str = "moderator", session: str = "plenary") -> Response:
    """Exchanges a key."""
    fields = {"role": role, "event": EVENT, "session": session, "key": key}
    return client.post("/pass", data=fields, follow_redirects=False)


def moderator(client: TestClient, key: str = "") -> TestClient:
    """A browser that came in as the plenary's moderator."""
    browser = another(client)
    assert by(browser, key or KEYS.link_key("moderator", EVENT, "plenary")).status_code == 303
    assert browser.get(HALL).status_code == 200
    return browser


def change(client: TestClient, verb: str, of: str = "moderator/plenary", number: int = 0, **more: str) -> Response:
    """A form on the organiser's page."""
    return client.post(PAGE, data={"verb": verb, "of": of, "number": str(number)} | more, follow_redirects=False)


def key_on(page: str) -> str:
    """The key of the one link that a page shows."""
    (link,) = set(re.findall(r'data-copy="([^"]+)"', page))
    return urlsplit(unescape(link)).fragment


@pytest.mark.parametrize("path", ["", "/show?role=moderator&session=plenary&number=0"])
def test_nothing_of_it_opens_to_anyone_but_the_organiser(client: TestClient, path: str) -> None:
    browser = moderator(client)
    assert browser.get(PAGE + path).status_code == 401
    assert change(browser, "revoke_link").status_code == 401
    assert browser.get(PAGE.replace("links", "audit")).status_code == 401


def test_each_link_of_the_event_stands_there_once_and_leads_in(client: TestClient) -> None:
    page = client.get(PAGE)
    assert page.headers["cache-control"] == "no-store"
    links = [urlsplit(unescape(link)) for link in re.findall(r'data-copy="([^"]+)"', page.text)]
    assert len(links) == len(set(links)) == 2 + 2 * 2 + 2
    for link in links:
        role = {"m": "moderator", "s": "presenter", "o": "organiser", "w": "working-group"}[link.path[1]]
        session = (*link.path.split("/"), "")[3]
        browser = another(client)
        assert by(browser, link.fragment, role, session).status_code == 303
        assert browser.get(link.path).status_code == 200


def test_a_revoked_link_lets_nobody_in_and_puts_out_whoever_came_in_by_it(client: TestClient) -> None:
    browser = moderator(client)
    assert change(client, "revoke_link").status_code == 303
    for path in ("", "/regions", "/hand-over"):
        assert browser.get(HALL + path).status_code == 401
    told = browser.get(HALL)
    assert "This link was revoked or replaced" in said(told.text)
    assert 'name="key"' in told.text
    assert order(browser, "next", 0).status_code == 401
    refused = by(browser, KEYS.link_key("moderator", EVENT, "plenary"))
    assert refused.status_code == 401
    assert "This link was revoked or replaced" in said(refused.text)
    assert "set-cookie" not in refused.headers
    assert browser.get(HALL, headers={"Accept": "application/json"}).json()["code"] == "link-revoked"
    assert client.get(HALL).status_code == 200  # the organiser's own pass opens it as ever
    assert "revoked" in said(client.get(PAGE).text)


def test_a_replaced_link_stops_and_the_new_one_opens(client: TestClient) -> None:
    browser = moderator(client)
    assert change(client, "replace_link").status_code == 303
    assert browser.get(HALL).status_code == 401
    new = KEYS.link_key("moderator", EVENT, "plenary", 0, 2)
    assert new in client.get(PAGE).text
    assert by(browser, KEYS.link_key("moderator", EVENT, "plenary")).status_code == 401
    assert by(browser, new).status_code == 303
    assert browser.get(HALL).status_code == 200
    assert new in client.get(f"/o/{EVENT}/sheet?for=staff").text  # and it is what is printed


def test_a_revoked_link_that_is_replaced_can_be_used_again(client: TestClient) -> None:
    change(client, "revoke_link")
    change(client, "replace_link")
    moderator(client, KEYS.link_key("moderator", EVENT, "plenary", 0, 2))


def test_a_link_with_a_name_is_revoked_alone(client: TestClient) -> None:
    made = change(client, "add_link", name="Anna")
    anna = moderator(client, key_on(made.text))
    own = moderator(client)
    change(client, "revoke_link", number=1)
    assert anna.get(HALL).status_code == 401
    assert own.get(HALL).status_code == 200


def test_a_link_is_renamed_and_its_use_is_shown_with_the_name(client: TestClient) -> None:
    change(client, "name_link", name="Anna")
    moderator(client)
    moderator(client)
    row = re.search(r'<tr role="row" id="link-moderator-plenary-0".*?</tr>', client.get(PAGE).text, re.DOTALL)
    assert row
    assert said(row[0]).startswith("Anna Moderator")
    assert "24 Nov, 12:00 2 times" in said(row[0])


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"verb": "sell_link"}, 400),
        ({"verb": "revoke_link", "number": "9"}, 404),
        ({"verb": "revoke_link", "number": "-1"}, 404),
        ({"verb": "revoke_link", "of": "moderator/attic"}, 404),
        ({"verb": "revoke_link", "of": "queen/plenary"}, 404),
        ({"verb": "add_link", "name": ""}, 422),
        ({"verb": "name_link", "name": "x" * 61}, 422),
    ],
)
def test_what_can_not_be_done_is_told_in_words(client: TestClient, fields: dict[str, str], status: int) -> None:
    answer = client.post(PAGE, data={"of": "moderator/plenary", "number": "0"} | fields)
    assert answer.status_code == status
    assert client.get(PAGE).text.count('<tr role="row" id="link-') == 8


def test_who_would_lock_himself_out_is_asked_first(client: TestClient) -> None:
    asked = change(client, "revoke_link", "organiser/")
    assert asked.status_code == 200
    assert "Revoke your own link?" in said(asked.text)
    assert f"polling links {EVENT} --replace organiser" in said(asked.text)
    assert client.get(PAGE).status_code == 200
    assert change(client, "revoke_link", "organiser/", sure="yes").status_code == 303
    assert client.get(PAGE).status_code == 401


def test_who_replaces_his_own_link_stays_in_and_every_other_device_is_out(client: TestClient) -> None:
    other = another(client)
    come_in(other, "organiser")
    assert change(client, "replace_link", "organiser/").status_code == 303
    assert client.get(PAGE).status_code == 200
    assert other.get(PAGE).status_code == 401


def test_looking_changes_nothing_however_often(client: TestClient) -> None:
    stranger = another(client)
    for _ in range(10):  # previews of links, and HEAD
        assert stranger.get(HALL).status_code == 401
        assert stranger.head(HALL).status_code == 401
    site = site_behind(client)
    for path in ("", "/show?role=moderator&session=plenary&number=0"):
        client.get(PAGE + path)
    client.get(HALL + "/hand-over")
    with site.database.read() as connection:
        used = uses(connection, EVENT)
        assert set(used) == {("organiser", "", 0)}
        assert commands_given(connection, EVENT) == []
    assert by(stranger, KEYS.link_key("moderator", EVENT, "plenary")).status_code == 303
    with site.database.read() as connection:
        assert uses(connection, EVENT)["moderator", "plenary", 0].times == 1


# the end of the event


def test_after_the_event_moderators_and_screens_are_out_and_the_organiser_is_not(tmp_path: Path) -> None:
    with serving(tmp_path) as client:
        site = site_behind(client)
        event = site.hall.events[EVENT]
        site.hall.events[EVENT] = event.model_copy(update={"day": event.privacy.contacts_until})  # 1 March 2027
        come_in(client, "organiser")
        browser = moderator(client)
        on_day(client, 2027, 3, 2, 23)
        assert browser.get(HALL).status_code == 200
        on_day(client, 2027, 3, 3, 0)
        assert browser.get(HALL).status_code == 401
        assert "This link ended with the event" in said(browser.get(HALL).text)
        assert by(browser, KEYS.link_key("presenter", EVENT, "plenary"), "presenter").status_code == 401
        assert client.get(HALL).status_code == 200
        assert "ended with the event" in said(client.get(PAGE).text)
        assert (
            by(browser, KEYS.link_key("working-group", EVENT, "talent"), "working-group", "talent").status_code == 303
        )


# handing over


def test_a_moderator_hands_a_second_one_a_link_of_their_own(client: TestClient) -> None:
    browser = moderator(client)
    form = browser.get(f"{HALL}/hand-over")
    assert form.headers["cache-control"] == "no-store"
    id = re.search(r'name="id" value="(\w+)"', form.text)
    assert id
    shown = browser.post(f"{HALL}/hand-over", data={"name": "Anna", "id": id[1]})
    assert shown.headers["cache-control"] == "no-store"
    key = key_on(shown.text)
    assert key == KEYS.link_key("moderator", EVENT, "plenary", 1)
    assert key in said(shown.text)
    assert 'class="qr"' in shown.text
    again = browser.post(f"{HALL}/hand-over", data={"name": "Anna", "id": id[1]})  # reloaded
    assert key_on(again.text) == key
    anna = moderator(client, key)
    assert order(anna, "next", 0).status_code == 303
    assert browser.get(HALL).status_code == 200
    with site_behind(client).database.read() as connection:
        given = commands_given(connection, EVENT)
    assert sorted((each.verb, each.who) for each in given) == [
        ("add_link", "moderator of Plenary"),
        ("next", "Anna (Plenary)"),
    ]


def test_a_name_that_will_not_do_is_told_at_its_field(client: TestClient) -> None:
    answer = moderator(client).post(f"{HALL}/hand-over", data={"name": " "})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert site_behind(client).links.of(EVENT, "moderator", "plenary") == [Link(EVENT, "moderator", "plenary")]


def test_only_the_session_s_moderator_hands_it_over(client: TestClient) -> None:
    browser = another(client)
    for role, session in (("presenter", "plenary"), ("moderator", "harbour")):
        assert by(browser, KEYS.link_key(role, EVENT, session), role, session).status_code == 303
    assert browser.get(f"{HALL}/hand-over").status_code == 401
    assert browser.post(f"{HALL}/hand-over", data={"name": "Anna"}).status_code == 401


def test_the_big_screen_shows_no_key_of_anyone(client: TestClient) -> None:
    change(client, "add_link", name="Anna")
    page = client.get(f"/s/{EVENT}/plenary").text + client.get(f"/s/{EVENT}/plenary/regions").text
    for role in ("moderator", "presenter"):
        for number in (0, 1):
            assert KEYS.link_key(role, EVENT, "plenary", number) not in page
    assert KEYS.link_key("organiser", EVENT, "") not in page
    assert re.findall(r"<title>(.*?)</title>", page) == ["Plenary · The gathering"]


def test_in_dutch_too(client: TestClient) -> None:
    change(client, "add_link", name="Anna")
    assert "Nog een link, met een naam" in said(client.get(f"{PAGE}?lang=nl").text)
