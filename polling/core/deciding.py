"""What a command does: the session after it, or why it is refused. The one transition function behind every button."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

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
    Timer,
    Verb,
)
from polling.core.results.withholding import step_for


def decide(
    order: Sequence[PlannedPoll],
    state: SessionState,
    command: Command,
    *,
    present: int,
    smallest_group: int,
    now: float = 0.0,
) -> SessionState:
    """The session after `command` at `now`; raises `Refused` if it can't be done."""
    if command.verb in IDEA_VERBS:  # harmless whenever it comes; only the screens need to hear of it
        return replace(state, revision=state.revision + 1)
    if command.verb in CALLS:
        return replace(state, revision=state.revision + 1, calling=command.verb is Verb.CALL)
    if command.based_on != state.revision:
        raise Refused(Code.STALE, revision=state.revision)
    after = _act(order, state, command, present, smallest_group, now)
    return replace(after, revision=state.revision + 1)


def _act(
    order: Sequence[PlannedPoll],
    state: SessionState,
    command: Command,
    present: int,
    smallest_group: int,
    now: float = 0.0,
) -> SessionState:
    if command.verb is Verb.NEXT:
        return _next(order, state, command.poll)
    poll = _target(order, state, command.poll)
    if command.verb is Verb.PACE:
        return _paced(order, state, poll.key.set)
    after = LIFE[poll.state, Verb.CLOSE if command.verb in TIMER_VERBS else command.verb]
    if isinstance(after, Code):
        raise Refused(after)
    match command.verb:
        case Verb.OPEN | Verb.REOPEN:
            return _open(order, state, poll, present, smallest_group, now)
        case Verb.CLOSE:
            closed = (replace(each, state=after, timer=None, closed=now) for each in _together(order, state, poll))
            return _with(state, *closed)
        case Verb.REVEAL:
            return _with(state, _revealed(order, state, poll))
        case Verb.HIDE:
            if not poll.revealed:
                raise Refused(Code.ALREADY_HIDDEN)
            return _with(state, replace(poll, revealed=False))
        case Verb.START_TIMER | Verb.EXTEND_TIMER | Verb.STOP_TIMER:
            return _with(state, replace(poll, timer=_timer(poll, command, now)))
        case _:
            return _asked_again(order, state, poll)


def own_pace(order: Sequence[PlannedPoll], state: SessionState, set_id: str) -> bool:
    """Whether a set is open as a whole, and everyone goes through it."""
    planned = any(each.own_pace for each in order if each.set == set_id)
    return state.paces.get(set_id, planned)


def _together(order: Sequence[PlannedPoll], state: SessionState, poll: Poll) -> list[Poll]:
    """The polls that are opened and closed with this one: in a set at the participants' own pace all in its state."""
    if not own_pace(order, state, poll.key.set):
        return [poll]
    if poll.state is State.OPEN:  # also one that has got other words since, or was taken out
        return [each for each in state.polls.values() if each.key.set == poll.key.set and each.state is State.OPEN]
    latest = (state.poll(_latest(state, each)) for each in order if each.set == poll.key.set)
    return [poll, *(each for each in latest if each.state is poll.state and each.key[:2] != poll.key[:2])]


def _latest(state: SessionState, planned: PlannedPoll) -> PollKey:
    return state.latest_round(planned.set, planned.question, planned.first_round)


def _paced(order: Sequence[PlannedPoll], state: SessionState, set_id: str) -> SessionState:
    if any(poll.state is State.OPEN for poll in state.polls.values()):
        raise Refused(Code.POLL_OPEN)
    return replace(state, paces={**state.paces, set_id: not own_pace(order, state, set_id)})


def _timer(poll: Poll, command: Command, now: float) -> Timer | None:
    if command.verb is Verb.START_TIMER:
        if not 0 < command.seconds <= LONGEST_TIMER:
            raise Refused(Code.BAD_NUMBER)
        return Timer(command.seconds, command.closes, now)
    if poll.timer is None:
        raise Refused(Code.NO_TIMER)
    if command.verb is Verb.STOP_TIMER:
        return None
    seconds = poll.timer.seconds + command.seconds
    if not 0 < seconds <= LONGEST_TIMER:
        raise Refused(Code.BAD_NUMBER)
    return replace(poll.timer, seconds=seconds)


def _asked_again(order: Sequence[PlannedPoll], state: SessionState, poll: Poll) -> SessionState:
    if any(other.state is State.OPEN for other in state.polls.values()):
        raise Refused(Code.ANOTHER_OPEN)
    fresh = {}
    for each in _together(order, state, poll):
        last = _latest(state, _planned(order, each.key))
        never = state.poll(last).state is State.PENDING  # in these words
        fresh[each.key.question] = Poll(last if never else last._replace(round=last.round + 1))
    return replace(_with(state, *fresh.values()), current=fresh[poll.key.question].key)


