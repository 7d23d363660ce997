"""Rooms added up: what a question came to over all rooms that were asked it. Addition of published results and nothing
else, so that it can't tell more than they do: a withheld room is not in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from polling.core.poll import PollKey
from polling.core.questions.base import Question
from polling.core.results.outcomes import Outcome
from polling.core.tally import Cells, add


@dataclass(frozen=True)
class RolledUp:
    """A question over its rooms. Without a room that may be shown there is no number, as if nobody had answered."""

    set: str
    question: Question
    cells: Cells
    base: int  # respondents of these rooms
    rooms: int  # how many rooms are in it
    since: int = 1  # the first round in these words


def roll_up(outcomes: Iterable[Outcome]) -> list[RolledUp]:
    """Each question once, in the order in which they come: the sum over rooms, of each its latest round. Asked again
    in other words it is another question."""
    latest: dict[PollKey, dict[str, Outcome]] = {}
    for outcome in outcomes:
        rooms = latest.setdefault(outcome.key._replace(round=outcome.since), {})
        before = rooms.get(outcome.session.id)
        if before is None or before.key.round < outcome.key.round:
            rooms[outcome.session.id] = outcome
    return [_sum(asked, list(rooms.values())) for asked, rooms in latest.items()]


def _sum(asked: PollKey, rooms: list[Outcome]) -> RolledUp:
    cells: Cells = {}
    base = shown = 0
    for room in rooms:
        if room.published.cells is not None and room.published.base:
            cells = add(cells, room.published.cells)
            base, shown = base + room.published.base, shown + 1
    return RolledUp(asked.set, rooms[0].question, cells, base, shown, asked.round)
