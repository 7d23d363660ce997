"""P18: the statement says what the code does. Each switch changes its sentence, in both languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from served import EVENT as TEA
from served import serving, write_event
from signing_stage import EVENT_FILE, SET_FILE

from polling.core.event import Event
from polling.core.notice import Part, notice
from polling.rendering import LANGUAGES, TEMPLATES, Renderer

RENDERER = Renderer()
PLAIN: dict[str, Any] = {
    "id": "mood",
    "type": "choice",
    "title": "How is it?",
    "options": [{"id": "good", "text": "Good"}, {"id": "bad", "text": "Bad"}],
}
SECTOR: dict[str, Any] = PLAIN | {"id": "sector", "title": "Sector", "segment": True}


def event(
    *, questions: list[dict[str, Any]] | None = None, groups: bool = True, day: str | None = None, **privacy: Any
) -> Event:
    """The gathering, under other rules or with other questions."""
    rules = EVENT_FILE["privacy"] | {"smallest_group": 5, "contact": {}} | privacy
    file = EVENT_FILE | {"day": day, "privacy": {key: value for key, value in rules.items() if value is not None}}
    asked = SET_FILE["questions"] if questions is None else questions
    if not groups:
        file = file | {"working_groups": []}
        asked = [{key: value for key, value in each.items() if key != "working_group"} for each in asked]
    return Event.model_validate(file | {"sets": [SET_FILE | {"questions": asked}]})


def told(parts: tuple[Part, ...], language: str = "en") -> dict[str, str]:
    """Key → the sentence as a person reads it."""
    page = RENDERER.render("privacy/page.html", language, event=event(), here="/", notice=parts)
    found = re.findall(r'<p data-said="([\w-]+)">(.*?)</p>', page, re.DOTALL)
    return {key: unescape(" ".join(re.sub(r"<[^>]+>", " ", words).split())) for key, words in found}


def said(of: Event, *, encrypted: bool = True, fetches_elsewhere: bool = False, language: str = "en") -> set[str]:
    return set(told(notice(of, encrypted=encrypted, fetches_elsewhere=fetches_elsewhere), language).values())


SWITCHES: Mapping[str, tuple[dict[str, Any], dict[str, Any], str, str]] = {
    "smallest_group": ({"smallest_group": 5}, {"smallest_group": 8}, "fewer than 5", "fewer than 8"),
    "mode": (
        {},
        {"mode": "pseudonymous"},
        "Your answers carry no name",
        "Here your answers are kept together under a number. If you sign even one",
    ),
    "mode, when it is over": (
        {},
        {"mode": "pseudonymous"},
        "Then these answers are deleted",
        "stay so after the event",
    ),
    "mode, to a thief": ({}, {"mode": "pseudonymous"}, "before a question is sealed", "or after it, can read all"),
    "mode, to who signs": ({}, {"mode": "pseudonymous"}, "your other answers stay as they are", "your name too"),
    "mode, and segments": (
        {"questions": [SECTOR, PLAIN | {"by": "sector"}]},
        {"questions": [SECTOR, PLAIN | {"by": "sector"}], "mode": "pseudonymous"},
        "until these are deleted",
        "goes along as a label with your answers to “How is it?”.",
    ),
    "among friends": ({"smallest_group": 5}, {"smallest_group": 1}, "A result of fewer", "from the first answer on"),
    "small rooms": ({"smallest_group": 5}, {"smallest_group": 1}, "single tap", "Where few do"),
    "rooms of texts": (
        {"smallest_group": 5},
        {"smallest_group": 1},
        "do not say which room",
        "Files say in which room",
    ),
    "seal_after": ({"seal_after_minutes": 5}, {"seal_after_minutes": 90}, "Until 5 minutes after", "Until 90 minutes"),
    "sealed at once": ({"seal_after_minutes": 5}, {"seal_after_minutes": 0}, "5 minutes", "Until a question closes"),
    "day": ({"day": "2026-11-24"}, {"day": "2026-11-25"}, "itself, after 24 November 2026", "25 November 2026"),
    "no day": ({"day": "2026-11-24"}, {"day": None}, "closed by the server itself", "stays open"),
    "contacts_until": ({"contacts_until": "2027-03-01"}, {"contacts_until": "2027-04-01"}, "1 March", "1 April 2027"),
    "no last day": ({"contacts_until": "2027-03-01"}, {"contacts_until": None}, "then erased", "states no last day"),
    "late signature": (
        {"late_signature_until": "2026-12-01"},
        {"late_signature_until": "2026-12-31"},
        "Until 1 December 2026 you can still sign",
        "Until 31 December 2026 you can still sign",
    ),
    "no end to signing": ({}, {"contacts_until": None}, "you can still sign", "As long as this server keeps the event"),
    "controller": ({"controller": "Harbour"}, {"controller": "Airport"}, "for it: Harbour", "for it: Airport"),
    "no controller": ({"controller": "Harbour"}, {"controller": None}, "Harbour", "does not name who is responsible"),
    "organisation": ({}, {"contact": {"organisation": "optional"}}, "", "for your organisation, if you like"),
    "organisation required": (
        {"contact": {"organisation": "optional"}},
        {"contact": {"organisation": "required"}},
        "if you like",
        "And for your organisation.",
    ),
    "phone": ({}, {"contact": {"phone": "optional"}}, "", "for a phone number, if you like"),
    "phone required": ({}, {"contact": {"phone": "required"}}, "", "And for a phone number."),
    "working groups": ({}, {"groups": False}, "working groups “Talent”, “Links”", "read by the organisers."),
    "purpose": ({}, {"groups": False}, "“Talent” uses it to take your suggestion further", ""),
    "an offer": ({}, {"questions": [PLAIN]}, "you may put your name", "No question of this event asks for your name"),
    "texts": ({}, {"questions": [PLAIN]}, "in your own words", ""),
    "segments": (
        {"questions": [SECTOR, PLAIN]},
        {"questions": [SECTOR, PLAIN | {"by": "sector"}]},
        "",
        "What you answered to “Sector” goes along as a label with your answers to “How is it?”",
    ),
}


@pytest.mark.promise("P18")
@pytest.mark.parametrize("switch", SWITCHES)
def test_each_switch_changes_its_sentence(switch: str) -> None:
    one, other, before, after = SWITCHES[switch]
    here, there = said(event(**one)), said(event(**other))
    gone, come = " ".join(here - there), " ".join(there - here)
    assert before in gone
    assert after in come
    assert gone + come
    dutch = said(event(**one), language="nl"), said(event(**other), language="nl")
    assert (len(dutch[0] - dutch[1]), len(dutch[1] - dutch[0])) == (len(here - there), len(there - here))


@pytest.mark.promise("P18")
@pytest.mark.parametrize(
    ("switch", "on", "off"),
    [
        ("encrypted", "The connection is encrypted", "can read what you send"),
        ("fetches_elsewhere", "cdn.jsdelivr.net", "no other company hears"),
    ],
)
def test_how_the_server_is_run_changes_the_sentence(switch: str, on: str, off: str) -> None:
    flags: dict[str, bool] = {"encrypted": True, "fetches_elsewhere": False}
    here, there = (set(told(notice(event(), **flags | {switch: value})).values()) for value in (True, False))
    assert on in " ".join(here - there)
    assert off in " ".join(there - here)
    assert len(here ^ there) == 2


@pytest.mark.promise("P18")
@pytest.mark.parametrize("privacy", [{}, {"smallest_group": 1}, {"questions": [PLAIN]}, {"contacts_until": None}])
def test_who_could_see_more_is_always_told(privacy: dict[str, Any]) -> None:
    for encrypted in (True, False):
        words = " ".join(said(event(**privacy), encrypted=encrypted))
        assert "Whoever runs this server while you vote could see more" in words
        assert "network of the venue" in words


def every_statement() -> list[tuple[Part, ...]]:
    """Statements that have every sentence between them."""
    found = []
    for one, other, _, _ in SWITCHES.values():
        for rules in (one, other):
            found += [notice(event(**rules), encrypted=flag, fetches_elsewhere=flag) for flag in (True, False)]
    return found


def test_every_sentence_has_words_in_both_languages_and_none_is_left_over() -> None:
    keys = {sentence.key for parts in every_statement() for part in parts for sentence in part.sentences}
    assert keys == set(re.findall(r"said\.key == '([\w-]+)'", (TEMPLATES / "privacy" / "sentence.html").read_text()))
    for parts in every_statement():
        english, dutch = (told(parts, language) for language in LANGUAGES)
        assert english.keys() == dutch.keys() == {sentence.key for part in parts for sentence in part.sentences}
        assert all(english.values())
        assert not any(english[key] == dutch[key] for key in english)


def test_every_rule_of_privacy_is_a_switch_of_the_statement() -> None:
    """A new field of `privacy` needs its sentence, and a line above."""
    covered = {field for one, other, _, _ in SWITCHES.values() for field in (*one, *other)}
    assert set(type(event().privacy).model_fields) - covered == set()


# the page


async def test_the_statement_is_there_for_everybody_in_both_languages(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        english, dutch = [await served.ask(f"/privacy/tea?lang={language}") for language in LANGUAGES]
        assert (english.status, dutch.status) == (200, 200)
        assert "A result" not in english.text  # among friends
        assert "The tea room" in english.text
        assert "is niet versleuteld" in dutch.text
        assert english.headers["Set-Cookie"] is None or "participant" not in english.headers["Set-Cookie"]
        assert (await served.ask("/privacy/coffee")).status == 404
        general = await served.ask("/privacy?lang=nl")
        assert (general.status, general.headers["Location"]) == (303, "/privacy/tea?lang=nl")


async def test_people_find_it_where_they_come_in_and_where_they_wait(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        for path, link in (
            ("/", 'href="/privacy"'),
            (f"/p/{served.code('')}/room", 'href="/privacy/tea"'),
            (f"/p/{served.code()}", 'href="/privacy/tea"'),
            ("/me", 'href="/privacy"'),
        ):
            assert link in (await served.ask(path)).text, path


async def test_of_several_events_the_general_page_names_none(tmp_path: Path) -> None:
    write_event(tmp_path / "questionsets")
    write_event(tmp_path / "questionsets", TEA | {"event": "coffee", "title": "Coffee"})
    with serving(tmp_path) as served:
        page = await served.ask("/privacy")
        assert page.status == 200
        assert "could see more" in page.text
        assert "Coffee" not in page.text
        assert "Tea" not in page.text


@pytest.mark.promise("P20")
async def test_there_are_three_cookies_for_people_and_no_row_for_a_visit(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        paths = (
            "/",
            f"/p/{served.code('')}",
            f"/p/{served.code()}",
            f"/p/{served.code('annex')}",
            "/privacy/tea",
            "/me",
            "/sign",
            "/?lang=nl",
            "/nothing",
        )
        set_here = {
            cookie.partition("=")[0]
            for path in paths
            for cookie in (await served.ask(path)).headers.get_all("Set-Cookie") or []
        }
        async with served.phone(1), served.phone(2), served.moderator() as moderator:
            await moderator.hear()
        with served.site.database.read() as connection:
            tables = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all()
            held = {name for name in tables if connection.exec_driver_sql(f'SELECT 1 FROM "{name}" LIMIT 1').first()}
    assert set_here == {"polling-participant", "polling-room-tea", "polling-lang"}
    assert held <= {"event", "alembic_version"}
