"""Which robot answers what, so that a rehearsal's counts come out exactly. Deals the same way each time."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from polling.core.event import Event
from polling.core.questions.base import Answer, Question
from polling.core.rehearsal import Counts, Rehearsal, ballots, writers
from polling.core.tally import Tally


class Put(NamedTuple):
    """A question put to a session, whatever its round."""

    session: str
    set: str
    question: str

    def __str__(self) -> str:
        return "/".join(self)


class ImpossibleRehearsal(Exception):
    """Counts that no robots could bring about; the message names the question."""


class Signs(NamedTuple):
    """What a robot does with one of its answers: it puts a name to `cell`, and perhaps takes it back."""

    cell: str
    later: bool  # after all is over
    withdraws: bool


@dataclass(frozen=True)
class Plan:
    """Robots are numbers from 0. `rooms`: who is in which session; `answers`: what each of them answers; `signs`:
    what they put a name to."""

    phones: int
    rooms: Mapping[str, tuple[int, ...]]
    answers: Mapping[Put, Mapping[int, Answer]] = field(default_factory=dict)
    signs: Mapping[Put, Mapping[int, tuple[Signs, ...]]] = field(default_factory=dict)
    event: str = ""
    language: str = "en"  # of the robots that sign

    def expected(self, event: Event, put: Put) -> Tally:
        """The tally that must come out."""
        question = _question(event, put)
        total = Tally()
        for answer in self.answers.get(put, {}).values():
            total = total.plus(question.cells(question.parse(answer.picks, answer.texts)))
        return total

    @property
    def ballots(self) -> int:
        """How many answers will be cast in all."""
        return sum(len(answers) for answers in self.answers.values())


def plan(event: Event, rehearsal: Rehearsal, participants: int | None = None) -> Plan:
    """Deals a rehearsal to robots. With `participants` other than the file's, they are an even sample of its
    robots (fewer: some are left out; more: some stand twice), so that shares stay about the same."""
    rooms = _rooms(event, rehearsal)
    rehearsed = {
        Put(session, set_id, question): counts
        for session, sets in rehearsal.sessions.items()
        for set_id, questions in sets.items()
        for question, counts in questions.items()
    }
    answers = {put: _deal(event, put, counts, rooms[put.session]) for put, counts in rehearsed.items()}
    signs = {put: _signs(_question(event, put), counts, answers[put]) for put, counts in rehearsed.items()}
    phones = max(rehearsal.participants, 1 + max((robot for room in rooms.values() for robot in room), default=0))
    whole = Plan(phones, rooms, answers, signs, event.event, event.languages[0])
    return whole if participants is None or participants == phones else _sample(whole, participants)


def _sample(whole: Plan, size: int) -> Plan:
    stands_for = [robot * whole.phones // size for robot in range(size)]
    within = {session: set(room) for session, room in whole.rooms.items()}
    rooms = {
        session: tuple(robot for robot in range(size) if stands_for[robot] in room) for session, room in within.items()
    }
    answers = {
        put: {robot: dealt[stands_for[robot]] for robot in range(size) if stands_for[robot] in dealt}
        for put, dealt in whole.answers.items()
    }
    signs = {
        put: {robot: own[stands_for[robot]] for robot in range(size) if stands_for[robot] in own}
        for put, own in whole.signs.items()
    }
    return Plan(size, rooms, answers, signs, whole.event, whole.language)


def _rooms(event: Event, rehearsal: Rehearsal) -> dict[str, tuple[int, ...]]:
    """All robots are in the plenary; then the same ones spread over the break-outs, each room as full as its
    fullest question, those left over evenly."""
    need = {session.id: 0 for session in event.sessions}
    for session, sets in rehearsal.sessions.items():
        need[session] = max((c.respondents for questions in sets.values() for c in questions.values()), default=0)
    break_outs = [session.id for session in event.sessions if session.kind == "break-out"]
    everyone = range(max(rehearsal.participants, sum(need[room] for room in break_outs), *need.values()))
    spare = len(everyone) - sum(need[room] for room in break_outs)
    rooms: dict[str, tuple[int, ...]] = {}
    order, taken = _mixed(everyone, "rooms"), 0
    for number, room in enumerate(break_outs):
        size = need[room] + spare * (number + 1) // len(break_outs) - spare * number // len(break_outs)
        rooms[room] = tuple(sorted(order[taken : taken + size]))
        taken += size
    present = range(max(rehearsal.participants, *need.values()))
    return rooms | {session.id: tuple(present) for session in event.sessions if session.kind == "plenary"}


def _mixed(robots: Sequence[int], about: str) -> list[int]:
    """Robots in an order that differs from question to question, and is the same in each run."""
    return sorted(robots, key=lambda robot: hashlib.sha256(f"{about} {robot}".encode()).digest())


def _signs(question: Question, counts: Counts, dealt: Mapping[int, Answer]) -> dict[int, tuple[Signs, ...]]:
    """The first of those who can sign at once, the next later; of both some withdraw, from either end."""
    found: dict[int, tuple[Signs, ...]] = {}
    robots = list(dealt)
    for cell, signers in counts.signers.items():
        leaving = {turn // 2 if turn % 2 == 0 else signers.all - 1 - turn // 2 for turn in range(signers.withdrawn)}
        for number, place in enumerate(writers(question, dealt.values(), cell)[: signers.all]):
            signs = Signs(cell, number >= signers.now, number in leaving)
            found[robots[place]] = (*found.get(robots[place], ()), signs)
    return found


def _question(event: Event, put: Put) -> Question:
    for place in event.running_order(put.session):
        if (place.set.set, place.question.id) == (put.set, put.question):
            return place.question
    raise ImpossibleRehearsal(f"{put}: no such question in this session")


def _deal(event: Event, put: Put, counts: Counts, room: Sequence[int]) -> dict[int, Answer]:
    try:
        answers = ballots(_question(event, put), counts)
    except ValueError as error:
        raise ImpossibleRehearsal(f"{put}: {error}") from None
    dealt = dict(zip(_mixed(room, str(put)), answers, strict=False))
    return {robot: dealt[robot] for robot in sorted(dealt)}
