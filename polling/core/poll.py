"""A poll's life: one table of transitions, and the values that commands are about. What they do: deciding.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from polling.core.errors import Code, Refused


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
