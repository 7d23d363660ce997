"""The follow-up lists that must come out of a plan, and those that the server gives."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from polling.core.event import Event
from polling.core.poll import PollKey
from polling.core.words import say
from polling.export.csv_files import inert
from polling.robots.line import TurnedAway
from polling.robots.plan import Plan, Put
from polling.robots.signing import person
from polling.robots.visit import visit

Answers = Counter[tuple[str, str]]
"""(answer, name or "") → how often it stands in a list."""


@dataclass(frozen=True)
class Compared:
    """A group's list beside what the rehearsal says. `missing` and `extra` empty: just right."""

    group: str
    lines: int
    named: int
    missing: Answers
    extra: Answers


async def compare(base: str, event: Event, plan: Plan, cookies: Mapping[str, str], *, from_new: bool) -> list[Compared]:
    """Each working group's list, by the organiser's pass. Where the event was under way already (not `from_new`),
    earlier answers stand there too, and are no difference."""
    found = []
    for group in event.working_groups:
        reply = await visit(f"{base}/w/{event.event}/{group.id}/list.csv", cookies=cookies)
        if reply.status != 200:
            raise TurnedAway(f"{base}/w/{event.event}/{group.id} answers {reply.status}")
        rows = list(csv.DictReader(io.StringIO(reply.body, newline="")))
        there = Counter((row["answer"], row["name"]) for row in rows)
        wanted = expected(event, plan, group.id)
        extra = there - wanted if from_new else Answers()
        found.append(Compared(group.id, len(rows), sum(bool(row["name"]) for row in rows), wanted - there, extra))
    return found


def expected(event: Event, plan: Plan, group: str) -> Answers:
    """What must stand in a group's list after the last robot signed and withdrew."""
    return Answers(
        (inert(answer), name)
        for put in plan.answers
        for cell, answer, name in _answers(event, plan, put)
        if any(each.id == group for each in event.groups_for(PollKey(put.set, put.question), cell))
    )


def _answers(event: Event, plan: Plan, put: Put) -> Iterator[tuple[str, str, str]]:
    """Cell, words and name of everything of a poll that a list could hold."""
    question = event.question(PollKey(put.set, put.question))
    for robot, answer in plan.answers[put].items():
        names = {
            signs.cell: person(robot).name for signs in plan.signs.get(put, {}).get(robot, ()) if not signs.withdraws
        }
        texts = question.parse(answer.picks, answer.texts).texts
        yield from ((cell, text, names.get(cell, "")) for cell, text in texts.items())
        for cell in names.keys() - texts.keys():
            yield cell, say(question.cell_name(cell), plan.language), names[cell]
