"""While a set is open at the participants' own pace, the database file is made to forget the order of its answers again
and again: each phone answers several polls one after the other, and their common order would put them together."""

from __future__ import annotations

from polling.core.regions.room import at_own_pace
from polling.live.chores import again_and_again
from polling.live.hall import Hall
from polling.store.settle import Settler

PAUSE = 10.0
"""Seconds of answers that a copy of the file may tell the order of. Nothing is done where none came."""


class PaceSettler:
    """Asks for a settle as long as a set is open as a whole. One task; `run` it beside the server."""

    def __init__(self, hall: Hall, settler: Settler) -> None:
        self._hall = hall
        self._settler = settler

    async def run(self, pause: float = PAUSE) -> None:
        """Looks again and again, until cancelled."""
        await again_and_again(self.look, pause, "settling while a set is open")

    async def look(self) -> bool:
        """Asks for a settle where it is due; whether it was."""
        due = any(at_own_pace(room.state) for room in self._hall.rooms)
        if due:
            self._settler.ask()
        return due
