"""Which break-out each phone belongs to. In memory only: after a restart phones tell it again as they come back, by the
cookie that each keeps for itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Lock

MOST_PHONES = 20_000
"""So many phones are known for one event; beyond that the one that was heard of longest ago is forgotten."""


class Whereabouts:
    """Phone → session, for one event. A phone has one seat at most: it keeps it while its screen is locked, and gives
    it up when it joins another room."""

    def __init__(self, most: int = MOST_PHONES) -> None:
        self.on_change: Callable[[], None] = lambda: None
        self._most = most
        self._lock = Lock()
        self._sessions: dict[bytes, str] = {}  # in the order in which they were heard of
        self._taken: dict[str, int] = {}

    def of(self, phone: bytes) -> str | None:
        """The break-out that a phone belongs to."""
        with self._lock:
            return self._sessions.get(phone)

    def taken(self) -> dict[str, int]:
        """The seats that are taken, by session."""
        with self._lock:
            return dict(self._taken)

    def come(self, phone: bytes, session: str) -> None:
        """A phone is in a room, whether that is full or not: by the room's own code, or since it was there before."""
        with self._lock:
            changed = self._sessions.get(phone) != session
            self._place(phone, session)
        if changed:
            self.on_change()

    def take(self, phone: bytes, session: str, seats: int | None, together: Iterable[str] = ()) -> bool:
        """Takes a seat in a room that was chosen; False: it is full, and the phone keeps what it had. `together`: the
        sessions that sit in the same room. One look and one step, so that two can't take the last seat."""
        room = {session, *together}
        with self._lock:
            before = self._sessions.get(phone)
            others = sum(self._taken.get(each, 0) for each in room) - (before in room)
            if before not in room and seats is not None and others >= seats:
                return False
            self._place(phone, session)
        if before != session:
            self.on_change()
        return True

    def _place(self, phone: bytes, session: str) -> None:
        self._give_up(phone)
        while len(self._sessions) >= self._most:
            self._give_up(next(iter(self._sessions)))
        self._sessions[phone] = session
        self._taken[session] = self._taken.get(session, 0) + 1

    def _give_up(self, phone: bytes) -> None:
        session = self._sessions.pop(phone, None)
        if session is not None:
            self._taken[session] -= 1
            if not self._taken[session]:
                del self._taken[session]
