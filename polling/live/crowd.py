"""How many phones are connected in an event, whatever rooms they are in. In memory only."""

from __future__ import annotations

from collections.abc import Callable


class Crowd:
    """The different phones that have a socket open somewhere in an event: tabs and rooms count as one."""

    def __init__(self) -> None:
        self.on_change: Callable[[], None] = lambda: None
        self._sockets: dict[bytes, int] = {}

    def __len__(self) -> int:
        return len(self._sockets)

    def sockets_of(self, phone: bytes) -> int:
        """How many sockets one phone has open."""
        return self._sockets.get(phone, 0)

    def join(self, phone: bytes) -> None:
        """A phone opened a socket."""
        self._sockets[phone] = self._sockets.get(phone, 0) + 1
        if self._sockets[phone] == 1:
            self.on_change()

    def leave(self, phone: bytes) -> None:
        """A phone's socket is closed."""
        left = self._sockets.pop(phone) - 1
        if left:
            self._sockets[phone] = left
        else:
            self.on_change()
