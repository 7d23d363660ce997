"""What asks for the organiser's attention, and what must not."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polling.core.alarms import OPEN_A_WHILE, Turnout, is_sinking, missing_segments
from polling.core.event import Event
from polling.core.poll import PollKey
from polling.core.results.outcomes import outcome
from polling.core.results.rollup import roll_up
from polling.core.tally import Tally

USUAL = [Turnout(20, 18), Turnout(20, 17), Turnout(20, 19)]


def test_clearly_fewer_answers_than_usual_are_an_alarm_once_a_question_was_open_a_while() -> None:
    assert is_sinking(USUAL, Turnout(20, 8), OPEN_A_WHILE)
    assert not is_sinking(USUAL, Turnout(20, 8), OPEN_A_WHILE - 1), "people are still thinking"
    assert not is_sinking(USUAL, Turnout(20, 14), 600), "a little fewer is no alarm"


def test_a_session_is_compared_with_itself_and_not_with_an_ideal() -> None:
    few = [Turnout(20, 8), Turnout(20, 9)]
    assert not is_sinking(few, Turnout(20, 8), 600)


@pytest.mark.parametrize("before", [[], USUAL[:1], [Turnout(4, 4), Turnout(3, 3), Turnout(4, 4)]])
def test_with_nothing_to_compare_with_there_is_no_alarm(before: list[Turnout]) -> None:
    assert not is_sinking(before, Turnout(20, 0), 600)


turnouts = st.tuples(st.integers(0, 300), st.integers(0, 300)).map(lambda pair: Turnout(max(pair), min(pair)))


@given(
    before=st.lists(turnouts, max_size=8),
    joined=st.integers(0, 300),
    answered=st.integers(0, 300),
    more=st.integers(0, 50),
)
def test_one_more_answer_never_raises_an_alarm_and_a_full_room_never_has_one(
    before: list[Turnout], joined: int, answered: int, more: int
) -> None:
    if is_sinking(before, Turnout(joined, answered + more), 600):
        assert is_sinking(before, Turnout(joined, answered), 600)
    assert not is_sinking(before, Turnout(joined, joined), 600)


# segments

SECTORS = ("metal", "food", "energy")


def gathering(smallest_group: int = 5) -> Event:
    options = [{"id": each, "text": each} for each in SECTORS] + [{"id": "else", "text": "Else", "other": True}]
    sector = {"id": "sector", "type": "choice", "title": "Sector", "segment": True, "options": options}
    plain = {"id": "mood", "type": "choice", "title": "Mood", "options": [{"id": "good", "text": "Good"}]}
    rooms = [{"id": f"room{number}", "kind": "break-out", "title": "Room", "sets": ["who"]} for number in range(3)]
    return Event.model_validate(
        {
            "event": "day",
            "title": "Day",
            "privacy": {"smallest_group": smallest_group},
            "sessions": rooms,
            "sets": [{"set": "who", "title": "Who", "questions": [sector, plain]}],
        }
    )


def told(
    rooms: Mapping[str, Mapping[str, int]], event: Event | None = None, question: str = "sector"
) -> list[list[str]]:
    event = event or gathering()
    results = [
        outcome(event, room, PollKey("who", question), Tally(sum(counts.values()), counts), ())
        for room, counts in rooms.items()
    ]
    return [[words["*"] for words in each.segments] for each in missing_segments(event, roll_up(results))]


def test_a_segment_that_nobody_is_in_is_told_over_all_rooms_together() -> None:
    assert told({"room0": {"metal": 6, "food": 3}, "room1": {"metal": 5}}) == [["energy"]]


def test_a_segment_that_is_there_in_one_room_is_not_missing_in_another() -> None:
    assert told({"room0": {"metal": 6, "energy": 1}, "room1": {"food": 9}}) == []


def test_other_is_no_segment_that_anybody_counts_on_and_other_questions_have_none() -> None:
    assert told({"room0": {"metal": 4, "food": 4, "energy": 4}}) == []
    assert told({"room0": {"good": 12}}, question="mood") == []


@pytest.mark.promise("P11")
def test_where_too_few_answered_nothing_is_told_of_who_is_missing() -> None:
    assert told({"room0": {"metal": 9}}) == [], "fewer than a segment needs to stand apart"
    assert told({"room0": {"metal": 4}, "room1": {"metal": 4}, "room2": {"food": 4}}) == [], "every room is withheld"


@pytest.mark.promise("P11")
def test_a_withheld_room_changes_nothing_of_what_is_told() -> None:
    shown = {"room0": {"metal": 12}}
    assert told(shown) == told({**shown, "room1": {"energy": 4}}) == [["food", "energy"]]
