"""The funnel: registered, present, joined, answered; and what it must not tell."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from polling.core.event import Event
from polling.core.event_state import Attendance
from polling.core.poll import PollKey
from polling.core.results.books import Books
from polling.core.results.funnel import Funnel, funnels
from polling.core.results.outcomes import outcome
from polling.core.tally import Tally
from polling.export import FORMATS

CAKE = PollKey("cakes", "cake")
EVENT = Event.model_validate(
    {
        "event": "tea",
        "title": "Tea",
        "sessions": [
            {"id": "hall", "kind": "plenary", "title": "Hall", "sets": ["cakes"]},
            {"id": "attic", "kind": "break-out", "title": "Attic", "sets": ["cakes"]},
        ],
        "sets": [
            {
                "set": "cakes",
                "title": "Cakes",
                "questions": [
                    {"id": "cake", "type": "choice", "title": "Cake?", "options": [{"id": "plum", "text": "Plum"}]},
                    {"id": "news", "type": "info", "title": "News"},
                ],
            }
        ],
    }
)


def of(
    session: str,
    answered: int,
    joined: int | None = 30,
    attendance: Mapping[str, Attendance] | None = None,
    poll: PollKey = CAKE,
) -> list[Funnel]:
    result = outcome(EVENT, session, poll, Tally(answered, {"plum": answered}), ())
    return list(funnels(EVENT, [result], {(session, poll): joined} if joined is not None else {}, attendance or {}))


def heads(registered: int | None, present: int | None) -> Attendance:
    return Attendance(registered=registered, present=present)


def test_a_poll_has_four_steps_and_the_share_of_the_phones() -> None:
    (found,) = of("hall", 24, 30, {"": heads(292, 240)})
    assert found.steps == (292, 240, 30, 24)
    assert (found.widest, found.percent) == (292, 80)


def test_a_break_out_has_heads_only_where_they_were_given_for_it() -> None:
    whole = {"": heads(292, 240)}
    assert of("attic", 24, 30, whole)[0].steps == (None, None, 30, 24)
    assert of("attic", 24, 30, {**whole, "attic": heads(None, 31)})[0].steps == (None, 31, 30, 24)
    assert of("hall", 24, 30, {**whole, "hall": heads(None, 235)})[0].steps == (292, 235, 30, 24)


@pytest.mark.promise("P11")
@pytest.mark.parametrize("answered", [0, 1, 4])
def test_few_answers_and_none_look_alike(answered: int) -> None:
    assert of("hall", answered) == of("hall", 0)
    assert of("hall", answered)[0].answered is None
    assert of("hall", answered)[0].percent is None


def test_more_answers_than_phones_that_were_seen_are_no_share_of_them() -> None:
    assert of("hall", 31, 30)[0].percent is None
    assert of("hall", 31, None)[0].steps == (None, None, None, 31)


def test_a_page_between_questions_has_no_funnel() -> None:
    assert of("hall", 0, 30, poll=PollKey("cakes", "news")) == []


def test_every_format_has_the_funnel() -> None:
    result = outcome(EVENT, "hall", CAKE, Tally(24, {"plum": 24}), ())
    books = Books(EVENT, [result], funnels=of("hall", 24, 30, {"": heads(292, 240)}))
    lines = FORMATS["csv"](books)["funnel.csv"].decode().splitlines()
    assert lines[1] == '"tea","hall","plenary","cakes","cake",1,"choice",292,240,30,24,80'
    assert b'"joined": 30' in FORMATS["json"](books)["results.json"]
    assert FORMATS["xlsx"](books)["results.xlsx"]
