"""The answers of a pseudonymous event, respondent by respondent. An anonymous event has no such thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from polling.core.results.outcomes import Outcome
from polling.core.tally import Cells

Chosen = tuple[str, ...]
"""The cells of one answer, in their question's order; none of them where words were the answer."""


@dataclass(frozen=True)
class Respondents:
    """`rows`: for each respondent what they chose in each of `polls`; None: nothing, or it is withheld."""

    polls: tuple[Outcome, ...]
    rows: tuple[tuple[Chosen | None, ...], ...]


def side_by_side(ballots: Sequence[tuple[Outcome, Mapping[bytes, Cells]]]) -> Respondents:
    """Puts the ballots of closed polls side by side by their voter keys, which are left out. What the gate withholds of
    a poll's result it withholds of its answers; who gave no other is no row. The rows' order is the keys'."""
    columns = [cells if outcome.published.cells is not None else {} for outcome, cells in ballots]
    polls = tuple(outcome for outcome, _ in ballots)
    voters = sorted({voter for column in columns for voter in column})
    rows = (
        tuple(_chosen(poll, column.get(voter)) for poll, column in zip(polls, columns, strict=True)) for voter in voters
    )
    return Respondents(polls, tuple(rows))


def _chosen(poll: Outcome, cells: Cells | None) -> Chosen | None:
    return None if cells is None else tuple(cell for cell in poll.question.all_cells() if cells.get(cell))
