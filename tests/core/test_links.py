"""Links as values: what can be done with one, whom a command is from, and when they end."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polling.core.errors import Code, Refused
from polling.core.event import Event
from polling.core.links import (
    LONGEST_NAME,
    MOST_LINKS,
    Link,
    LinkChange,
    LinkVerb,
    changed,
    has_ended,
    of_what,
    places,
    tidy_name,
    who,
)

pytestmark = pytest.mark.promise("S04")

QUESTIONS = ({"id": "one", "type": "choice", "title": "?", "options": [{"id": "a", "text": "A"}]},)
EVENT = Event.model_validate(
    {
        "event": "fair",
        "title": {"*": "Fair"},
        "day": "2026-11-24",
        "working_groups": [{"id": "birds", "title": {"*": "Birds"}}],
        "sessions": [{"id": "hall", "kind": "plenary", "title": {"en": "Hall", "nl": "Zaal"}, "sets": ["s"]}],
        "sets": [{"set": "s", "title": {"*": "S"}, "questions": QUESTIONS}],
    }
)


def ask(verb: LinkVerb, number: int | None = None, name: str = "") -> LinkChange:
    return LinkChange("fair", "moderator", "hall", verb, number, name)


def link(number: int = 0, name: str = "", generation: int = 1, *, revoked: bool = False) -> Link:
    return Link("fair", "moderator", "hall", number, name, generation, revoked)


def test_the_role_s_own_link_is_there_without_having_been_made() -> None:
    assert changed([], ask(LinkVerb.REVOKE, 0)) == link(revoked=True)
    assert changed([], ask(LinkVerb.REPLACE, 0)) == link(generation=2)


def test_a_replaced_link_is_in_force_again_under_a_new_generation() -> None:
    gone = link(1, "Anna", 3, revoked=True)
    assert changed([gone], ask(LinkVerb.REPLACE, 1)) == link(1, "Anna", 4)


def test_links_with_a_name_are_numbered_on_also_past_those_that_are_retired() -> None:
    assert changed([], ask(LinkVerb.ADD, name=" Anna ")) == link(1, "Anna")
    assert changed([link(1, "Anna"), link(4, "", revoked=True)], ask(LinkVerb.ADD, name="Ben")) == link(5, "Ben")


@pytest.mark.parametrize("name", ["", "  ", "x" * (LONGEST_NAME + 1), "‮", "...", "\x00"])
def test_a_name_that_tells_nobody_apart_is_refused(name: str) -> None:
    for asked in (ask(LinkVerb.ADD, name=name), ask(LinkVerb.NAME, 1, name)):
        with pytest.raises(Refused) as refused:
            changed([link(1, "Anna")], asked)
        assert refused.value.code is Code.BAD_LINK_NAME


def test_a_role_s_own_link_can_have_a_name_and_lose_it() -> None:
    named = changed([], ask(LinkVerb.NAME, 0, "Anna"))
    assert named.name == "Anna"
    assert changed([named], ask(LinkVerb.NAME, 0, " ")).name == ""


def test_a_link_that_is_not_there_and_one_too_many_are_refused() -> None:
    with pytest.raises(Refused) as refused:
        changed([], ask(LinkVerb.REVOKE, 1))
    assert refused.value.code is Code.UNKNOWN_LINK
    full = [link(number, f"A{number}") for number in range(1, MOST_LINKS + 1)]
    with pytest.raises(Refused) as refused:
        changed(full, ask(LinkVerb.ADD, name="one more"))
    assert refused.value.code is Code.TOO_MANY_LINKS


@given(typed=st.text(max_size=100))
def test_a_name_is_one_short_line_or_none(typed: str) -> None:
    try:
        name = tidy_name(typed)
    except Refused:
        return
    assert name == " ".join(name.split())
    assert 0 < len(name) <= LONGEST_NAME
    assert tidy_name(name) == name


@pytest.mark.parametrize(
    ("day", "ended"), [((2026, 11, 24), False), ((2026, 11, 25), False), ((2026, 11, 26), True), ((2027, 1, 1), True)]
)
def test_the_links_of_moderators_and_presenters_end_a_day_after_the_event(
    day: tuple[int, int, int], ended: bool
) -> None:
    assert [has_ended(role, EVENT, date(*day)) for role in ("moderator", "presenter")] == [ended] * 2
    assert not has_ended("organiser", EVENT, date(*day))
    assert not has_ended("working-group", EVENT, date(*day))
    assert not has_ended("moderator", EVENT.model_copy(update={"day": None}), date(*day))


@pytest.mark.parametrize(
    ("of", "told"),
    [
        (link(), "moderator of Hall"),
        (link(1, "Anna"), "Anna (Hall)"),
        (Link("fair", "presenter", "hall"), "screen of Hall"),
        (Link("fair", "organiser", ""), "organiser"),
        (Link("fair", "organiser", "", 1, "Ben"), "Ben (organiser)"),
        (Link("fair", "working-group", "birds"), "working group Birds"),
        (Link("fair", "moderator", "gone"), "moderator of gone"),
    ],
)
def test_whom_a_command_is_from_is_told_by_the_link(of: Link, told: str) -> None:
    assert who(EVENT, of) == told


def test_every_place_of_an_event_is_there_and_no_other() -> None:
    for role, session in places(EVENT):
        of_what(EVENT, role, session)
    for place in (("organiser", "hall"), ("moderator", "nowhere"), ("working-group", "hall"), ("moderator", "")):
        with pytest.raises(KeyError):
            of_what(EVENT, *place)
