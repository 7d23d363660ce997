"""Sheets for the doors and cards for the break-outs, read back from the PDF."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from read_pdf import code_for, codes, pages, words

from polling.core.cards import deal
from polling.core.event import Event
from polling.printing.cards import cards_pdf
from polling.printing.doors import Door
from polling.printing.lettering import UNKNOWN, legible
from polling.printing.paper import dark_enough
from polling.printing.sheets import sheets_pdf

ROOMS = ("attic", "cellar", "garden")
QUESTIONS = [{"id": "how", "type": "text", "title": "How?"}]


def event(**more: Any) -> Event:
    sessions: list[dict[str, Any]] = [{"id": "hall", "kind": "plenary", "title": "Hall", "sets": ["topic"]}]
    seats = more.pop("seats", {})
    for room in ROOMS:
        session: dict[str, Any] = {"id": room, "kind": "break-out", "title": {"en": room.title(), "nl": f"Zaal {room}"}}
        sessions.append(
            session | {"place": "Coöperatie", "sets": ["topic"]} | ({"seats": seats[room]} if seats else {})
        )
    topic = {"set": "topic", "title": {"en": "Hydrogen", "nl": "Waterstof\u00adeconomie"}, "questions": QUESTIONS}
    described = {"event": "day", "title": "The day", "languages": ["en", "nl"], "sessions": sessions, "sets": [topic]}
    return Event.model_validate(described | more)


def doors(of: Event, *, staff: bool = False) -> list[Door]:
    found = []
    for number, session in enumerate((None, *of.sessions)):
        code = f"ABC23{number}"
        links = (
            [f"https://poll.example/{letter}/day/x{number}#key-{letter}{number}" for letter in "ms"] if staff else []
        )
        found.append(Door(session, code, f"https://poll.example/j/{code}", *links))
    return found


def test_each_door_has_a_sheet_with_its_name_place_topic_code_and_address() -> None:
    found = pages(sheets_pdf(event(), doors(event()), "nl"))
    assert len(found) == 1 + 4
    assert "The day" in words(found[0])
    assert "Alle zalen" in words(found[0])
    for number, page in enumerate(found):
        assert f"ABC 23{number}" in words(page)
        assert "poll.example" in words(page)
    assert "Zaal attic" in words(found[2])
    assert "Coöperatie" in words(found[2])
    assert "Waterstofeconomie" in words(found[2])
    assert "Deze code is van deze zaal." in words(found[2])


def test_the_code_on_a_sheet_is_drawn_in_squares_and_leads_to_its_own_door() -> None:
    for door, page in zip(doors(event()), pages(sheets_pdf(event(), doors(event()), "en")), strict=True):
        assert codes(page) == {door.join_url: code_for(door.join_url)}
        assert not page.images


def test_what_runs_a_session_is_on_the_staffs_sheets_only_and_they_say_to_keep_them() -> None:
    ways = doors(event(), staff=True)
    assert "#key" not in "".join(words(page) for page in pages(sheets_pdf(event(), ways, "en")))
    found = pages(sheets_pdf(event(), ways, "en", staff=True))
    assert len(found) == 4
    for door, page in zip(ways[1:], found, strict=True):
        said = words(page)
        assert "Keep this sheet private. Whoever scans it can run this session." in said
        assert codes(page) == {link: code_for(link) for link in (door.moderator, door.presenter)}
        assert door.moderator in said.replace(" ", "")
        assert door.join_url not in said


def test_a_link_that_was_revoked_is_said_to_be() -> None:
    hall = doors(event(), staff=True)[1]
    (page,) = pages(sheets_pdf(event(), [replace(hall, moderator="")], "en", staff=True))
    assert "This link was revoked." in words(page)
    assert set(codes(page)) == {hall.presenter}


@pytest.mark.parametrize(
    ("assign", "told"),
    [
        ("choose", "Choose your room on your phone."),
        ("codes", "Your card has the code of your break-out."),
        ("draw", "Your phone tells you your room."),
    ],
)
def test_the_event_s_own_sheet_says_how_people_find_their_room(assign: str, told: str) -> None:
    found = event(break_outs={"assign": assign})
    (first, second, *_) = pages(sheets_pdf(found, doors(found), "en"))
    assert told in words(first)
    assert told not in words(second)


def test_a_pseudonymous_event_promises_nobody_that_he_is_anonymous() -> None:
    together = event(privacy={"mode": "pseudonymous"})
    (page, *_) = pages(sheets_pdf(together, doors(together), "en"))
    assert "kept together under a number" in words(page)
    assert "You are anonymous" not in words(page)


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Één coördinator, naïef: ’s-Gravenhage & Ĳmuiden", "Één coördinator, naïef: ’s-Gravenhage & Ĳmuiden"),
        ("Łódź, Ελλάδα, Київ", "Łódź, Ελλάδα, Київ"),
        ("cafe\u0301", "café"),
        ("A\u202eB\u200dC\x00\x07\u2060", "ABC"),
        ("会 🎉", f"{UNKNOWN} {UNKNOWN}"),
        ("<b>*_%(x)s\\{}", "<b>*_%(x)s\\{}"),
    ],
)
def test_a_title_is_printed_as_it_is_as_far_as_there_are_letters_for_it(title: str, shown: str) -> None:
    assert legible(title) == shown
    named = event(title=title)
    (page, *_) = pages(sheets_pdf(named, doors(named), "en"))
    assert shown in words(page)


@settings(max_examples=8, deadline=None)
@given(st.text(min_size=1, max_size=300))
def test_no_title_breaks_a_page(title: str) -> None:
    named = event(title=title)
    assert len(pages(sheets_pdf(named, doors(named)[:2], "nl"))) == 2
    room = named.sessions[1].model_copy(update={"title": {"*": title}, "place": {"*": title}})
    assert len(pages(cards_pdf(named, [Door(room, "ABC234", "https://poll.example/j/ABC234")], "nl"))) == 1


def test_a_name_without_end_stays_within_its_lines() -> None:
    named = event(title="Samenwerkingsverbandsvergadering" * 12)
    (page, *_) = pages(sheets_pdf(named, doors(named), "en"))
    assert "…" in words(page)
    assert "ABC 230" in words(page)


def test_a_pale_accent_is_darkened_until_it_can_be_seen_on_paper() -> None:
    assert dark_enough("#d9480f") == "#d9480f"
    assert dark_enough("#ffff00") != "#ffff00"


def test_cards_are_dealt_evenly_or_by_seats_and_so_are_the_first_of_them() -> None:
    even = deal(event(), 100)
    assert sorted(Counter(room.id for room in even).values()) == [33, 33, 34]
    by_seats = deal(event(seats={"attic": 10, "cellar": 20, "garden": 30}), 60)
    assert Counter(room.id for room in by_seats) == {"attic": 10, "cellar": 20, "garden": 30}
    for number in range(1, 60):
        first = Counter(room.id for room in by_seats[:number])
        for room, seats in (("attic", 10), ("cellar", 20), ("garden", 30)):
            assert abs(first[room] - number * seats / 60) <= 1


def test_cards_are_in_order_once_the_cut_piles_lie_on_one_another() -> None:
    rooms = {door.session.id: door for door in doors(event()) if door.session}
    dealt = [rooms[room.id] for room in deal(event(), 23)]
    found = pages(cards_pdf(event(), dealt, "en"))
    assert len(found) == 3
    names = [[word for word in words(page).split() if word in ("Attic", "Cellar", "Garden")] for page in found]
    piles = [page[place] for place in range(10) for page in names if place < len(page)]
    assert piles == [str(door.session.title["en"]) for door in dealt if door.session]
    for page in found:
        for url, squares in codes(page).items():
            assert squares == code_for(url)
