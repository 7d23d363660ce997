"""Many sessions at once: what an organiser asks of all of them, as the commands that each needs to get there."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from polling.core.deciding import following
from polling.core.errors import Code
from polling.core.poll import LIFE, PlannedPoll, PollKey, SessionState, State, Verb


class Together(StrEnum):
    """What can be asked of many sessions in one press."""

    START = "start"  # the next question
    CLOSE = "close"  # the open one
    SHOW = "show"  # the result of the present one


Way = tuple[tuple[Verb, PollKey | None], ...]
"""Commands to give in this order, each with its poll; None: the present one."""


def way_to(order: Sequence[PlannedPoll], state: SessionState, asked: Together) -> Way | Code:
    """The commands, or why there are none. The rules of a poll's life hold for each of them as for a moderator's."""
    is_open = next((poll.key for poll in state.polls.values() if poll.state is State.OPEN), None)
    if asked is Together.CLOSE:
        return ((Verb.CLOSE, is_open),) if is_open else _not_open(state)
    if asked is Together.SHOW:
        return ((Verb.REVEAL, None),) if state.current else Code.NO_POLL
    if is_open:
        return Code.POLL_OPEN
    if state.now is not None and state.now.state is State.PENDING:
        return ((Verb.OPEN, None),)
    coming = following(order, state)
    if coming is None:
        return Code.NO_NEXT
    is_new = state.poll(coming).state is State.PENDING
    return ((Verb.NEXT, None), (Verb.OPEN, None)) if is_new else Code.POLL_CLOSED


def _not_open(state: SessionState) -> Code:
    if state.now is None:
        return Code.NO_POLL
    refused = LIFE[state.now.state, Verb.CLOSE]
    return refused if isinstance(refused, Code) else Code.POLL_NOT_OPEN
