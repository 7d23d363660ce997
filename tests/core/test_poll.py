"""A poll's life: the table, the commands that go by it, and what holds whatever moderators press."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from polling.core.deciding import allowed, decide, following, own_pace, preceding
from polling.core.errors import Code, Refused
from polling.core.poll import (
    CALLS,
    IDEA_VERBS,
    LIFE,
    LONGEST_TIMER,
    TIMER_VERBS,
    Command,
    PlannedPoll,
    Poll,
    PollKey,
    SessionState,
    State,
    Verb,
)
from polling.core.results.withholding import SMALL_ROOM, SMALL_STEP

ORDER = (PlannedPoll("set", "a"), PlannedPoll("set", "b", live=False), PlannedPoll("more", "c"))
A, B, C = PollKey("set", "a"), PollKey("set", "b"), PollKey("more", "c")


def after(state: SessionState, *verbs: Verb, poll: PollKey | None = None, present: int = 30) -> SessionState:
    for verb in verbs:
        command = Command("id", verb, state.revision, poll)
        state = decide(ORDER, state, command, present=present, smallest_group=5)
    return state


def decided(
    state: SessionState, command: Command, present: int = 30, now: float = 0.0
) -> tuple[SessionState, Code | None]:
    """The session after the command; as it was, where the command is refused."""
    try:
        return decide(ORDER, state, command, present=present, smallest_group=5, now=now), None
    except Refused as refused:
        return state, refused.code


def refusal(state: SessionState, verb: Verb, poll: PollKey | None = None) -> Code | None:
    return decided(state, Command("id", verb, state.revision, poll))[1]


def at(state: State, *, revealed: bool = False, key: PollKey = A) -> SessionState:
    return SessionState(1, key, {key: Poll(key, state, revealed)})


LOBBY = SessionState()
LIFE_VERBS = [verb for verb in Verb if verb not in IDEA_VERBS | TIMER_VERBS | CALLS | {Verb.PACE}]


# the table


def test_the_table_says_something_of_every_state_and_verb() -> None:
    assert set(LIFE) == {(state, verb) for state in State for verb in LIFE_VERBS}


def test_only_opening_closing_and_reopening_change_a_state() -> None:
    changes = {
        (state, verb, after) for (state, verb), after in LIFE.items() if isinstance(after, State) and after is not state
    }
    assert changes == {
        (State.PENDING, Verb.OPEN, State.OPEN),
        (State.OPEN, Verb.CLOSE, State.CLOSED),
        (State.CLOSED, Verb.REOPEN, State.OPEN),
    }


@pytest.mark.parametrize(("begin", "verb"), list(LIFE), ids=lambda value: value.value)
def test_a_command_does_what_the_table_says(begin: State, verb: Verb) -> None:
    """On the first question of the order: hidden where it is to be revealed, and the other way about."""
    state = at(begin, revealed=verb is Verb.HIDE)
    told = LIFE[begin, verb]
    if isinstance(told, Code):
        assert refusal(state, verb) is told
    else:
        assert after(state, verb).poll(A).state is told


# single steps


def test_a_session_begins_in_the_lobby_where_only_next_leads_out() -> None:
    assert {verb: refusal(LOBBY, verb) for verb in LIFE_VERBS} == {
        verb: None if verb is Verb.NEXT else Code.NO_POLL for verb in LIFE_VERBS
    }
    assert after(LOBBY, Verb.NEXT).current == A


def test_next_goes_through_the_running_order_and_stops_at_its_end() -> None:
    state, seen = LOBBY, []
    while refusal(state, Verb.NEXT) is None:
        state = after(state, Verb.NEXT)
        seen.append(state.current)
    assert seen == [A, B, C]
    assert refusal(state, Verb.NEXT) is Code.NO_NEXT


def test_next_can_lead_to_any_question_of_the_order_and_to_no_other() -> None:
    assert after(LOBBY, Verb.NEXT, poll=C).current == C
    assert refusal(LOBBY, Verb.NEXT, PollKey("set", "z")) is Code.UNKNOWN_POLL
    assert refusal(LOBBY, Verb.NEXT, PollKey("set", "a", 2)) is Code.UNKNOWN_POLL


def test_a_live_poll_opens_revealed_and_one_after_close_hidden() -> None:
    assert after(LOBBY, Verb.OPEN, poll=A).poll(A).revealed
    opened = after(LOBBY, Verb.OPEN, poll=B)
    assert not opened.poll(B).revealed
    assert refusal(opened, Verb.REVEAL) is Code.RESULT_AFTER_CLOSE
    assert after(opened, Verb.CLOSE, Verb.REVEAL).poll(B).revealed


def test_a_result_that_was_revealed_is_hidden_again_when_an_after_close_poll_reopens() -> None:
    revealed = after(LOBBY, Verb.OPEN, Verb.CLOSE, Verb.REVEAL, poll=B)
    assert not after(revealed, Verb.REOPEN).poll(B).revealed


def test_a_result_can_be_hidden_and_revealed_once_each() -> None:
    state = after(LOBBY, Verb.OPEN, poll=A)
    assert refusal(state, Verb.REVEAL) is Code.ALREADY_REVEALED
    state = after(state, Verb.HIDE)
    assert refusal(state, Verb.HIDE) is Code.ALREADY_HIDDEN
    assert after(state, Verb.REVEAL).poll(A).revealed


def test_one_poll_is_open_in_a_room() -> None:
    state = after(LOBBY, Verb.OPEN, poll=A)
    assert refusal(state, Verb.OPEN, B) is Code.ANOTHER_OPEN
    assert refusal(state, Verb.NEXT) is Code.POLL_OPEN
    closed = after(after(state, Verb.CLOSE), Verb.OPEN, poll=B)
    assert refusal(closed, Verb.REOPEN, A) is Code.ANOTHER_OPEN
    assert refusal(closed, Verb.ASK_AGAIN, A) is Code.ANOTHER_OPEN


def test_asked_again_it_is_a_new_round_and_the_old_one_stays_as_it_was() -> None:
    first = after(LOBBY, Verb.OPEN, Verb.CLOSE, poll=A)
    again = after(first, Verb.ASK_AGAIN)
    assert again.current == A._replace(round=2)
    assert again.poll(A) == first.poll(A)
    assert again.now == Poll(A._replace(round=2))
    assert again.latest_round("set", "a").round == 2


def test_a_round_that_was_never_asked_is_unknown() -> None:
    assert refusal(at(State.CLOSED), Verb.OPEN, PollKey("set", "a", 2)) is Code.UNKNOWN_POLL


def test_next_leads_to_the_latest_round_of_what_follows() -> None:
    state = after(after(LOBBY, Verb.OPEN, Verb.CLOSE, Verb.ASK_AGAIN, poll=B), Verb.NEXT, poll=A)
    assert following(ORDER, state) == B._replace(round=2)


def test_who_is_present_at_the_first_opening_fixes_the_step_of_the_bars() -> None:
    few = after(LOBBY, Verb.OPEN, poll=A, present=SMALL_ROOM - 1)
    assert (few.poll(A).present, few.poll(A).step) == (SMALL_ROOM - 1, SMALL_STEP)
    again = after(few, Verb.CLOSE, Verb.REOPEN, present=500)
    assert (again.poll(A).present, again.poll(A).step) == (SMALL_ROOM - 1, SMALL_STEP)
    many = after(LOBBY, Verb.OPEN, poll=A, present=SMALL_ROOM)
    assert many.poll(A).step == 1


def test_a_command_based_on_what_is_no_longer_so_is_refused_with_the_revision_that_is() -> None:
    state = after(LOBBY, Verb.NEXT)
    with pytest.raises(Refused) as stale:
        decide(ORDER, state, Command("id", Verb.OPEN, 0), present=30, smallest_group=5)
    assert stale.value.code is Code.STALE
    assert stale.value.values == {"revision": 1}


def test_showing_an_idea_is_never_stale_and_changes_no_poll() -> None:
    state = at(State.CLOSED)
    for verb in IDEA_VERBS:
        shown = decide(ORDER, state, Command("id", verb, 0, idea="x"), present=30, smallest_group=5)
        assert shown == replace(state, revision=state.revision + 1)


@pytest.mark.parametrize("key", [A, B._replace(round=9999)])
def test_a_poll_key_comes_back_from_its_text(key: PollKey) -> None:
    assert PollKey.from_text(str(key)) == key


@pytest.mark.parametrize("text", ["", "a", "a/b", "a/b/c", "a/b/1/2", "a/b/12345", "a/b/-1", "a/b/¹", "a/b/ 1"])
def test_another_text_is_no_poll(text: str) -> None:
    with pytest.raises(Refused) as refused:
        PollKey.from_text(text)
    assert refused.value.code is Code.UNKNOWN_POLL


# times


def test_a_poll_keeps_when_it_was_first_opened_and_last_closed() -> None:
    state = LOBBY
    seen = []
    for now, verb in ((100.0, Verb.OPEN), (160.0, Verb.CLOSE), (170.0, Verb.REOPEN), (200.0, Verb.CLOSE)):
        state = decide(ORDER, state, Command("id", verb, state.revision, A), present=3, smallest_group=5, now=now)
        seen.append((state.poll(A).opened, state.poll(A).closed))
    assert seen == [(100.0, None), (100.0, 160.0), (100.0, None), (100.0, 200.0)]


def test_what_comes_before_and_after_is_by_the_running_order() -> None:
    steps = {key: after(LOBBY, Verb.NEXT, poll=key) for key in (A, B, C)}
    assert {key: preceding(ORDER, state) for key, state in steps.items()} == {A: None, B: A, C: B}
    assert {key: following(ORDER, state) for key, state in steps.items()} == {A: B, B: C, C: None}
    assert preceding(ORDER, LOBBY) is None


# whatever moderators press

MOVES = (Verb.OPEN, Verb.CLOSE, Verb.NEXT, Verb.REOPEN, Verb.ASK_AGAIN, Verb.REVEAL)
NEVER_STALE = IDEA_VERBS | CALLS
keys = st.builds(PollKey, st.sampled_from(["set", "more", "none"]), st.sampled_from(["a", "b", "c"]), st.integers(0, 3))
seconds = st.sampled_from([-3600, -1, 0, 1, 30, 180, LONGEST_TIMER, LONGEST_TIMER + 1])


class Room(RuleBasedStateMachine):
    """Two moderators press anything, of any poll, at any time; some of them too late. The server seals."""

    def __init__(self) -> None:
        super().__init__()
        self.state = SessionState()
        self.now = 0.0
        self.done: list[tuple[Command, int, float] | PollKey] = []

    @rule(verb=st.sampled_from(Verb), poll=keys, late=st.integers(0, 1), present=st.integers(0, 40), seconds=seconds)
    def press_anything(self, verb: Verb, poll: PollKey, late: int, present: int, seconds: int) -> None:
        self.press(verb, poll, late, present, seconds)

    @rule(verb=st.sampled_from([*Verb, *MOVES, *MOVES]), present=st.integers(0, 40), seconds=seconds)
    def press_what_is_at_hand(self, verb: Verb, present: int, seconds: int) -> None:
        self.press(verb, None, 0, present, seconds)

    @rule(verb=st.sampled_from([*Verb, *MOVES]), data=st.data(), present=st.integers(0, 40))
    def press_for_another_poll(self, verb: Verb, data: st.DataObject, present: int) -> None:
        known = sorted({A, B, C, *self.state.polls})
        self.press(verb, data.draw(st.sampled_from(known)), 0, present, 60)

    def press(self, verb: Verb, poll: PollKey | None, late: int, present: int, seconds: int) -> None:
        self.now += 1
        before = self.state
        command = Command("id", verb, before.revision - late, poll, seconds=seconds)
        told = allowed(ORDER, before, verb, present=present, smallest_group=5)
        self.state, code = decided(before, command, present, self.now)
        if verb in NEVER_STALE:
            assert code is None
            assert told is None
        else:
            assert (code is Code.STALE) == bool(late)
        if poll is None and not late and code is not Code.BAD_NUMBER:
            assert code is told  # what the buttons say is what a command does
        assert code is not Code.BAD_NUMBER or verb in TIMER_VERBS
        if code is None:
            assert self.state.revision == before.revision + 1
            self.done.append((command, present, self.now))
            self.follow(before, verb)

    @precondition(lambda self: any(poll.state is State.CLOSED for poll in self.state.polls.values()))
    @rule(data=st.data())
    def seal(self, data: st.DataObject) -> None:
        closed = sorted(key for key, poll in self.state.polls.items() if poll.state is State.CLOSED)
        key = data.draw(st.sampled_from(closed))
        self.done.append(key)
        self.state = sealed(self.state, key)

    def follow(self, before: SessionState, verb: Verb) -> None:
        """Each poll went where the table leads, and keeps what was fixed at its first opening."""
        for key, poll in self.state.polls.items():
            was = before.poll(key)
            steps = {told for (state, _), told in LIFE.items() if state is was.state and isinstance(told, State)}
            assert poll.state in steps
            if was.present is not None:
                assert (poll.present, poll.step, poll.opened) == (was.present, was.step, was.opened)
        assert set(before.polls) <= set(self.state.polls)
        if verb in CALLS | {Verb.PACE}:
            assert self.state.polls == before.polls
            assert self.state.current == before.current
        if verb is not Verb.PACE:
            assert self.state.paces == before.paces
        assert self.state.calling is (verb is Verb.CALL if verb in CALLS else before.calling)

    @invariant()
    def one_poll_is_open_or_some_of_one_set_at_their_own_pace_and_the_room_is_at_them(self) -> None:
        open_polls = [key for key, poll in self.state.polls.items() if poll.state is State.OPEN]
        if open_polls:
            assert self.state.current in open_polls
            assert len({key.set for key in open_polls}) == 1
            assert len(open_polls) == 1 or own_pace(ORDER, self.state, open_polls[0].set)

    @invariant()
    def a_poll_has_its_times_and_a_timer_only_while_it_is_open(self) -> None:
        for poll in self.state.polls.values():
            assert (poll.opened is None) == (poll.state is State.PENDING)
            assert (poll.closed is None) == (poll.state in (State.PENDING, State.OPEN))
            assert poll.timer is None or (poll.state is State.OPEN and 0 < poll.timer.seconds <= LONGEST_TIMER)

    @invariant()
    def the_room_is_at_a_poll_of_its_order_that_was_asked(self) -> None:
        current = self.state.current
        assert current is None or current.round == 1 or current in self.state.polls
        for key in {*self.state.polls, *([current] if current else [])}:
            assert (key.set, key.question) in {(planned.set, planned.question) for planned in ORDER}

    @invariant()
    def nothing_shows_before_its_time(self) -> None:
        for key, poll in self.state.polls.items():
            live = next(planned.live for planned in ORDER if (planned.set, planned.question) == key[:2])
            if poll.revealed:
                assert poll.state is not State.PENDING
                assert live or poll.state is not State.OPEN

    @invariant()
    def rounds_are_counted_without_a_gap(self) -> None:
        for planned in ORDER:
            rounds = sorted(key.round for key in self.state.polls if key[:2] == (planned.set, planned.question))
            assert rounds == list(range(1, len(rounds) + 1))

    def teardown(self) -> None:
        again = SessionState()
        for done in self.done:
            if isinstance(done, PollKey):
                again = sealed(again, done)
            else:
                command, present, now = done
                again = decide(ORDER, again, command, present=present, smallest_group=5, now=now)
        assert again == self.state  # the same start and the same commands end the same


def sealed(state: SessionState, key: PollKey) -> SessionState:
    return replace(state, polls={**state.polls, key: replace(state.poll(key), state=State.SEALED)})


TestRoom = Room.TestCase
TestRoom.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
