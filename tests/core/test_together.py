"""Many sessions at once: what each needs to get there, by the rules that hold for its moderator too."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polling.core.deciding import decide
from polling.core.errors import Code, Refused
from polling.core.poll import Command, PlannedPoll, PollKey, SessionState, State, Verb
from polling.core.together import Together, Way, way_to

ORDER = tuple(PlannedPoll("set", f"q{number}") for number in range(3))


def after(*verbs: Verb) -> SessionState:
    state = SessionState()
    for verb in verbs:
        state = decide(ORDER, state, Command("", verb, state.revision), present=9, smallest_group=1)
    return state


def carried_out(state: SessionState, way: Way) -> SessionState:
    for verb, poll in way:
        state = decide(ORDER, state, Command("", verb, state.revision, poll), present=9, smallest_group=1)
    return state


@pytest.mark.parametrize(
    ("before", "question"),
    [
        ((), "q0"),
        ((Verb.NEXT,), "q0"),
        ((Verb.NEXT, Verb.OPEN, Verb.CLOSE), "q1"),
        ((Verb.NEXT, Verb.OPEN, Verb.CLOSE, Verb.NEXT), "q1"),
    ],
)
def test_starting_the_next_question_opens_the_one_that_comes(before: tuple[Verb, ...], question: str) -> None:
    way = way_to(ORDER, state := after(*before), Together.START)
    assert not isinstance(way, Code)
    assert getattr(carried_out(state, way).now, "state", None) is State.OPEN
    assert carried_out(state, way).current == PollKey("set", question)


def test_what_can_t_be_done_says_why() -> None:
    is_open, closed = after(Verb.NEXT, Verb.OPEN), after(Verb.NEXT, Verb.OPEN, Verb.CLOSE)
    assert way_to(ORDER, is_open, Together.START) is Code.POLL_OPEN
    assert way_to(ORDER, closed, Together.CLOSE) is Code.POLL_CLOSED
    assert way_to(ORDER, after(Verb.NEXT), Together.CLOSE) is Code.POLL_PENDING
    assert way_to(ORDER, after(), Together.CLOSE) is Code.NO_POLL
    assert way_to(ORDER, after(), Together.SHOW) is Code.NO_POLL
    done = after(*(Verb.NEXT, Verb.OPEN, Verb.CLOSE) * 3)
    assert way_to(ORDER, done, Together.START) is Code.NO_NEXT


@given(verbs=st.lists(st.sampled_from(list(Verb)), max_size=12), asked=st.sampled_from(Together))
def test_a_way_is_one_that_can_be_gone(verbs: list[Verb], asked: Together) -> None:
    state = SessionState()
    for verb in verbs:
        try:
            state = decide(ORDER, state, Command("", verb, state.revision), present=9, smallest_group=1)
        except Refused:
            continue
    way = way_to(ORDER, state, asked)
    if isinstance(way, Code):
        return
    if asked is Together.SHOW:  # whether a result may be shown is the poll's own affair
        return
    is_open = [poll for poll in carried_out(state, way).polls.values() if poll.state is State.OPEN]
    assert bool(is_open) == (asked is Together.START)
