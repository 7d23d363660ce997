"""The gate: what may be shown of a poll, and that nothing else makes a published result."""

from __future__ import annotations

import ast
import dataclasses
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polling.core.results.withholding import SMALL_ROOM, SMALL_STEP, Published, Standing, step_for, withhold
from polling.core.tally import Tally

POLLING = Path(__file__).parents[2] / "polling"

tallies = st.builds(Tally, st.integers(0, 40), st.dictionaries(st.sampled_from("abc"), st.integers(1, 40), max_size=3))
standings = st.builds(Standing, tallies, tallies)
groups = st.integers(1, 20)


@given(standing=standings, is_open=st.booleans(), smallest_group=groups)
def test_nothing_below_the_smallest_group_is_shown_but_the_running_count(
    standing: Standing, is_open: bool, smallest_group: int
) -> None:
    published = withhold(standing, is_open=is_open, smallest_group=smallest_group)
    tally = standing.shown if is_open else standing.now
    if tally.respondents < smallest_group:
        assert (published.cells, published.base, published.withheld) == (None, 0, True)
    else:
        assert (published.cells, published.base, published.withheld) == (tally.cells, tally.respondents, False)
    assert published.respondents == standing.now.respondents


@given(standing=standings, smallest_group=groups)
def test_a_closed_poll_is_exact_whatever_its_bars_showed_before(standing: Standing, smallest_group: int) -> None:
    published = withhold(standing, is_open=False, smallest_group=smallest_group)
    assert published == withhold(Standing(standing.now), is_open=False, smallest_group=smallest_group)
    if standing.now.respondents >= smallest_group:
        assert (published.cells, published.base) == (standing.now.cells, standing.now.respondents)


@given(now=tallies, other=tallies, shown=tallies, smallest_group=groups)
def test_between_two_steps_an_open_poll_tells_no_more_than_how_many_answered(
    now: Tally, other: Tally, shown: Tally, smallest_group: int
) -> None:
    one = withhold(Standing(now, shown), is_open=True, smallest_group=smallest_group)
    two = withhold(Standing(other, shown), is_open=True, smallest_group=smallest_group)
    assert (one.cells, one.base, one.withheld) == (two.cells, two.base, two.withheld)


def test_a_poll_without_answers_is_withheld_and_not_empty_bars() -> None:
    assert withhold(Standing(), is_open=False, smallest_group=1).cells is None


@pytest.mark.parametrize(
    ("present", "smallest_group", "step"),
    [
        (0, 5, SMALL_STEP),
        (SMALL_ROOM - 1, 5, SMALL_STEP),
        (SMALL_ROOM, 5, 1),
        (500, 5, 1),
        (SMALL_ROOM - 1, 2, SMALL_STEP),
        (0, 1, 1),
        (SMALL_ROOM - 1, 1, 1),
    ],
)
def test_bars_move_by_steps_in_a_small_room_unless_it_is_among_friends(
    present: int, smallest_group: int, step: int
) -> None:
    assert step_for(present, smallest_group) == step


def test_a_small_room_is_fewer_than_20_and_a_step_is_3() -> None:
    assert (SMALL_ROOM, SMALL_STEP) == (20, 3)


def test_nobody_but_the_gate_makes_a_published_result() -> None:
    for gate in (None, object(), True):
        with pytest.raises(TypeError, match=r"made by withhold\(\) only"):
            Published(respondents=9, cells={"a": 9}, base=9, withheld=False, held=False, gate=gate)


def test_a_published_result_cannot_be_turned_into_another() -> None:
    published = withhold(Standing(Tally(9, {"a": 9})), is_open=False, smallest_group=10)
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(published, "cells", {"a": 9})  # noqa: B010 (a type checker refuses it in plain writing)
    another: dict[str, Any] = {"cells": {"a": 9}}
    with pytest.raises(ValueError, match="gate"):
        dataclasses.replace(published, **another)
    assert not hasattr(published, "gate")


def test_the_gate_s_key_is_named_in_its_own_module_only() -> None:
    named = [path.name for path in POLLING.rglob("*.py") if "_GATE" in path.read_text(encoding="utf-8")]
    assert named == ["withholding.py"]


def test_screens_and_exports_take_no_raw_tally() -> None:
    """Whatever a type summarises or an export writes has come through the gate: they name no `Tally` at all."""
    for path in [*(POLLING / "export").glob("*.py"), *(POLLING / "core" / "questions").glob("*.py")]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        assert not names & {"Tally", "Standing", "tally_of"}, path
