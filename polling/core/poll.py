"""A poll's life: one table of transitions, and the commands that move a session through its running order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

from polling.core.errors import Code, Refused
from polling.core.results.withholding import step_for


class PollKey(NamedTuple):
    """One question put to one session; asked again, it is another round."""

    set: str
    question: str
    round: int = 1

    def __str__(self) -> str:
        return f"{self.set}/{self.question}/{self.round}"

    @classmethod
    def from_text(cls, text: str) -> PollKey:
        """The key that `str` wrote; raises `Refused` if it is no such thing."""
        match text.split("/"):
            case [set_id, question, number] if number.isascii() and number.isdigit() and 0 < len(number) < 5:
                return cls(set_id, question, int(number))
        raise Refused(Code.UNKNOWN_POLL, poll=text[:80])


class State(StrEnum):
    """Where a poll is in its life."""

    PENDING = "pending"
    OPEN = "open"
    CLOSED = "closed"
    SEALED = "sealed"


class Verb(StrEnum):
    """What a moderator can do."""

    OPEN = "open"
    CLOSE = "close"
    REOPEN = "reopen"
    REVEAL = "reveal"
    HIDE = "hide"
    NEXT = "next"
    ASK_AGAIN = "ask_again"
    SHOW_IDEA = "show_idea"
    HIDE_IDEA = "hide_idea"
    BLOCK_IDEA = "block_idea"  # never on the big screen
    ALLOW_IDEA = "allow_idea"
    TAG_IDEA = "tag_idea"  # for one more working group
    UNTAG_IDEA = "untag_idea"
    MERGE_IDEA = "merge_idea"  # with its twin
    SPLIT_IDEA = "split_idea"
    LIGHT_IDEA = "light_idea"  # the one on the big screen that is talked about
    DIM_IDEA = "dim_idea"
    START_TIMER = "start_timer"
    EXTEND_TIMER = "extend_timer"
    STOP_TIMER = "stop_timer"
    PACE = "pace"  # the set of a question at the moderator's pace or the participants'
    CALL = "call"  # the organiser
    CALL_OFF = "call_off"


IDEA_VERBS = frozenset(verb for verb in Verb if verb.endswith("_idea"))
TIMER_VERBS = frozenset({Verb.START_TIMER, Verb.EXTEND_TIMER, Verb.STOP_TIMER})
CALLS = frozenset({Verb.CALL, Verb.CALL_OFF})
LONGEST_TIMER = 3600
"""Seconds."""

_P, _O, _C, _S = State.PENDING, State.OPEN, State.CLOSED, State.SEALED
LIFE: Mapping[tuple[State, Verb], State | Code] = {
    (_P, Verb.OPEN): _O,
    (_O, Verb.OPEN): Code.POLL_OPEN,
    (_C, Verb.OPEN): Code.POLL_CLOSED,
    (_S, Verb.OPEN): Code.POLL_SEALED,
    (_P, Verb.CLOSE): Code.POLL_PENDING,
    (_O, Verb.CLOSE): _C,
    (_C, Verb.CLOSE): Code.POLL_CLOSED,
    (_S, Verb.CLOSE): Code.POLL_SEALED,
    (_P, Verb.REOPEN): Code.POLL_PENDING,
    (_O, Verb.REOPEN): Code.POLL_OPEN,
    (_C, Verb.REOPEN): _O,
    (_S, Verb.REOPEN): Code.POLL_SEALED,
    (_P, Verb.REVEAL): Code.POLL_PENDING,
    (_O, Verb.REVEAL): _O,
    (_C, Verb.REVEAL): _C,
    (_S, Verb.REVEAL): _S,
    (_P, Verb.HIDE): Code.POLL_PENDING,
    (_O, Verb.HIDE): _O,
    (_C, Verb.HIDE): _C,
    (_S, Verb.HIDE): _S,
    (_P, Verb.NEXT): _P,
    (_O, Verb.NEXT): Code.POLL_OPEN,
    (_C, Verb.NEXT): _C,
    (_S, Verb.NEXT): _S,
    (_P, Verb.ASK_AGAIN): Code.POLL_PENDING,
    (_O, Verb.ASK_AGAIN): Code.POLL_OPEN,
    (_C, Verb.ASK_AGAIN): _C,
    (_S, Verb.ASK_AGAIN): _S,
}
"""(state, verb) → the state after it, or why it is refused. Verbs that keep the state act on the session
(`next`, `ask_again`) or on what is shown (`reveal`, `hide`). Sealing is the server's own, from closed to sealed.
A timer can be had where a poll can be closed."""


@dataclass(frozen=True)
class Timer:
    """How long the poll is open: `seconds` from `started` (since 1970, by the server's clock) on."""

    seconds: int
    closes: bool
    started: float


@dataclass(frozen=True)
class Poll:
    """A poll as it stands. `step`: by how many answers its bars move while open, fixed at the first opening."""

    key: PollKey
    state: State = State.PENDING
    revealed: bool = False
    present: int | None = None
    step: int = 1
    timer: Timer | None = None
    opened: float | None = None  # seconds since 1970, by the server's clock: the first time
    closed: float | None = None  # the last time; None while it is open


@dataclass(frozen=True)
class PlannedPoll:
    """What deciding needs to know of a question in the running order."""

    set: str
    question: str
    live: bool = True  # results: live
    seconds: int = 0  # of the timer that starts with the opening; 0: none
    closes: bool = False  # it closes the poll
    own_pace: bool = False  # the set is open as a whole, as its file says
    first_round: int = 1  # of its present words; earlier ones were asked in others


@dataclass(frozen=True)
class SessionState:
    """A session as it stands. `current` None is the lobby. `revision` goes up with each command that is carried out."""

    revision: int = 0
    current: PollKey | None = None
    polls: Mapping[PollKey, Poll] = field(default_factory=dict)
    calling: bool = False  # the moderator asks for the organiser
    paces: Mapping[str, bool] = field(
        default_factory=dict
    )  # set → at the participants' own pace, where it was switched

    def poll(self, key: PollKey) -> Poll:
        """The poll with this key; pending if nothing was done with it yet."""
        return self.polls.get(key) or Poll(key)

    @property
    def now(self) -> Poll | None:
        """The poll that the room is at."""
        return None if self.current is None else self.poll(self.current)

    def latest_round(self, set_id: str, question_id: str, first: int = 1) -> PollKey:
        """The newest round of a question. `first`: the first one in its present words."""
        rounds = [key.round for key in self.polls if (key.set, key.question) == (set_id, question_id)]
        return PollKey(set_id, question_id, max([first, *rounds]))


@dataclass(frozen=True)
class Command:
    """Something a moderator asks for. The same `id` gets the same answer; `based_on` is the session's revision
    that the moderator saw. `poll` None: the current one (for `next`: the one that follows)."""

    id: str
    verb: Verb
    based_on: int
    poll: PollKey | None = None
    idea: str = ""
    group: str = ""  # the working group to tag for
    twin: str = ""  # the idea to merge with: the one that stays
    seconds: int = 0  # of a timer
    closes: bool = False  # whether the timer closes the poll


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
