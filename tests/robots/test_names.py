"""Which robots put a name to what, so that a rehearsal's signers come out exactly; and who they say they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from polling.core.contact import contact
from polling.core.event import ContactFields, Event
from polling.core.files.loading import load_event, load_rehearsal
from polling.core.rehearsal import Rehearsal
from polling.robots.lists import expected
from polling.robots.plan import Plan, Put, plan
from polling.robots.signing import person

EVENT = load_event(Path(__file__).parents[1] / "events" / "rehearsal-signers")
ONE, TWO = Put("room", "questions", "one"), Put("room", "questions", "two")


def dealt(participants: int | None = None, **signers: object) -> Plan:
    """A room in which 5 choose a, 4 b, two of them with words; and 3 write."""
    questions = {
        "one": {
            "respondents": 9,
            "counts": {"a": 5, "b": 4},
            "texts": {"b": ("Bread", "Butter")},
            "signers": signers.get("one", {}),
        },
        "two": {"respondents": 3, "texts": {"1": ("x", "y", "z")}, "signers": signers.get("two", {})},
    }
    content = {"participants": 12, "sessions": {"room": {"questions": questions}}}
    return plan(EVENT, Rehearsal.model_validate(content), participants)


def test_as_many_sign_now_later_and_withdraw_as_the_rehearsal_says() -> None:
    signs = dealt(two={"1": {"now": 2, "later": 1, "withdrawn": 2}}).signs[TWO]
    each = [one for own in signs.values() for one in own]
    assert sorted(one.later for one in each) == [False, False, True]
    assert {(one.later, one.withdraws) for one in each} == {(False, True), (False, False), (True, True)}


def test_only_those_sign_who_can_with_words_where_the_option_takes_words() -> None:
    made = dealt(one={"a": {"now": 2}, "b": {"now": 2}})
    for robot, own in made.signs[ONE].items():
        answer = made.answers[ONE][robot]
        for one in own:
            assert one.cell in (answer.texts if one.cell == "b" else answer.picks)


def test_the_same_rehearsal_is_dealt_the_same_each_time_and_a_sample_keeps_its_signers() -> None:
    two = {"1": {"now": 3}}
    assert dealt(two=two).signs == dealt(two=two).signs
    doubled = dealt(24, two=two)
    assert len(doubled.signs[TWO]) == len(doubled.answers[TWO]) == 6


def test_the_lists_that_must_come_out_hold_words_once_and_the_names_that_stay() -> None:
    made = dealt(one={"a": {"now": 1, "later": 1, "withdrawn": 1}}, two={"1": {"now": 1, "later": 1, "withdrawn": 1}})
    found = expected(EVENT, made, "us")
    assert sorted(answer for answer, _ in found.elements()) == ["A", "Bread", "Butter", "x", "y", "z"]
    assert sum(bool(name) for _, name in found) == 2
    assert expected(EVENT, made, "strangers") == {}


@pytest.mark.parametrize("asks", [ContactFields(), ContactFields(organisation="required", phone="required")])
def test_every_robot_is_someone_else_whom_any_event_takes(asks: ContactFields) -> None:
    people = [person(robot) for robot in range(500)]
    assert len({one.email for one in people}) == len({one.name for one in people}) == 500
    for one in people:
        assert contact(one.name, one.email, one.organisation, one.phone, asks).email.endswith("@example.org")


def test_roem_ii_has_signers_for_the_ideas_that_nobody_could_be_asked_about() -> None:
    folder = Path(__file__).parents[2] / "questionsets" / "roem-ii"
    event: Event = load_event(folder)
    made = plan(event, load_rehearsal(folder, event))
    assert {put.question for put, own in made.signs.items() if own} == {
        "use-cases",
        "talent-actions",
        "network-actions",
    }
