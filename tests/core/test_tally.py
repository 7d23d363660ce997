"""A tally is addition, and nothing but."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from polling.core.tally import Cells, Tally, add, negative, tally_of

cells = st.dictionaries(st.sampled_from("abcd"), st.integers(1, 4), max_size=4)
ballots = st.lists(cells, max_size=20)


@given(left=ballots, right=ballots, third=ballots)
def test_tallies_add_up_in_any_order_and_grouping(left: list[Cells], right: list[Cells], third: list[Cells]) -> None:
    a, b, c = tally_of(left), tally_of(right), tally_of(third)
    assert a + b == b + a == tally_of(left + right)
    assert (a + b) + c == a + (b + c)
    assert a + Tally() == a


@given(cast=ballots, new=cells, data=st.data())
def test_a_changed_vote_is_the_old_one_out_and_the_new_one_in(
    cast: list[Cells], new: Cells, data: st.DataObject
) -> None:
    cast = [*cast, data.draw(cells)]
    place = data.draw(st.integers(0, len(cast) - 1))
    changed = [*cast[:place], new, *cast[place + 1 :]]
    assert tally_of(cast).changed(cast[place], new) == tally_of(changed)


@given(cast=ballots, new=cells)
def test_one_more_ballot_is_one_more_respondent(cast: list[Cells], new: Cells) -> None:
    assert tally_of(cast).plus(new) == tally_of([*cast, new])
    assert tally_of(cast).plus(new).respondents == len(cast) + 1


@given(left=cells)
def test_what_comes_to_nothing_is_not_there(left: Cells) -> None:
    assert add(left, negative(left)) == {}
    assert add(left, {}) == left


def test_a_ballot_without_cells_is_a_respondent_all_the_same() -> None:
    assert tally_of([{}, {"a": 1}]) == Tally(2, {"a": 1})
