"""How many people to expect in each segment of a divided question, before anyone has voted: for `polling check`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from polling.core.event import Event, Place, SessionPlan
from polling.core.rehearsal import Rehearsal
from polling.core.results.segments import least_segment, left_out


@dataclass(frozen=True)
class ExpectedSegments:
    """A question that is divided, in one session. `sizes`: label → how many to expect; "": who is in no segment."""

    session: str
    set: str
    question: str
    segment: str  # "set/question"
    sizes: Mapping[str, int]
    least: int
    left_out: frozenset[str]  # those that would not stand apart

    @property
    def too_small(self) -> tuple[str, ...]:
        """The segments that are smaller than one may be to stand apart."""
        return tuple(label for label, size in self.sizes.items() if 0 < size < self.least)


def expected_segments(event: Event, rehearsal: Rehearsal | None, participants: int) -> Iterator[ExpectedSegments]:
    """For each divided question of each session. A rehearsal says how many answer, and how they fall into segments;
    without one all answer, break-outs are of one size, and so are segments."""
    for session in event.sessions:
        for place in event.running_order(session.id):
            segment = event.segment_of(place.poll_key())
            if segment is not None:
                yield _expected(event, session, place, segment, rehearsal, participants)


def _expected(
    event: Event, session: SessionPlan, place: Place, segment: str, rehearsal: Rehearsal | None, participants: int
) -> ExpectedSegments:
    respondents = _respondents(event, session, place, rehearsal, participants)
    shares = _shares(event, segment, rehearsal)
    sizes = {label: _rounded(respondents * share) for label, share in shares.items()}
    nameless = _rounded(respondents * (1 - sum(shares.values())))
    least = least_segment(event.privacy.smallest_group)
    left = left_out(sizes, sum(sizes.values()) + nameless, least)
    key, all_sizes = place.poll_key(), sizes | ({"": nameless} if nameless > 0 else {})
    return ExpectedSegments(session.id, key.set, key.question, segment, all_sizes, least, frozenset(left))


def _respondents(
    event: Event, session: SessionPlan, place: Place, rehearsal: Rehearsal | None, participants: int
) -> int:
    if rehearsal is not None:
        counts = rehearsal.counts(session.id, place.set.set, place.question.id)
        return _rounded(counts.respondents * participants / rehearsal.participants) if counts else 0
    rooms = sum(each.kind == "break-out" for each in event.sessions)
    return participants if session.kind == "plenary" else _rounded(participants / rooms)


def _shares(event: Event, segment: str, rehearsal: Rehearsal | None) -> dict[str, float]:
    """Which part of the participants is in each segment."""
    labels = event.segment(segment).all_cells()
    if rehearsal is None:
        return {label: 1 / len(labels) for label in labels}
    set_id, _, question = segment.partition("/")
    rooms = [counts for session in event.sessions if (counts := rehearsal.counts(session.id, set_id, question))]
    return {label: sum(room.counts.get(label, 0) for room in rooms) / rehearsal.participants for label in labels}


def _rounded(number: float) -> int:
    return int(number + 0.5)
