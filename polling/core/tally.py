"""A tally: the sum of ballots' cells beside the number of respondents. Everything here is addition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Cells = Mapping[str, int]
"""What one ballot adds: cell → weight. An option is a cell; a statement and a step is one."""


@dataclass(frozen=True)
class Tally:
    """Counts per cell, and the respondents that are the base of their percentages."""

    respondents: int = 0
    cells: Cells = field(default_factory=dict)

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.respondents + other.respondents, add(self.cells, other.cells))

    def plus(self, ballot: Cells) -> Tally:
        """This tally with one more ballot."""
        return Tally(self.respondents + 1, add(self.cells, ballot))

    def changed(self, old: Cells, new: Cells) -> Tally:
        """This tally after one respondent changed a vote: minus the old, plus the new."""
        return Tally(self.respondents, add(add(self.cells, negative(old)), new))


def add(left: Cells, right: Cells) -> dict[str, int]:
    """The sum per cell; cells that come to nothing are left out, so that equal sums are equal."""
    total = dict(left)
    for cell, weight in right.items():
        total[cell] = total.get(cell, 0) + weight
    return {cell: weight for cell, weight in total.items() if weight}


def negative(cells: Cells) -> dict[str, int]:
    """The same cells, to be taken away."""
    return {cell: -weight for cell, weight in cells.items()}


def tally_of(ballots: Iterable[Cells]) -> Tally:
    """Counts all ballots anew: what a recount compares with."""
    total = Tally()
    for ballot in ballots:
        total = total.plus(ballot)
    return total
