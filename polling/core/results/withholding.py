"""The one gate for privacy: `withhold` is the only maker of `Published`, and screens and exports take nothing else."""

from __future__ import annotations

from dataclasses import InitVar, dataclass
from typing import final

from polling.core.tally import Cells, Tally

SMALL_ROOM = 20
"""With fewer present than this, single taps could be told apart while a poll is open."""
SMALL_STEP = 3
"""So there bars move by this many answers at least."""

_GATE = object()


@dataclass(frozen=True)
class Standing:
    """A poll's tally as stored: `now`, exact; and `shown`, as it stood at the last step of the bars.

    The store keeps `shown` in the same transaction as `now` (see `step_for`), so that a restart, a second
    screen or a second process can't show a smaller step.
    """

    now: Tally = Tally()
    shown: Tally = Tally()


@final
@dataclass(frozen=True)
class Published:
    """A result that may be shown. Made by `withhold` only: the constructor refuses anyone else."""

    respondents: int  # the running count
    cells: Cells | None  # None: nothing of it may be shown (yet)
    base: int  # the respondents that `cells` add up from: the base of its percentages
    withheld: bool
    gate: InitVar[object]

    def __post_init__(self, gate: object) -> None:
        if gate is not _GATE:
            raise TypeError("a Published result is made by withhold() only")


def step_for(present: int, smallest_group: int) -> int:
    """By how many answers the bars of an open poll move; fixed when the poll opens, from who is present then."""
    return SMALL_STEP if present < SMALL_ROOM and smallest_group > 1 else 1


def withhold(standing: Standing, *, is_open: bool, smallest_group: int) -> Published:
    """What may be shown of a poll: nothing below `smallest_group` respondents; the last step while it is open,
    the exact tally once it is closed. The count itself always runs."""
    tally = standing.shown if is_open else standing.now
    enough = tally.respondents >= smallest_group
    return Published(
        respondents=standing.now.respondents,
        cells=tally.cells if enough else None,
        base=tally.respondents if enough else 0,
        withheld=not enough,
        gate=_GATE,
    )
