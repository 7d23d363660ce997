"""The big screen: the way in always in sight, and nothing on it that opens more than a phone may."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_stage import EVENT, come_in, said
from signing_stage import KEYS, MOOD, USE_CASES, Stage, serving, site_behind
from starlette.testclient import TestClient

from polling.core.poll import Verb
from polling.rendering import FONT_CDN, STATIC, qr_svg

PAGE = f"/s/{EVENT}/plenary"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with serving(tmp_path) as made:
        come_in(made, "presenter", "plenary")
        yield made


def _stages(client: TestClient) -> Iterator[str]:
    stage = Stage(site_behind(client).database)
    yield client.get(PAGE).text
    for verb in (Verb.NEXT, Verb.OPEN, Verb.CLOSE, Verb.HIDE):
        stage.command(verb, USE_CASES)
        yield client.get(PAGE).text


def test_code_address_and_qr_are_in_sight_at_every_stage(client: TestClient) -> None:
    hall = site_behind(client).hall
    code = hall.code(EVENT, "plenary")
    for page in _stages(client):
        stub = page.partition("<aside")[2].partition("</aside>")[0]
        assert f"{code[:3]} {code[3:]}" in said(stub)
        assert "127.0.0.1 :8000" in said(stub)
        assert str(qr_svg(hall.join_url(code))) in stub


@pytest.mark.promise("S04")
def test_no_page_of_the_big_screen_holds_a_key(client: TestClient) -> None:
    come_in(client, "organiser")
    keys = [KEYS.link_key(role, EVENT, "plenary") for role in ("presenter", "moderator")]
    keys.append(KEYS.link_key("organiser", EVENT, ""))
    for page in _stages(client):
        assert not any(key in page for key in keys)


def test_a_clicker_steps_only_where_this_browser_may_moderate(client: TestClient) -> None:
    assert "data-command" not in client.get(PAGE).text
    come_in(client, "moderator", "harbour")
    assert "data-command" not in client.get(PAGE).text
    come_in(client, "moderator", "plenary")
    assert f'data-command="/m/{EVENT}/plenary/command"' in client.get(PAGE).text


def test_the_page_knows_the_step_that_a_clicker_takes_next(client: TestClient) -> None:
    pages = list(_stages(client))
    steps = [[page.partition(f'data-{way}="')[2].partition('"')[0] for page in pages] for way in ("forward", "back")]
    assert steps == [["next", "open", "close", "next", "reveal"], ["", "", "hide", "hide", "reveal"]]


def test_it_says_what_is_open_and_how_many_answered(client: TestClient) -> None:
    stage = Stage(site_behind(client).database)
    stage.command(Verb.OPEN, MOOD)
    for phone in range(3):
        stage.vote(phone, MOOD, "good" if phone else "bad")
    told = said(client.get(PAGE).text.partition("<main")[2].partition("</main>")[0])
    assert "Open Plenary Question 3 of 3" in told
    assert "67 % Good 2" in told
    assert "3 answered" in told


def test_in_dutch_it_is_dutch(client: TestClient) -> None:
    assert '<html lang="nl"' in client.get(f"{PAGE}?lang=nl").text
    assert "Plenair" in client.get(PAGE).text  # the choice is kept


def test_the_screen_font_is_the_one_address_that_the_policy_allows() -> None:
    assert f'url("{FONT_CDN}")' in (STATIC / "css" / "font.css").read_text()
