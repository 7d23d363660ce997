"""A set at the participants' own pace: opened and closed as a whole, and what phones and screens are told of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from own_pace_stage import GROW, IDEA, MOOD, READ, WHAT, WHY, whole

from polling.core.deciding import decide
from polling.core.errors import Code, Refused
from polling.core.event import Event
from polling.core.poll import Command, PlannedPoll, PollKey, SessionState, State, Verb
from polling.core.regions.phone import phone_view
from polling.core.regions.room import RoomState, Stage, plan
from polling.core.regions.screen import screen_view
from polling.core.results.withholding import Standing
from polling.core.tally import Tally

EVENT = whole()
ORDER = plan(EVENT, "hall")
SET = (READ, GROW, WHAT, WHY, IDEA)


def do(state: SessionState, verb: Verb, poll: PollKey | None = None) -> SessionState:
    return decide(ORDER, state, Command("c", verb, state.revision, poll), present=30, smallest_group=1)


def room(state: SessionState, event: Event = EVENT, **more: object) -> RoomState:
    return RoomState(event, event.session("hall"), state, 30, **more)  # type: ignore[arg-type]


def states(state: SessionState) -> list[State]:
    return [state.poll(state.latest_round(*key[:2])).state for key in SET]


def test_opening_one_question_opens_the_whole_set_and_closing_closes_it() -> None:
    state = do(SessionState(), Verb.OPEN, WHAT)
    assert states(state) == [State.OPEN] * 5
    assert state.poll(MOOD).state is State.PENDING
    assert states(do(state, Verb.CLOSE)) == [State.CLOSED] * 5


def test_while_it_is_open_no_result_is_out_and_after_it_each_is_shown_by_itself() -> None:
    state = do(SessionState(), Verb.OPEN, READ)
    with pytest.raises(Refused) as refused:
        do(state, Verb.REVEAL, GROW)
    assert refused.value.code is Code.RESULT_AFTER_CLOSE
    state = do(do(state, Verb.CLOSE), Verb.NEXT)
    assert (state.current, phone_view(room(state)).stage) == (GROW, Stage.CLOSED)
    state = do(state, Verb.REVEAL)
    assert [state.poll(key).revealed for key in (GROW, WHAT)] == [True, False]
    assert phone_view(room(state)).stage is Stage.RESULT


def test_phones_get_all_its_questions_and_the_screen_how_far_the_room_is() -> None:
    state = do(SessionState(), Verb.OPEN, READ)
    standings = {GROW: Standing(Tally(21, {"now": 21}), Tally(21, {"now": 21})), WHAT: Standing(Tally(4), Tally(4))}
    phone, screen = phone_view(room(state, standings=standings)), screen_view(room(state, standings=standings))
    assert (phone.stage, phone.question, [step.poll for step in phone.steps]) == (Stage.OWN_PACE, None, list(SET))
    assert [(line.poll, line.answered) for line in screen.progress] == [
        (GROW, 21),
        (WHAT, None),
        (WHY, None),
        (IDEA, 0),
    ]
    assert screen.chart is None


def test_how_many_answered_what_only_some_are_asked_is_told_to_nobody_while_it_is_open() -> None:
    """With each answer that came to it, who watches someone's thumb would know what they answered before."""
    state = do(SessionState(), Verb.OPEN, READ)
    few, more = ({WHAT: Standing(Tally(n), Tally(n)), GROW: Standing(Tally(9), Tally(9))} for n in (4, 5))
    assert screen_view(room(state, standings=few)) == screen_view(room(state, standings=more))


def test_a_moderator_switches_the_pace_of_a_set_while_nothing_is_open() -> None:
    led = do(SessionState(), Verb.PACE, GROW)
    opened = do(led, Verb.OPEN, GROW)
    assert states(opened) == [State.PENDING, State.OPEN, State.PENDING, State.PENDING, State.PENDING]
    assert phone_view(room(opened)).stage is Stage.QUESTION
    with pytest.raises(Refused):
        do(opened, Verb.PACE, GROW)
    assert states(do(do(led, Verb.PACE, GROW), Verb.OPEN, GROW)) == [State.OPEN] * 5


VERBS = (Verb.OPEN, Verb.CLOSE, Verb.REOPEN, Verb.REVEAL, Verb.HIDE, Verb.NEXT, Verb.ASK_AGAIN)


@given(st.lists(st.tuples(st.sampled_from(VERBS), st.sampled_from([None, *SET, MOOD])), max_size=40))
def test_whatever_is_pressed_the_set_is_open_as_a_whole_or_not_at_all(
    presses: list[tuple[Verb, PollKey | None]],
) -> None:
    state = SessionState()
    for verb, poll in presses:
        try:
            state = do(state, verb, poll)
        except Refused:
            continue
        latest = states(state)
        assert State.OPEN not in latest or set(latest) == {State.OPEN}
        assert sum(each.state is State.OPEN for each in state.polls.values()) in (0, 1, len(SET))
        view = phone_view(room(state))
        assert (view.stage is Stage.OWN_PACE) == (len(view.steps) == len(SET)) == (State.OPEN in latest)
        assert not any(each.revealed for each in state.polls.values() if each.state is State.OPEN and each.key in SET)


def test_an_earlier_round_of_one_of_its_questions_is_not_reopened_alone() -> None:
    state = do(do(do(SessionState(), Verb.OPEN, READ), Verb.CLOSE), Verb.ASK_AGAIN)
    with pytest.raises(Refused) as refused:
        do(state, Verb.REOPEN, READ)
    assert refused.value.code is Code.POLL_CLOSED


def test_a_set_that_is_switched_gets_the_time_of_all_its_questions_and_a_planned_one_that_of_its_first() -> None:
    def seconds(own_pace: bool) -> int:
        timed = [PlannedPoll("walk", name, seconds=time, own_pace=own_pace) for name, time in (("a", 60), ("b", 45))]
        state = SessionState()
        for verb in (Verb.NEXT, *([] if own_pace else [Verb.PACE]), Verb.OPEN):
            state = decide(timed, state, Command("c", verb, state.revision), present=30, smallest_group=1)
        timer = state.poll(PollKey("walk", "a")).timer
        assert timer is not None
        return timer.seconds

    assert (seconds(own_pace=False), seconds(own_pace=True)) == (105, 60)
