"""The books of an event: all that is left of it for exports and reports. Everything in it has passed the gate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from polling.core.certificate import Certificate
from polling.core.event import Event
from polling.core.hand_count import HandCount
from polling.core.poll import PollKey
from polling.core.results.funnel import Funnel
from polling.core.results.outcomes import Outcome
from polling.core.results.respondents import Respondents


@dataclass(frozen=True)
class Books:
    """What formats write: the results of closed polls, and what people typed in beside them."""

    event: Event
    outcomes: Sequence[Outcome]
    respondents: Respondents | None = None  # of a pseudonymous event
    by_hand: Sequence[tuple[str, PollKey, HandCount]] = ()  # by session and poll: apart from all outcomes
    notes: Sequence[tuple[str, PollKey, str]] = ()  # moderators' words, by session and poll
    erased: Sequence[Certificate] = ()  # what became of names and addresses: counts, and no name
    funnels: Sequence[Funnel] = ()  # how many heads and phones there were to answer each poll
