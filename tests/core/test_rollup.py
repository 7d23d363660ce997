"""Rooms added up: exact over those that may be shown, and no word of the others (P11)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polling.core.event import Event
from polling.core.poll import PollKey
from polling.core.results.outcomes import Outcome, outcome
from polling.core.results.rollup import roll_up
from polling.core.tally import Tally

ROOMS = ("plenary", "hall", "attic", "dome")
MOOD = PollKey("one", "mood")
EVENT = Event.model_validate(
    {
        "event": "day",
        "title": "A day",
        "sessions": [{"id": room, "kind": "break-out", "title": room, "sets": ["one"]} for room in ROOMS],
        "sets": [
            {
                "set": "one",
                "title": "One",
                "questions": [
                    {
                        "id": "mood",
                        "type": "choice",
                        "title": "Mood?",
                        "options": [{"id": "good", "text": "Good"}, {"id": "bad", "text": "Bad"}],
                    }
                ],
            }
        ],
    }
)


def room(name: str, good: int, bad: int, round: int = 1) -> Outcome:
    tally = Tally(good + bad, {"good": good, "bad": bad})
    return outcome(EVENT, name, MOOD._replace(round=round), tally, ())


def test_rooms_add_up_to_one_result_of_which_each_room_s_latest_round_counts() -> None:
    (total,) = roll_up([room("hall", 10, 5), room("hall", 1, 14, round=2), room("attic", 6, 4)])
    assert (total.cells, total.base, total.rooms) == ({"good": 7, "bad": 18}, 25, 2)


@pytest.mark.promise("P11")
def test_a_withheld_room_is_left_out_and_its_earlier_round_does_not_stand_in_for_it() -> None:
    (total,) = roll_up([room("hall", 10, 5), room("attic", 3, 1), room("dome", 8, 8), room("dome", 2, 2, round=2)])
    assert (total.cells, total.base, total.rooms) == ({"good": 10, "bad": 5}, 15, 1)
    (nothing,) = roll_up([room("attic", 3, 1)])
    assert (nothing.cells, nothing.base, nothing.rooms) == ({}, 0, 0)


@pytest.mark.promise("P11")
@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=4, max_size=4), st.integers(0, 3))
def test_whatever_a_withheld_room_answered_the_roll_up_and_the_other_rooms_are_the_same(
    counts: list[tuple[int, int]], which: int
) -> None:
    """So all its answers are possible, given everything that is published."""
    size = sum(counts[which])
    if size >= EVENT.privacy.smallest_group:
        size = EVENT.privacy.smallest_group - 1

    def published(good: int) -> object:
        answered = [*counts]
        answered[which] = (good, size - good)
        rooms = [room(name, *pair) for name, pair in zip(ROOMS, answered, strict=True)]
        return roll_up(rooms), [(each.published.cells, each.published.base) for each in rooms]

    assert all(published(good) == published(0) for good in range(size + 1))
