"""The run of show: planned times, what runs side by side, scripts; for the organiser alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from desk_stage import EVENT, come_in, said
from signing_stage import ADDRESS, EVENT_FILE, KEYS, SET_FILE
from starlette.testclient import TestClient

from polling.app import create_app
from polling.settings import load_settings

PAGE = f"/o/{EVENT}/run"
PLANNED: dict[str, dict[str, Any]] = {
    "use-cases": {
        "minutes": 8,
        "timer": {"seconds": 90, "closes": True},
        "script": {"en": "Ask on.", "nl": "Vraag door."},
    },
    "ideas": {"minutes": 4.5, "timer": {"seconds": 60}},
    "mood": {"minutes": 2.5, "results": "after-close"},
}


@contextmanager
def serving(place: Path, **how: Any) -> Iterator[TestClient]:
    """The event with planned times, served; the organiser has come in."""
    write(place / "questionsets", **how)
    chosen = {"DATABASE_URL": f"sqlite:///{place}/polling.db", "POLLING_QUESTIONSETS": str(place / "questionsets")}
    settings = load_settings({**chosen, "POLLING_SECRET": KEYS.secret.decode()})
    with TestClient(create_app(settings), base_url=ADDRESS) as client:
        come_in(client, "organiser")
        yield client


def write(questionsets: Path, *, without: str = "", starts: bool = True) -> None:
    folder = questionsets / EVENT
    folder.mkdir(parents=True)
    topics = {
        **SET_FILE,
        "questions": [
            {**question, **({} if question["id"] == without else PLANNED[question["id"]])}
            for question in SET_FILE["questions"]
        ],
    }
    times = ("13:55", "14:00") if starts else (None, None)
    sessions = [
        {**session, **({"starts": at, "seats": 30} if at else {})}
        for session, at in zip(EVENT_FILE["sessions"], times, strict=True)
    ]
    (folder / "event.yaml").write_text(yaml.safe_dump({**EVENT_FILE, "sessions": sessions}, sort_keys=False))
    (folder / "topics.yaml").write_text(yaml.safe_dump(topics, sort_keys=False))


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with serving(tmp_path) as made:
        yield made


def session(page: str, name: str) -> str:
    found = re.search(rf'<section class="session" id="{name}".*?</section>', page, re.DOTALL)
    assert found
    return said(found[0])


def test_only_the_organisers_pass_opens_it(tmp_path: Path) -> None:
    with serving(tmp_path) as stranger:
        stranger.cookies.clear()
        come_in(stranger, "moderator", "plenary")
        assert stranger.get(PAGE).status_code == 401


def test_each_question_has_its_time_its_minutes_and_what_the_moderator_needs(client: TestClient) -> None:
    told = session(client.get(PAGE, headers={"accept-language": "en"}).text, "plenary")
    assert "13:55 – 14:10 · 30 seats · 3 questions · 15 minutes in all" in told
    assert "13:55 8 min Which use cases? Ask on. choices 90 seconds, then it closes shown while open" in told
    assert "14:03 4.5 min What would help? text 60 seconds shown while open" in told
    assert "14:07 2.5 min How is it? choice shown once closed" in told
    assert told.endswith("14:10 end · 15 minutes in all")


def test_it_speaks_dutch_too(client: TestClient) -> None:
    page = client.get(PAGE, headers={"accept-language": "nl"}).text
    assert '<html lang="nl"' in page
    assert "Vraag door." in session(page, "plenary")
    assert "samen 15 minuten" in session(page, "harbour")


def test_the_timetable_shows_what_runs_side_by_side(client: TestClient) -> None:
    (table,) = re.findall(r"<table class=.few.>.*?</table>", client.get(PAGE).text, re.DOTALL)
    assert [said(row) for row in re.findall(r"<tr.*?</tr>", table, re.DOTALL)] == [
        "Time Plenary Harbour",
        "13:55 Topics 13:55 · 15 min",
        "14:00 Topics 14:00 · 15 min",
        "14:10",
        "14:15 end",
    ]


def test_what_has_no_time_yet_is_told(tmp_path: Path) -> None:
    with serving(tmp_path, without="ideas") as client:
        told = session(client.get(PAGE).text, "plenary")
        assert "1 question has no planned minutes, so that what follows will be later than it says here." in told


def test_without_starts_there_is_no_timetable_but_all_questions(tmp_path: Path) -> None:
    with serving(tmp_path, starts=False) as client:
        page = client.get(PAGE).text
        assert "What runs when" not in page
        told = session(page, "plenary")
        assert "does not say when it starts" in told
        assert "8 min Which use cases?" in told
