"""What in a session asks for the organiser's attention, and what in the event as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import NamedTuple

from polling.core.event import Event
from polling.core.questions.base import Question
from polling.core.questions.options import Option, OptionsQuestion
from polling.core.results.rollup import RolledUp
from polling.core.results.segments import least_segment
from polling.core.words import Words

LATE = 5
"""Minutes behind the plan from which on it is trouble."""
OPEN_A_WHILE = 60.0
"""Seconds. Before that nobody can say that a question is answered by few."""
FEW_PHONES = 5
"""Of fewer phones a share says nothing."""
EARLIER_POLLS = 2
SUNK_TO = 0.6
"""The part of its usual share below which a question is answered by few."""
MISSING_ANSWERS = 3
"""So many at least, compared with what is usual here."""


class Trouble(StrEnum):
    """Why a session asks for attention, worst first."""

    CALLING = "calling"  # its moderator asks for the organiser
    MODERATOR_GONE = "moderator-gone"
    SCREEN_GONE = "screen-gone"
    BEHIND = "behind"
    SINKING = "sinking"  # fewer answer than before


class Turnout(NamedTuple):
    """How many of the phones that were there have answered a poll."""

    joined: int
    answered: int


def is_sinking(before: Sequence[Turnout], now: Turnout, open_for: float) -> bool:
    """Whether clearly fewer answer the open poll than is usual in this session, though it has been open a while (in
    seconds). `before`: the session's own closed polls."""
    shares = [min(1.0, each.answered / each.joined) for each in before if each.joined >= FEW_PHONES]
    if open_for < OPEN_A_WHILE or now.joined < FEW_PHONES or len(shares) < EARLIER_POLLS:
        return False
    usual = median(shares) * now.joined
    return now.answered < SUNK_TO * usual and usual - now.answered >= MISSING_ANSWERS


@dataclass(frozen=True)
class Missing:
    """Nobody in the whole event has said yet that they are one of these."""

    question: Words
    segments: tuple[Words, ...]
    of: int  # how many have said what they are


def missing_segments(event: Event, totals: Iterable[RolledUp]) -> tuple[Missing, ...]:
    """The declared segments that nobody is in, over all rooms together and from published results only: a room alone
    would tell of its people. Where fewer answered than a segment has to have, nothing is told."""
    least = least_segment(event.privacy.smallest_group)
    found = []
    for total in totals:
        if total.question.makes_labels and total.base >= least:
            absent = tuple(option.text for option in _declared(total.question) if not total.cells.get(option.id))
            if absent:
                found.append(Missing(total.question.title, absent, total.base))
    return tuple(found)


def _declared(question: Question) -> tuple[Option, ...]:
    """The segments that an event counts on: not 'other', and not 'none of these'."""
    options = question.options if isinstance(question, OptionsQuestion) else ()
    return tuple(option for option in options if not option.other and not option.exclusive)
