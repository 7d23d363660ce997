"""The one gate for privacy: only `withhold` and its likes here make a `Published`, and screens and exports take nothing
else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import InitVar, dataclass
from typing import final

from polling.core.results.segments import apart, least_segment, without
from polling.core.tally import Cells, Tally

SMALL_ROOM = 20
"""With fewer present than this, single taps could be told apart while a poll is open."""
SMALL_STEP = 3
"""So there bars move by this many answers at least."""

FEWEST_CHANGES = 3
"""A result that was out moves by this many answers at least."""
OTHERS = "*"
"""Those of a divided result who are in no segment that stands apart. No option has this id."""

_GATE = object()


@dataclass(frozen=True)
class Standing:
    """A poll's tally as stored: `now`, exact; and `shown`, as it stood at the last step of the bars.

    The store keeps `shown` in the same transaction as `now` (see `step_for`), so that a restart, a second
    screen or a second process can't show a smaller step. `held`: the result was out at an earlier close, and too few
    answers are new since (see `changes_for`), or the poll is open again: `shown` is still all that may be told.
    """

    now: Tally = Tally()
    shown: Tally = Tally()
    held: bool = False

    @property
    def out(self) -> Tally:
        """What a closed poll may tell."""
        return self.shown if self.held else self.now


@final
@dataclass(frozen=True)
class Published:
    """A result that may be shown. Made by `withhold` only: the constructor refuses anyone else."""

    respondents: int  # the running count
    cells: Cells | None  # None: nothing of it may be shown (yet)
    base: int  # the respondents that `cells` add up from: the base of its percentages
    withheld: bool
    held: bool  # the cells are those of an earlier close, and some answers came or changed since
    gate: InitVar[object]

    def __post_init__(self, gate: object) -> None:
        if gate is not _GATE:
            raise TypeError("a Published result is made by withhold() only")


def step_for(present: int, smallest_group: int) -> int:
    """By how many answers the bars of an open poll move; fixed when the poll opens, from who is present then."""
    return SMALL_STEP if present < SMALL_ROOM and smallest_group > 1 else 1


def changes_for(smallest_group: int) -> int:
    """How many answers have to be new or changed before a result that was out may be told anew; 0: any number."""
    return max(FEWEST_CHANGES, smallest_group) if smallest_group > 1 else 0


def withhold(standing: Standing, *, is_open: bool, smallest_group: int) -> Published:
    """What may be shown of a poll: nothing below `smallest_group` respondents; the last step while it is open,
    the exact tally once it is closed, but for one that was reopened for too few. The count itself always runs."""
    tally = standing.shown if is_open else standing.out
    enough = tally.respondents >= smallest_group
    return Published(
        respondents=standing.now.respondents,
        cells=tally.cells if enough else None,
        base=tally.respondents if enough else 0,
        withheld=not enough,
        held=standing.held and enough,
        gate=_GATE,
    )


def withhold_segments(whole: Tally, labels: Mapping[str, Tally], *, smallest_group: int) -> dict[str, Published]:
    """What may be shown of a sealed poll's result divided by segments: label → its part, and `OTHERS` → all others
    together. Labels that are not in it are withheld; where it is empty, all are."""
    kept = apart(whole, labels, least_segment(smallest_group))
    parts = {label: labels[label] for label in sorted(kept)}
    if parts and (rest := without(whole, kept, labels)).respondents:
        parts[OTHERS] = rest
    return {label: _exactly(part) for label, part in parts.items()}


def _exactly(part: Tally) -> Published:
    return Published(part.respondents, part.cells, part.respondents, withheld=False, held=False, gate=_GATE)
