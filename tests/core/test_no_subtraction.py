"""What is withheld can't be worked out from what is shown (P11, P14): a solver tries all possible answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from subtraction_solver import (
    ANY_OF_TWO,
    ONE_OF_THREE,
    ONE_OF_TWO,
    Kinds,
    World,
    determined,
    hidden_cells,
    of_one_value,
    published,
    swaps,
    tally,
    worlds_of_the_same_size,
    worlds_with_the_same_whole,
)

from polling.core.event import Event
from polling.core.poll import PollKey
from polling.core.results.books import Books
from polling.core.results.outcomes import outcome
from polling.core.results.segments import SMALL_SEGMENT, apart, least_segment
from polling.core.results.withholding import OTHERS, withhold_segments
from polling.core.tally import Tally
from polling.export.csv_files import csv_files

SMALLEST_GROUP = 5


def _choice(id: str, options: Sequence[str], **more: object) -> dict[str, object]:
    return {"id": id, "type": "choice", "title": id, "options": [{"id": each, "text": each} for each in options]} | more


EVENT = Event.model_validate(
    {
        "event": "day",
        "title": "A day",
        "privacy": {"smallest_group": SMALLEST_GROUP},
        "sessions": [{"id": f"room{n}", "kind": "break-out", "title": "Room", "sets": ["one"]} for n in range(4)],
        "sets": [
            {
                "set": "one",
                "title": "One",
                "questions": [
                    _choice("who", ["s0", "s1", "s2"], segment=True),
                    _choice("what", ["a", "b", "c"], by="who"),
                ],
            }
        ],
    }
)


def gate(whole: Tally, labels: Mapping[str, Tally]) -> dict[str, Tally]:
    """What an export has of a divided result."""
    shown = withhold_segments(whole, labels, smallest_group=SMALLEST_GROUP)
    return {label: Tally(part.base, part.cells or {}) for label, part in shown.items() if label != OTHERS}


def four_is_enough(whole: Tally, labels: Mapping[str, Tally]) -> dict[str, Tally]:
    """The same rule with a small threshold, so that every way to answer can be tried."""
    return {label: labels[label] for label in apart(whole, labels, 4)}


def only_the_small_ones(whole: Tally, labels: Mapping[str, Tally]) -> dict[str, Tally]:
    """What must not be done: it leaves out small segments, and nothing else."""
    return {label: tally for label, tally in labels.items() if tally.respondents >= SMALL_SEGMENT}


@st.composite
def worlds(draw: st.DrawFn, largest: int, segments: int | None = None) -> tuple[World, Kinds]:
    """Some segments, small and large, often of one mind, and those who have none."""
    kinds = draw(st.sampled_from([ONE_OF_TWO, ONE_OF_THREE, ANY_OF_TWO]))
    parts = []
    for _ in range(segments or draw(st.integers(2, 4))):
        size = draw(st.integers(0, largest))
        cuts = sorted(draw(st.lists(st.integers(0, size), min_size=len(kinds) - 1, max_size=len(kinds) - 1)))
        if draw(st.booleans()):
            cuts = [0 if cut * 2 < size else size for cut in cuts]
        parts.append(tuple(high - low for low, high in zip([0, *cuts], [*cuts, size], strict=True)))
    return tuple(parts), kinds


@pytest.mark.promise("P11")
@given(worlds(largest=16))
@settings(max_examples=300, deadline=None)
def test_every_cell_that_is_left_out_could_have_another_value(drawn: tuple[World, Kinds]) -> None:
    world, kinds = drawn
    assert list(determined(world, kinds, gate)) == []


@pytest.mark.promise("P11")
@given(worlds(largest=7))
@settings(max_examples=600, deadline=None)
def test_nor_does_it_tell_anything_that_a_table_is_left_out(drawn: tuple[World, Kinds]) -> None:
    world, kinds = drawn
    assert list(determined(world, kinds, four_is_enough)) == []


@pytest.mark.promise("P11")
@given(st.lists(worlds(largest=12, segments=3), min_size=2, max_size=4), st.sampled_from([ONE_OF_TWO, ONE_OF_THREE]))
@settings(max_examples=150, deadline=None)
def test_from_all_files_of_an_event_together_no_hidden_cell_of_any_room_follows(
    drawn: list[tuple[World, Kinds]], kinds: Kinds
) -> None:
    """Rooms × segments: withheld rooms and segments, given the results, the roll-up and the tables of all rooms."""
    rooms = [
        tuple(part[: len(kinds)] if len(part) >= len(kinds) else (*part, 0) for part in world) for world, _ in drawn
    ]
    files = exported(rooms, kinds)
    for number, world in enumerate(rooms):
        whole, shown = published(world, kinds, gate)

        def looks_alike(other: World, number: int = number) -> bool:
            return exported([*rooms[:number], other, *rooms[number + 1 :]], kinds) == files

        if whole.respondents < SMALLEST_GROUP:
            hidden = {(s, cell) for s, part in enumerate(world) if sum(part) for cell in "ab"}
            others: Iterator[World] = worlds_of_the_same_size(world)
        else:
            hidden = hidden_cells(world, whole, shown)
            others = chain(swaps(world), worlds_with_the_same_whole(world))
        assert of_one_value(world, hidden, others, kinds, looks_alike) == set()


def exported(rooms: Sequence[World], kinds: Kinds) -> Mapping[str, bytes]:
    """Every file of the event, all polls sealed."""
    outcomes = []
    for number, world in enumerate(rooms):
        whole, _ = published(world, kinds, gate)
        labels = {f"s{s}": tally(part, kinds) for s, part in enumerate(world[:-1])}
        outcomes.append(outcome(EVENT, f"room{number}", PollKey("one", "what"), whole, (), labels))
    return csv_files(Books(EVENT, outcomes))


def test_the_solver_finds_what_subtraction_gives_where_only_small_segments_are_left_out() -> None:
    one_small: World = ((10, 5), (1, 2), (0, 0))
    assert list(determined(one_small, ONE_OF_TWO, only_the_small_ones)) == [(1, "a"), (1, "b")]
    of_one_mind: World = ((10, 5), (3, 0), (4, 0), (0, 0))
    assert {s for s, _ in determined(of_one_mind, ONE_OF_TWO, only_the_small_ones)} == {1, 2}


@pytest.mark.promise("P14")
@given(worlds(largest=30), st.sampled_from([2, 5, 10, 15]))
def test_no_segment_stands_apart_that_is_small_and_what_is_left_is_not_small_either(
    drawn: tuple[World, Kinds], smallest_group: int
) -> None:
    world, kinds = drawn
    labels = {f"s{number}": tally(part, kinds) for number, part in enumerate(world[:-1])}
    whole, _ = published(world, kinds, gate)
    shown = withhold_segments(whole, labels, smallest_group=smallest_group)
    assert all(part.respondents >= max(10, smallest_group) for part in shown.values())
    if shown:
        assert sum(part.respondents for part in shown.values()) == whole.respondents
    kept = {label: labels[label] for label in shown if label != OTHERS}
    assert withhold_segments(whole, kept, smallest_group=smallest_group) == shown  # as it is after the seal


def test_with_one_small_segment_the_next_by_size_is_left_out_too() -> None:
    labels = {
        "large": Tally(40, {"a": 20, "b": 20}),
        "next": Tally(12, {"a": 7, "b": 5}),
        "small": Tally(6, {"a": 2, "b": 4}),
    }
    whole = sum(labels.values(), Tally())
    assert apart(whole, labels, 10) == {"large"}
    shown = withhold_segments(whole, labels, smallest_group=5)
    assert {label: (part.base, part.cells) for label, part in shown.items()} == {
        "large": (40, {"a": 20, "b": 20}),
        OTHERS: (18, {"a": 9, "b": 9}),
    }


def test_a_few_without_a_label_are_a_small_group_too() -> None:
    labels = {"one": Tally(40, {"a": 20, "b": 20}), "two": Tally(20, {"a": 10, "b": 10})}
    whole = sum(labels.values(), Tally(2, {"a": 1, "b": 1}))
    assert apart(whole, labels, 10) == {"one"}


def test_where_those_who_are_left_are_of_one_mind_the_table_is_left_out_whole() -> None:
    labels = {"one": Tally(40, {"a": 20, "b": 20}), "two": Tally(7, {"a": 7}), "three": Tally(8, {"a": 8})}
    assert apart(sum(labels.values(), Tally()), labels, 10) == frozenset()


def test_among_friends_every_segment_stands_apart() -> None:
    labels = {"one": Tally(1, {"a": 1}), "two": Tally(2, {"b": 2})}
    assert least_segment(1) == 1
    shown = withhold_segments(sum(labels.values(), Tally()), labels, smallest_group=1)
    assert {label: part.respondents for label, part in shown.items()} == {"one": 1, "two": 2}
