"""Time used against time planned: nothing in it is the time now, so that a region changes only when somebody acts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from polling.core.event import Event
from polling.core.poll import Poll, PollKey, SessionState, State
from polling.core.regions.moderator import order_view
from polling.core.regions.room import RoomState
from polling.core.regions.times import Course, Used, course_of, plan_begins, used_times

EVENT = Event.model_validate(
    {
        "event": "plan",
        "title": {"*": "Plan"},
        "sessions": [{"id": "hall", "kind": "plenary", "title": {"*": "Hall"}, "sets": ["one", "own"]}],
        "sets": [
            {
                "set": name,
                "title": {"*": name},
                "pace": pace,
                "questions": [
                    {"id": id, "type": "info", "title": {"*": id}, "minutes": minutes} for id, minutes in questions
                ],
            }
            for name, pace, questions in (
                ("one", "moderator", (("a", 2.0), ("b", 3.0))),
                ("own", "participant", (("c", 4.0), ("d", None))),
            )
        ],
    }
)
A, B, C, D = PollKey("one", "a"), PollKey("one", "b"), PollKey("own", "c"), PollKey("own", "d")
ZERO = 1_000.0


def room(current: PollKey | None, *polls: tuple[PollKey, float, float | None], **more: Any) -> RoomState:
    """`polls`: which, and when it was opened and closed."""
    known = {
        key: Poll(key, State.OPEN if closed is None else State.CLOSED, opened=opened, closed=closed)
        for key, opened, closed in polls
    }
    return RoomState(EVENT, EVENT.session("hall"), SessionState(3, current, known), zero=ZERO, **more)


def test_a_question_takes_from_its_opening_until_the_next_is_opened_talk_included() -> None:
    times = used_times(room(B, (A, 100, 160), (B, 220, None)))
    assert times == {A[:2]: Used(120, None), B[:2]: Used(0, ZERO + 220)}


def test_talk_about_a_closed_question_goes_on_counting_until_all_are_closed() -> None:
    assert used_times(room(A, (A, 100, 160)))[A[:2]] == Used(0, ZERO + 100)
    done = room(D, (A, 100, 160), (B, 220, 300), (C, 400, 500), (D, 400, 520))
    assert used_times(done)[D[:2]] == Used(120, None)
    course = course_of(done)
    assert course is not None
    assert course.until == ZERO + 520


def test_rounds_of_a_question_are_one_time() -> None:
    again = A._replace(round=2)
    assert used_times(room(again, (A, 100, 160), (B, 220, 250), (again, 300, None)))[A[:2]] == Used(120, ZERO + 300)


def test_the_running_order_tells_planned_and_used_and_a_set_at_own_pace_as_a_whole() -> None:
    one, own = order_view(room(C, (A, 100, 160), (B, 220, 300), (C, 400, None), (D, 400, None))).chapters
    assert (one.minutes, one.used, one.own_pace) == (5, Used(300, None), False)
    assert [line.used for line in one.lines] == [Used(120, None), Used(180, None)]
    assert (own.minutes, own.used, own.own_pace) == (4, Used(0, ZERO + 400), True)
    assert [line.used for line in own.lines] == [None, None]


def test_a_session_is_ahead_before_its_question_should_begin_and_behind_after_it_should_be_done() -> None:
    assert course_of(room(B, (A, 100, 160), (B, 220, None))) == Course(ZERO + 100, 120, 300, None)
    assert course_of(room(C, (A, 100, 160), (C, 400, None), (D, 400, None))) == Course(ZERO + 100, 300, 540, None)


def test_before_the_first_question_only_a_planned_start_says_anything() -> None:
    assert course_of(room(None)) is None
    assert course_of(room(None, begins=50.0)) == Course(50.0, 0, 0, None)
    assert course_of(room(A, (A, 100, None), begins=50.0)) == Course(50.0, 0, 120, None)


@pytest.mark.parametrize(
    ("moment", "begun", "begins"),
    [
        ("2026-11-24 14:37", True, "14:30"),
        ("2026-11-24 19:00", False, "14:30"),  # on its day the plan holds, whatever the time
        ("2026-11-23 14:50", True, "14:30"),  # another day, but about the planned time
        ("2026-11-23 20:10", True, None),  # practising the evening before
        ("2026-11-23 14:30", False, None),
    ],
)
def test_the_plan_counts_from_the_planned_start_on_its_day_or_near_it(
    moment: str, begun: bool, begins: str | None
) -> None:
    plan = EVENT.session("hall").model_copy(update={"starts": datetime(2026, 1, 1, 14, 30).time()})
    found = plan_begins(plan, date(2026, 11, 24), datetime.fromisoformat(moment), begun=begun)
    assert (found.strftime("%H:%M") if found else None) == begins
