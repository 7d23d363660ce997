"""An exact solver: in which ways could people have answered, given all that is published of it?

It knows more than any reader: the whole result, every table that is published, how many there are in each segment, in
print or not, and the program's own rule for leaving segments out. So it also counts what the leaving out tells.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from polling.core.tally import Cells, Tally

Kinds = Sequence[Cells]
"""The different answers that one person can give: at most three, so that sums of cells tell how often each was."""
Part = tuple[int, ...]
"""How often each kind was given in a segment."""
World = tuple[Part, ...]
"""A part for each segment; the last is of those who have none."""
View = Callable[[Tally, Mapping[str, Tally]], Mapping[str, Tally]]
"""What is published of a result: label → its part."""

ONE_OF_TWO: Kinds = ({"a": 1}, {"b": 1})
ONE_OF_THREE: Kinds = ({"a": 1}, {"b": 1}, {"c": 1})
ANY_OF_TWO: Kinds = ({"a": 1}, {"b": 1}, {"a": 1, "b": 1})


def tally(part: Part, kinds: Kinds) -> Tally:
    """What a segment adds up to."""
    total = Tally()
    for cells, times in zip(kinds, part, strict=True):
        total += Tally(times, {cell: weight * times for cell, weight in cells.items() if times})
    return total


def published(world: World, kinds: Kinds, view: View) -> tuple[Tally, Mapping[str, Tally]]:
    """The whole, and what the view shows of it."""
    labels = {f"s{number}": tally(part, kinds) for number, part in enumerate(world[:-1])}
    whole = sum((tally(part, kinds) for part in world), Tally())
    return whole, view(whole, labels)


def determined(world: World, kinds: Kinds, view: View) -> Iterator[tuple[int, str]]:
    """The cells (segment, cell) that are not published and yet could have one value only. Left out are those of which
    the whole alone tells that nobody, or everybody, chose them; and a segment that everyone is in, which is the whole.
    """
    seen = whole, shown = published(world, kinds, view)
    hidden = hidden_cells(world, whole, shown)
    worlds = itertools.chain(swaps(world), worlds_with_the_same_whole(world))
    yield from sorted(of_one_value(world, hidden, worlds, kinds, lambda other: published(other, kinds, view) == seen))


def hidden_cells(world: World, whole: Tally, shown: Collection[str]) -> set[tuple[int, str]]:
    """What is not published, and what the whole alone does not tell."""
    sizes = [sum(part) for part in world]
    if sum(size > 0 for size in sizes) < 2:
        return set()
    cells = [cell for cell in sorted(whole.cells) if 0 < whole.cells[cell] < whole.respondents]
    return {(s, cell) for s in _hidden(sizes, shown) for cell in cells}


def of_one_value(
    world: World,
    hidden: set[tuple[int, str]],
    others: Iterable[World],
    kinds: Kinds,
    looks_alike: Callable[[World], bool],
) -> set[tuple[int, str]]:
    """Those of the hidden cells that are the same in every other world that looks like this one."""
    left = set(hidden)
    for other in others:
        if not left:
            break
        changed = {(s, cell) for s, cell in left if _count(other[s], kinds, cell) != _count(world[s], kinds, cell)}
        if changed and looks_alike(other):
            left -= changed
    return left


def _hidden(sizes: Sequence[int], shown: Collection[str]) -> list[int]:
    nameless = len(sizes) - 1
    hidden = [s for s in range(nameless) if sizes[s] and f"s{s}" not in shown]
    return hidden + [nameless] * (sizes[nameless] > 0 and (bool(hidden) or not shown))


def _count(part: Part, kinds: Kinds, cell: str) -> int:
    return sum(times for cells, times in zip(kinds, part, strict=True) if cell in cells)


def swaps(world: World) -> Iterator[World]:
    """The nearest worlds with the same whole: two people of different segments gave each other's answer."""
    for one, two in itertools.combinations(range(len(world)), 2):
        for mine, yours in itertools.permutations(range(len(world[0])), 2):
            if world[one][mine] and world[two][yours]:
                parts = [list(part) for part in world]
                for s, gone, come in ((one, mine, yours), (two, yours, mine)):
                    parts[s][gone] -= 1
                    parts[s][come] += 1
                yield tuple(tuple(part) for part in parts)


def worlds_with_the_same_whole(world: World) -> Iterator[World]:
    """Every world with the same whole and as many in each segment."""
    total = [sum(times) for times in zip(*world, strict=True)]
    *some, last = sorted(range(len(world)), key=lambda s: sum(world[s]))
    for parts in itertools.product(*(list(_parts(sum(world[s]), len(total))) for s in some)):
        rest = tuple(times - sum(column) for times, column in zip(total, zip(*parts, strict=True), strict=True))
        if min(rest) >= 0:
            by_segment = dict(zip(some, parts, strict=True)) | {last: rest}
            yield tuple(by_segment[s] for s in range(len(world)))


def worlds_of_the_same_size(world: World) -> Iterator[World]:
    """Every world with as many in each segment, whatever they answered."""
    yield from itertools.product(*(list(_parts(sum(part), len(part))) for part in world))


def _parts(size: int, kinds: int) -> Iterator[Part]:
    if kinds == 1:
        yield (size,)
        return
    for first in range(size + 1):
        for rest in _parts(size - first, kinds - 1):
            yield (first, *rest)
