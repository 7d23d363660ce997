"""A rehearsal's counts come out exactly, or are told to be impossible."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import chain, combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from polling.core.errors import Refused
from polling.core.questions import AnyQuestion
from polling.core.questions.base import Question
from polling.core.rehearsal import Counts, ballots
from polling.core.tally import Cells, tally_of

ADAPTER: TypeAdapter[Question] = TypeAdapter(AnyQuestion)


def question(kind: str, shared: int, alone: int = 0, most: int | None = None) -> Question:
    options: list[dict[str, object]] = [{"id": f"o{number}", "text": "A"} for number in range(shared)]
    options += [{"id": f"x{number}", "text": "A", "exclusive": True} for number in range(alone)]
    value = {"id": "q", "type": kind, "title": "?", "options": options}
    return ADAPTER.validate_python(value if most is None else value | {"max": most})


def answers_to(asked: Question) -> Iterator[Cells]:
    """All the answers there are."""
    cells = asked.all_cells()
    for picks in chain.from_iterable(combinations(cells, size) for size in range(1, len(cells) + 1)):
        with suppress(Refused):
            yield asked.cells(asked.parse(picks, {}))


def possible(asked: Question, respondents: int) -> set[tuple[int, ...]]:
    """The counts that ballots come to, by trying them all."""
    casts = product(list(answers_to(asked)), repeat=respondents)
    tallies = [tally_of(cast).cells for cast in casts]
    return {tuple(cells.get(cell, 0) for cell in asked.all_cells()) for cells in tallies}


def dealt(asked: Question, respondents: int, numbers: tuple[int, ...]) -> list[tuple[str, ...]] | None:
    try:
        return asked.deal(respondents, dict(zip(asked.all_cells(), numbers, strict=True)))
    except ValueError:
        return None


@pytest.mark.parametrize(
    "asked",
    [question("choice", 2), question("choices", 3), question("choices", 3, most=2), question("choices", 2, alone=1)],
)
def test_counts_are_dealt_where_any_ballots_come_to_them_and_else_refused(asked: Question) -> None:
    for respondents in range(4):
        ways = possible(asked, respondents)
        for numbers in product(range(4), repeat=len(asked.all_cells())):
            picks = dealt(asked, respondents, numbers)
            assert (picks is not None) == (numbers in ways), (respondents, numbers)
            if picks is not None:
                tally = tally_of(asked.cells(asked.parse(each, {})) for each in picks)
                assert tally.respondents == respondents
                assert tuple(tally.cells.get(cell, 0) for cell in asked.all_cells()) == numbers


@given(data=st.data())
def test_what_people_could_answer_can_be_rehearsed(data: st.DataObject) -> None:
    asked = question("choices", 5, alone=2, most=3)
    shared, alone = asked.all_cells()[:5], asked.all_cells()[5:]
    answers = st.lists(st.sampled_from(shared), min_size=1, max_size=3, unique=True) | st.sampled_from(
        [[cell] for cell in alone]
    )
    cast = data.draw(st.lists(answers, max_size=60))
    tally = tally_of(asked.cells(asked.parse(picks, {})) for picks in cast)
    counts = Counts(respondents=tally.respondents, counts=dict(tally.cells))
    again = [asked.cells(asked.parse(a.picks, a.texts)) for a in ballots(asked, counts)]
    assert tally_of(again) == tally


def test_texts_go_to_those_who_chose_their_option() -> None:
    asked = ADAPTER.validate_python(
        {"id": "q", "type": "choice", "title": "?"}
        | {"options": [{"id": "a", "text": "A"}, {"id": "b", "text": "B", "other": True}]}
    )
    counts = Counts(respondents=4, counts={"a": 1, "b": 3}, texts={"b": ("One", "Two")})
    assert [(a.picks, dict(a.texts)) for a in ballots(asked, counts)] == [
        (("a",), {}),
        (("b",), {"b": "One"}),
        (("b",), {"b": "Two"}),
        (("b",), {}),
    ]


def test_texts_of_an_open_question_go_round_and_whoever_is_left_writes_the_example() -> None:
    asked = ADAPTER.validate_python({"id": "q", "type": "text", "title": "?", "max": 2})
    counts = Counts(respondents=4, texts={"1": ("One", "Two"), "2": ("Three",)})
    assert [dict(a.texts) for a in ballots(asked, counts)] == [
        {"1": "One"},
        {"1": "Two"},
        {"2": "Three"},
        asked.example()[1],
    ]
    counts = Counts(respondents=2, texts={"1": ("One", "Two"), "2": ("Three", "Four")})
    assert [dict(a.texts) for a in ballots(asked, counts)] == [{"1": "One", "2": "Three"}, {"1": "Two", "2": "Four"}]


def test_a_page_between_questions_counts_nobody() -> None:
    asked = ADAPTER.validate_python({"id": "q", "type": "info", "title": "A page"})
    with pytest.raises(ValueError, match="no options to count"):
        asked.deal(3, {"a": 3})
