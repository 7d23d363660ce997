"""A rehearsal dealt to robots: exact, the same each time, and everyone in one room at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from polling.core.event import Event
from polling.core.files.loading import load_event, load_rehearsal
from polling.core.rehearsal import Counts, Rehearsal
from polling.robots.plan import ImpossibleRehearsal, Plan, Put, plan

ROEM = Path(__file__).parents[2] / "questionsets" / "roem-ii"
EVENT = load_event(ROEM)
REHEARSAL = load_rehearsal(ROEM, EVENT)
BREAK_OUTS = [session.id for session in EVENT.sessions if session.kind == "break-out"]


def counts(rehearsal: Rehearsal) -> dict[Put, tuple[int, dict[str, int]]]:
    return {
        Put(session, name, question): (each.respondents, {cell: n for cell, n in each.counts.items() if n})
        for session, sets in rehearsal.sessions.items()
        for name, questions in sets.items()
        for question, each in questions.items()
    }


def expected(event: Event, dealt: Plan) -> dict[Put, tuple[int, dict[str, int]]]:
    found = {put: dealt.expected(event, put) for put in dealt.answers}
    return {put: (tally.respondents, dict(tally.cells)) for put, tally in found.items()}


def test_the_answers_add_up_to_the_file_exactly() -> None:
    assert expected(EVENT, plan(EVENT, REHEARSAL)) == counts(REHEARSAL)


def test_every_text_is_given_to_one_robot_who_chose_its_option() -> None:
    dealt = plan(EVENT, REHEARSAL)
    for session, sets in REHEARSAL.sessions.items():
        for name, questions in sets.items():
            for question, each in questions.items():
                answers = dealt.answers[Put(session, name, question)].values()
                for cell, texts in each.texts.items():
                    written = [answer.texts[cell] for answer in answers if cell in answer.texts]
                    assert sorted(written) == sorted(texts)


def test_it_is_dealt_the_same_way_each_time_but_not_to_the_same_robots() -> None:
    assert plan(EVENT, REHEARSAL) == plan(EVENT, REHEARSAL)
    dealt = plan(EVENT, REHEARSAL).answers
    first, second = (
        {robot for robot, answer in dealt[Put("plenary", "plenary", question)].items() if option in answer.picks}
        for question, option in (("organisation", "business"), ("known-through", "hotspot"))
    )
    assert len(first) == len(second) == 65
    assert first != second


def test_the_plenary_s_robots_spread_over_the_break_outs_each_in_one() -> None:
    dealt = plan(EVENT, REHEARSAL)
    assert dealt.phones == len(dealt.rooms["plenary"]) == 130
    together = [robot for room in BREAK_OUTS for robot in dealt.rooms[room]]
    assert sorted(together) == list(range(130))
    for put, answers in dealt.answers.items():
        assert set(answers) <= set(dealt.rooms[put.session])


@pytest.mark.parametrize("participants", [13, 65, 260, 1000])
def test_other_numbers_of_participants_keep_the_shares(participants: int) -> None:
    dealt = plan(EVENT, REHEARSAL, participants)
    assert dealt.phones == len(dealt.rooms["plenary"]) == participants
    tally = dealt.expected(EVENT, Put("plenary", "plenary", "organisation"))
    assert tally.respondents == participants
    assert tally.cells["business"] / participants == pytest.approx(0.5, abs=0.15)


def test_twice_as_many_participants_are_each_robot_twice() -> None:
    assert expected(EVENT, plan(EVENT, REHEARSAL, 260)) == {
        put: (2 * respondents, {cell: 2 * count for cell, count in cells.items()})
        for put, (respondents, cells) in counts(REHEARSAL).items()
    }


def test_counts_that_nobody_could_give_are_refused_by_name() -> None:
    rehearsal = Rehearsal(
        participants=3,
        sessions={"plenary": {"plenary": {"organisation": Counts(respondents=3, counts={"business": 2})}}},
    )
    with pytest.raises(ImpossibleRehearsal, match="plenary/plenary/organisation"):
        plan(EVENT, rehearsal)
