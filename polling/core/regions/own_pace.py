"""A set that is open as a whole: what phones go through, and how far the room is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from polling.core.poll import Poll, PollKey, State
from polling.core.questions.base import Question
from polling.core.regions.room import RoomState, at_own_pace
from polling.core.results.withholding import Standing, withhold


@dataclass(frozen=True)
class Step:
    """One question of the set, or a page between them. Whether it is asked of this phone (`only_if`) the phone decides
    by its own answers."""

    poll: PollKey
    question: Question


@dataclass(frozen=True)
class Progress:
    """How many have answered a question so far. None where it is asked of some only: each answer that came would tell
    what the person who gives it answered before."""

    poll: PollKey
    question: Question
    answered: int | None


def steps_of(room: RoomState) -> tuple[Step, ...]:
    """What a phone goes through, in order; nothing while no set is open as a whole."""
    return tuple(Step(poll.key, question) for poll, question in _open(room))


def progress_of(room: RoomState) -> tuple[Progress, ...]:
    """How far the room is, question by question; nothing while no set is open as a whole."""
    smallest = room.event.privacy.smallest_group
    told = []
    for poll, question in _open(room):
        if question.answerable:
            published = withhold(room.standings.get(poll.key, Standing()), is_open=True, smallest_group=smallest)
            told.append(Progress(poll.key, question, None if question.only_if else published.respondents))
    return tuple(told)


def _open(room: RoomState) -> Iterator[tuple[Poll, Question]]:
    current = room.state.current
    if current is None or not at_own_pace(room):
        return
    for place in room.order:
        poll = room.state.poll(room.state.latest_round(place.set.set, place.question.id, place.first_round))
        if place.set.set == current.set and poll.state is State.OPEN:
            yield poll, place.question
