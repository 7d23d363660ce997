"""How people take part: they dawdle, come late, lose their connection, leave, change their mind. The same seed gives
the same people."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

_NORMAL = NormalDist()


class Loss(StrEnum):
    """What becomes of a connection in the middle of a question."""

    NONE = "none"
    AWAY = "away"  # lost before the answer was sent; back a while later
    CUT = "cut"  # lost just after it was sent, so that the phone sends it again
    LEFT = "left"  # gone for good, without an answer
    LEFT_AFTER = "left after"  # gone for good, once the answer was counted


@dataclass(frozen=True)
class Manners:
    """Shares are of all people: those who come into a session `late`; at each question those who lose their connection
    (`lost`), who change their mind (`unsure`), and who leave for good (`leaving`). Seconds are lognormal: most are near
    `think`, a few take several times as long. `speed`: so many times as fast as people."""

    seed: int = 1
    late: float = 0.10
    lost: float = 0.10
    leaving: float = 0.01
    unsure: float = 0.10
    think: float = 8.0
    spread: float = 0.6
    speed: float = 1.0

    def seconds_to_think(self, robot: int, poll: str) -> float:
        """Until it answers."""
        return self._seconds(self.think, robot, f"thinks about {poll}")

    def seconds_to_doubt(self, robot: int, poll: str) -> float | None:
        """From its first answer until it changes it; None: it doesn't."""
        if self._chance(robot, f"doubts {poll}") >= self.unsure:
            return None
        return self._seconds(self.think / 2, robot, f"doubts long {poll}")

    def seconds_late(self, robot: int, session: str) -> float:
        """After the session's first question; 0: in time."""
        if self._chance(robot, f"comes to {session}") >= self.late:
            return 0.0
        return self._seconds(self.think * 3, robot, f"is late for {session}")

    def seconds_away(self, robot: int, poll: str) -> float:
        """Until it is back after a loss."""
        return self._seconds(self.think / 2, robot, f"is away in {poll}")

    def loss(self, robot: int, poll: str) -> Loss:
        """What becomes of its connection in this poll."""
        if self._chance(robot, f"leaves in {poll}") < self.leaving:
            return (Loss.LEFT, Loss.LEFT_AFTER)[self._chance(robot, f"leaves how {poll}") < 0.5]
        if self._chance(robot, f"loses {poll}") < self.lost:
            return (Loss.AWAY, Loss.CUT)[self._chance(robot, f"loses how {poll}") < 0.5]
        return Loss.NONE

    def patience(self, timer: float | None) -> float:
        """How long a moderator waits for the last ones: the question's timer, else until nearly everybody is done."""
        return (timer if timer is not None else self._at(0.98, self.think)) / self.speed

    def _seconds(self, median: float, robot: int, about: str) -> float:
        return self._at(self._chance(robot, about), median) / self.speed

    def _at(self, share: float, median: float) -> float:
        """The seconds within which this share of people is done."""
        return median * math.exp(self.spread * _NORMAL.inv_cdf(min(max(share, 0.001), 0.999)))

    def _chance(self, robot: int, about: str) -> float:
        """From 0 to 1, always the same for this seed, robot and matter."""
        digest = hashlib.sha256(f"{self.seed}/{robot}/{about}".encode()).digest()
        return int.from_bytes(digest[:8], "big") / 2**64
