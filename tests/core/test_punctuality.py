"""A session's time against its plan: on time within its question, behind after it, ahead before it."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polling.core.event import Event
from polling.core.poll import Poll, PollKey, SessionState, State
from polling.core.punctuality import NEAR, Phase, Punctuality, against_plan
from polling.core.running_order import planned

START = 14 * 60 + 30.0


def event(minutes: tuple[float | None, ...] = (5, 10, 5), starts: time | None = time(14, 30)) -> Event:
    questions = [
        {"id": f"q{number}", "type": "text", "title": "?", "minutes": each} for number, each in enumerate(minutes)
    ]
    return Event.model_validate(
        {
            "event": "day",
            "title": "Day",
            "sessions": [{"id": "room", "kind": "break-out", "title": "Room", "starts": starts, "sets": ["set"]}],
            "sets": [{"set": "set", "title": "Set", "questions": questions}],
        }
    )


def at(question: int | None, state: State = State.OPEN, also_open: tuple[int, ...] = ()) -> SessionState:
    polls = {(key := PollKey("set", f"q{number}")): Poll(key, State.OPEN) for number in also_open}
    if question is None:
        return SessionState()
    key = PollKey("set", f"q{question}")
    return SessionState(1, key, {**polls, key: Poll(key, state)})


def against(state: SessionState, now: float, began: float | None = START, **more: Any) -> Punctuality | None:
    return against_plan(
        planned(more.pop("plan", event()), "room"), state, START + now, began, **{"on_its_day": True} | more
    )


@pytest.mark.parametrize(
    ("question", "now", "behind", "position"),
    [
        (0, 0, 0, 0),
        (0, 4.5, 0, 4.5),
        (1, 7, 0, 7),
        (1, 2, -3, 5),  # it began three minutes early
        (1, 18, 3, 15),  # it should have been done three minutes ago
        (2, 15, 0, 15),
    ],
)
def test_a_session_is_on_time_as_long_as_its_question_is_planned(
    question: int, now: float, behind: int, position: float
) -> None:
    found = against(at(question), now)
    assert found is not None
    assert (found.phase, found.behind, found.at, found.due) == (Phase.UNDER_WAY, behind, position, min(now, 20))


def test_before_the_start_nobody_is_behind_and_after_it_whoever_has_not_begun_is() -> None:
    early, late = against(at(None), -12, None), against(at(None), 7, None)
    assert early is not None
    assert late is not None
    assert (early.phase, early.behind, early.due) == (Phase.BEFORE, 0, 0)
    assert (late.phase, late.behind) == (Phase.BEFORE, 7)


def test_a_session_that_is_done_is_not_behind_however_late_it_gets() -> None:
    for state in (State.CLOSED, State.SEALED):
        found = against(at(2, state), 300)
        assert found is not None
        assert (found.phase, found.behind, found.at) == (Phase.DONE, 0, 20)


def test_the_last_question_is_not_done_before_it_was_asked() -> None:
    assert getattr(against(at(2, State.PENDING), 300), "phase", None) is Phase.UNDER_WAY


def test_a_set_that_is_open_as_a_whole_has_the_time_of_all_its_questions() -> None:
    found = against(at(0, also_open=(1, 2)), 17)
    assert found is not None
    assert (found.behind, found.at) == (0, 17)


def test_without_a_start_or_minutes_there_is_no_plan_to_be_held_to() -> None:
    assert against(at(0), 3, plan=event(starts=None)) is None
    assert against(at(0), 3, plan=event((None, None, None))) is None


def test_a_rehearsal_the_evening_before_goes_by_the_plan_from_its_own_beginning_on() -> None:
    evening = 5 * 60.0
    found = against(at(1), evening + 18, START + evening, on_its_day=False)
    assert found is not None
    assert (found.begins, found.behind) == (START + evening, 3)
    assert against(at(None), evening, None, on_its_day=False) is None, (
        "nobody has begun: there is nothing to be late for"
    )


def test_on_the_day_itself_an_hour_late_is_an_hour_late() -> None:
    found = against(at(0), NEAR + 30, START + NEAR + 25)
    assert found is not None
    assert found.behind == NEAR + 25


def test_a_question_that_was_taken_out_of_the_order_is_on_time() -> None:
    gone = PollKey("set", "gone")
    found = against(SessionState(1, gone, {gone: Poll(gone, State.CLOSED)}), 8)
    assert found is not None
    assert found.behind == 0


@given(
    question=st.none() | st.integers(0, 2),
    state=st.sampled_from(State),
    now=st.floats(-700, 700),
    began=st.none() | st.floats(-700, 700),
    its_day=st.booleans(),
)
def test_whatever_the_state_the_bar_stays_within_the_plan_and_later_is_never_less_behind(
    question: int | None, state: State, now: float, began: float | None, its_day: bool
) -> None:
    start = None if began is None else START + began
    first, later = (against(at(question, state), now + more, start, on_its_day=its_day) for more in (0, 5))
    for found in (first, later):
        if found is not None:
            assert 0 <= found.at <= found.minutes
            assert 0 <= found.due <= found.minutes
    if first is not None and later is not None and -700 < now < 600 and first.begins == later.begins and its_day:
        assert later.behind >= first.behind
