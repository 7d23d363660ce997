"""When a timer is over, by the server's own monotonic clock."""

from __future__ import annotations

import time
from collections.abc import Callable

from polling.core.poll import Poll, PollKey


class Countdown:
    """A room's timer. The wall clock is asked once, when the timer is seen for the first time: so one that was started
    before a restart goes on where it was. From then on only the monotonic clock counts, and no jump of the other one
    ends a timer or prolongs it."""

    def __init__(self, wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._seen: tuple[PollKey, float] | None = None
        self._begun = 0.0

    def ends(self, poll: Poll | None) -> float | None:
        """When the poll's timer is over, the same each time as long as nobody extends it; None: it has none."""
        if poll is None or poll.timer is None:
            self._seen = None
            return None
        timer = poll.timer
        if self._seen != (poll.key, timer.started):
            gone = min(max(self._wall() - timer.started, 0), timer.seconds)
            self._seen, self._begun = (poll.key, timer.started), self._monotonic() - gone
        return round(self._begun + timer.seconds, 1)
