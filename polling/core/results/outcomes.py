"""What came out of a poll, as exports take it: everything in it has passed the gate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from polling.core.event import Event, SessionPlan
from polling.core.poll import PollKey
from polling.core.questions.base import Question
from polling.core.results.withholding import Published, Standing, withhold
from polling.core.tally import Tally

ROOM_OF_IDEAS = 10
"""Below this many ideas in a room, an idea doesn't say which room it came from."""


@dataclass(frozen=True)
class Text:
    """What a participant wrote, standing alone: no name, no number, no order."""

    cell: str
    text: str


@dataclass(frozen=True)
class Outcome:
    """The result of a closed poll."""

    session: SessionPlan
    key: PollKey
    question: Question
    published: Published
    texts: tuple[Text, ...]
    names_room: bool  # whether the texts may say where they were written


def outcome(event: Event, session_id: str, key: PollKey, tally: Tally, texts: Sequence[Text]) -> Outcome:
    """A closed poll's outcome: its tally through the gate, its texts in an order that tells nothing."""
    smallest = event.privacy.smallest_group
    return Outcome(
        event.session(session_id),
        key,
        event.question(key),
        withhold(Standing(tally, tally), is_open=False, smallest_group=smallest),
        tuple(sorted(texts, key=lambda text: (text.cell, text.text.casefold()))),
        names_room=smallest == 1 or len(texts) >= ROOM_OF_IDEAS,
    )