def _open(
    order: Sequence[PlannedPoll], state: SessionState, poll: Poll, present: int, smallest_group: int, now: float
) -> SessionState:
    if any(other.state is State.OPEN for other in state.polls.values()):
        raise Refused(Code.ANOTHER_OPEN)
    if own_pace(order, state, poll.key.set) and poll.key != _latest(state, _planned(order, poll.key)):
        raise Refused(Code.POLL_CLOSED)  # of a round that is over: the rest of its set would not open with it
    together = _together(order, state, poll)
    timer = _planned_timer(order, together, _planned(order, poll.key), now)
    opened = []
    for each in together:
        if each.present is None:
            each = replace(each, present=present, step=step_for(present, smallest_group))
        live = _planned(order, each.key).live and not own_pace(order, state, each.key.set)
        since = now if each.opened is None else each.opened
        starts = timer if each.key == poll.key else None
        opened.append(replace(each, state=State.OPEN, revealed=live, timer=starts, opened=since, closed=None))
    return replace(_with(state, *opened), current=poll.key)


def _planned_timer(
    order: Sequence[PlannedPoll], together: Sequence[Poll], planned: PlannedPoll, now: float
) -> Timer | None:
    """Where a moderator switched a set to the participants' own pace, each question brings its own time; a set whose
    file says so is planned as a whole, and its first question's timer is meant for all."""
    seconds = planned.seconds
    if seconds and not planned.own_pace:
        seconds = min(sum(_planned(order, each.key).seconds for each in together), LONGEST_TIMER)
    return Timer(seconds, planned.closes, now) if seconds else None


def _revealed(order: Sequence[PlannedPoll], state: SessionState, poll: Poll) -> Poll:
    if poll.revealed:
        raise Refused(Code.ALREADY_REVEALED)
    live = _planned(order, poll.key).live and not own_pace(order, state, poll.key.set)
    if poll.state is State.OPEN and not live:
        raise Refused(Code.RESULT_AFTER_CLOSE)
    return replace(poll, revealed=True)


def _next(order: Sequence[PlannedPoll], state: SessionState, chosen: PollKey | None) -> SessionState:
    if any(poll.state is State.OPEN for poll in state.polls.values()):
        raise Refused(Code.POLL_OPEN)
    if chosen is None:
        chosen = following(order, state)
        if chosen is None:
            raise Refused(Code.NO_NEXT)
    return replace(state, current=_target(order, state, chosen).key)


def following(order: Sequence[PlannedPoll], state: SessionState) -> PollKey | None:
    """The latest round of the question after the current one, or None at the end."""
    return _beside(order, state, 1)


def preceding(order: Sequence[PlannedPoll], state: SessionState) -> PollKey | None:
    """The latest round of the question before the current one, or None at the beginning: where `next` is taken back."""
    return _beside(order, state, -1) if state.current is not None else None


def _beside(order: Sequence[PlannedPoll], state: SessionState, step: int) -> PollKey | None:
    position = _position(order, state)
    if not 0 <= position + step < len(order):
        return None
    return _latest(state, order[position + step])


def _position(order: Sequence[PlannedPoll], state: SessionState) -> int:
    """Where the session is in its running order. At a question that was taken out: at the last that was begun."""
    if state.current is None:
        return -1
    places = [(each.set, each.question) for each in order]
    if state.current[:2] in places:
        return places.index(state.current[:2])
    begun = {key[:2] for key, poll in state.polls.items() if poll.state is not State.PENDING}
    return max((number for number, place in enumerate(places) if place in begun), default=-1)


def _planned(order: Sequence[PlannedPoll], key: PollKey) -> PlannedPoll:
    for planned in order:
        if (planned.set, planned.question) == (key.set, key.question):
            return planned
    raise Refused(Code.UNKNOWN_POLL, poll=str(key))


def _target(order: Sequence[PlannedPoll], state: SessionState, chosen: PollKey | None) -> Poll:
    key = chosen or state.current
    if key is None:
        raise Refused(Code.NO_POLL)
    if key in state.polls:
        return state.polls[key]
    if key.round != _planned(order, key).first_round:
        raise Refused(Code.UNKNOWN_POLL, poll=str(key))
    return Poll(key)


def _with(state: SessionState, *polls: Poll) -> SessionState:
    return replace(state, polls={**state.polls, **{poll.key: poll for poll in polls}})


def allowed(
    order: Sequence[PlannedPoll],
    state: SessionState,
    verb: Verb,
    *,
    present: int = 0,
    smallest_group: int = 1,
) -> Code | None:
    """None if `verb` can be done on the current poll now; else why not. For the moderator's buttons."""
    command = Command("", verb, state.revision, seconds=1 if verb is Verb.START_TIMER else 0)
    try:
        decide(order, state, command, present=present, smallest_group=smallest_group)
    except Refused as refused:
        return refused.code
    return None
