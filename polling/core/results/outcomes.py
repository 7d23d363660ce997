"""What came out of a poll, as exports take it: everything in it has passed the gate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from polling.core.event import Event, SessionPlan
from polling.core.poll import PollKey
from polling.core.questions.base import Question
from polling.core.results.rooms import ROOM_OF_IDEAS, named_rooms
from polling.core.results.withholding import Published, Standing, withhold, withhold_segments
from polling.core.tally import Tally


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
    segments: Mapping[str, Published] = field(default_factory=dict)  # once sealed, by label: those that stand apart
    moved_into: str = ""  # the session that this one moved into while it was held; its result stays its own
    since: int = 1  # the first round that was asked in the same words


def outcome(
    event: Event,
    session_id: str,
    key: PollKey,
    tally: Tally,
    texts: Sequence[Text],
    labels: Mapping[str, Tally] | None = None,
) -> Outcome:
    """A closed poll's outcome: its tally through the gate, its texts in an order that tells nothing. `labels`: its
    tallies by label, where it is sealed."""
    smallest = event.privacy.smallest_group
    return Outcome(
        event.session(session_id),
        key,
        event.question(key),
        withhold(Standing(tally, tally), is_open=False, smallest_group=smallest),
        tuple(sorted(texts, key=lambda text: (text.cell, text.text.casefold()))),
        names_room=smallest == 1 or len(texts) >= ROOM_OF_IDEAS,
        segments=withhold_segments(tally, labels or {}, smallest_group=smallest),
        since=event.asked_since(key),
    )


def named_together(event: Event, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The same, but where one room alone would not be named with its texts, so that they were known to be its: there
    the next smallest room isn't either."""
    if event.privacy.smallest_group == 1:
        return list(outcomes)
    asked: dict[PollKey, dict[str, int]] = {}
    for each in outcomes:
        asked.setdefault(each.key, {})[each.session.id] = len(each.texts)
    named = {key: named_rooms(rooms) for key, rooms in asked.items()}
    return [replace(each, names_room=each.session.id in named[each.key]) for each in outcomes]
