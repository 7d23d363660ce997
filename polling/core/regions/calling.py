"""Where phones were asked to go, as a region says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from polling.core.event import Event, SessionPlan
from polling.core.event_state import BREAK_OUTS, EventState, Sending, call_for


@dataclass(frozen=True)
class Call:
    """People were asked to go elsewhere. A phone goes by itself where `number` is above all that it has followed, or
    come in under."""

    number: int
    session: SessionPlan | None  # None: to the break-outs, each phone its own
    code: str  # the join code that leads there
    alone: bool  # only this room's people were, or the room has moved


def call_of(event: Event, state: EventState, session: str, codes: Mapping[str, str]) -> Call | None:
    """Where the people of `session` were asked to go; None: they are where they should be, or the event is over."""
    sending = call_for(event, state, session)
    if sending is None or state.ended:
        return None
    return _call(event, sending, codes, alone=session in state.moved or session in state.rooms)


def call_of_all(event: Event, state: EventState, codes: Mapping[str, str]) -> Call | None:
    """Where everyone was asked to go who is in no room yet; None: to the break-outs, or as each likes."""
    if state.at.to in ("", BREAK_OUTS) or state.ended:
        return None
    return _call(event, state.at, codes, alone=False)


def _call(event: Event, sending: Sending, codes: Mapping[str, str], *, alone: bool) -> Call:
    session = None if sending.to == BREAK_OUTS else event.session(sending.to)
    return Call(sending.number, session, codes.get(session.id if session else "", ""), alone)
