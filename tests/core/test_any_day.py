"""A demo and a rehearsal can be held on any day: dates that are past are moved along, and keep their distance."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from polling.core.any_day import still_to_come
from polling.core.event import Event
from polling.core.files.loading import load_event

ROEM = load_event(Path(__file__).parents[2] / "questionsets" / "roem-ii")


def dated(day: str | None, late: str | None, until: str | None) -> Event:
    dates = {"contacts_until": until, "late_signature_until": late}
    content = {**ROEM.model_dump(), "day": day, "privacy": ROEM.privacy.model_dump() | dates}
    return Event.model_validate(content)


def dates(event: Event) -> tuple[str, ...]:
    rules = event.privacy
    return tuple(str(day) for day in (event.day, rules.late_signature_until, rules.contacts_until))


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 11, 24), ("2026-11-24", "2027-01-31", "2027-03-01")),
        (date(2026, 11, 25), ("2026-11-26", "2027-02-02", "2027-03-03")),
        (date(2030, 1, 1), ("2030-01-02", "2030-03-11", "2030-04-09")),
    ],
)
def test_dates_that_are_past_are_moved_together_and_no_others(today: date, expected: tuple[str, ...]) -> None:
    moved = still_to_come(dated("2026-11-24", "2027-01-31", "2027-03-01"), today)
    assert dates(moved) == expected
    assert moved.sets == ROEM.sets
    assert moved.content_hash == Event.model_validate_json(moved.model_dump_json()).content_hash


def test_an_event_without_dates_stays_as_it_is() -> None:
    event = dated(None, None, None)
    assert still_to_come(event, date(2040, 1, 1)) is event
    assert dates(still_to_come(dated(None, None, "2027-03-01"), date(2027, 3, 2)))[2] == "2027-03-03"
