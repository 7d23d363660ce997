"""A count by hand: what a moderator saw of raised hands, or counted of paper slips. Beside a poll and never in its
tally: shown and exported as what it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from polling.core.errors import Code, Refused
from polling.core.questions.base import Frozen, Question, percent_of

MOST = 100_000

Count = Annotated[int, Field(ge=0, le=MOST)]


class HandCount(Frozen):
    """`counts`: cell → how many hands or slips; `people`: how many took part, the base of the percentages."""

    way: Literal["hands", "paper"]
    people: Count
    counts: dict[str, Count]

    def count(self, cell: str) -> int:
        """How many chose this cell."""
        return self.counts.get(cell, 0)

    def percent(self, cell: str) -> int:
        """Of those who took part, whole."""
        return percent_of(self.count(cell), self.people)


def hand_count(question: Question, way: str, people: str, counts: Mapping[str, str]) -> HandCount | None:
    """A count as typed in, empty fields being 0; None where nothing was typed. Raises `Refused` where a number is none,
    or more chose an option than took part. Without a number of people it is that of all who chose."""
    cells = {cell: _number(counts.get(cell, "")) for cell in question.all_cells()}
    base = _number(people) or sum(cells.values())
    if not base:
        return None
    if not question.answerable or way not in ("hands", "paper") or max(cells.values(), default=0) > base:
        raise Refused(Code.BAD_NUMBER)
    return HandCount(way="paper" if way == "paper" else "hands", people=base, counts=cells)


def _number(typed: str) -> int:
    typed = typed.strip()
    if not typed:
        return 0
    if not (typed.isascii() and typed.isdigit() and int(typed[:9]) <= MOST and len(typed) < 9):
        raise Refused(Code.BAD_NUMBER)
    return int(typed)
