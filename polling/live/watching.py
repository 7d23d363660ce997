"""The files of the events that are served, looked at while they run: an edit is seen within seconds, and changes
nothing until an organiser takes it in."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from polling.core.event import Event
from polling.core.files.loading import LoadingFailed, Problem, load_event
from polling.live.chores import again_and_again

PAUSE = 2.0
"""Seconds between two looks."""
MOST_FILES = 500
"""In one folder; what is beyond that is no event."""

Signature = tuple[tuple[str, int, int, int], ...]
"""Of each file its name, when it was changed, its size, and which one it is."""


@dataclass(frozen=True)
class Found:
    """What an event's files say. `event` None: they can't be used as they are, and `problems` says why and where."""

    event: Event | None
    problems: tuple[Problem, ...] = ()


class Edits:
    """What the files say now, as last looked at. A file is read only when it was changed, and off the event loop."""

    def __init__(self, folder: Path, as_served: Callable[[Event], Event] = lambda event: event) -> None:
        self._folder = folder
        self._as_served = as_served
        self._found: dict[str, tuple[Signature, Found]] = {}
        self._taken: dict[str, str] = {}

    def taken_in(self, event_id: str, file_hash: str) -> None:
        """The files with this hash are in force."""
        self._taken[event_id] = file_hash

    def is_news(self, event_id: str) -> bool:
        """Whether the files say something that nobody has taken in, or nothing that can be read."""
        found = self.of(event_id)
        return found is not None and (found.event is None or found.event.content_hash != self._taken.get(event_id))

    def of(self, event_id: str) -> Found | None:
        """What an event's files said at the last look; None before the first."""
        seen = self._found.get(event_id)
        return None if seen is None else seen[1]

    def told(self, event_id: str) -> tuple[bool, int]:
        """As `is_news`, and how many mistakes the files have."""
        found = self.of(event_id)
        return self.is_news(event_id), len(found.problems) if found else 0

    async def run(self, events: Callable[[], Iterable[str]]) -> None:
        """Looks again and again, until cancelled."""

        async def look() -> None:
            for event_id in list(events()):
                await self.look(event_id)

        await again_and_again(look, PAUSE, "looking at the files")

    async def look(self, event_id: str) -> Found:
        """What an event's files say now."""
        self._found[event_id] = seen = await asyncio.to_thread(self._look, event_id, self._found.get(event_id))
        return seen[1]

    def _look(self, event_id: str, before: tuple[Signature, Found] | None) -> tuple[Signature, Found]:
        folder = self._folder / event_id
        signature = _signature(folder)  # before reading: what is written meanwhile is seen at the next look
        if before is not None and before[0] == signature:
            return before
        try:
            return signature, Found(self._as_served(load_event(folder)))
        except LoadingFailed as failed:
            return signature, Found(None, _short(failed.problems, self._folder))


def _signature(folder: Path) -> Signature:
    try:
        with os.scandir(folder) as inside:
            found = [(entry.name, entry.stat()) for entry in islice(inside, MOST_FILES) if entry.is_file()]
    except OSError:
        return ()
    return tuple(sorted((name, facts.st_mtime_ns, facts.st_size, facts.st_ino) for name, facts in found))


def _short(problems: Sequence[Problem], folder: Path) -> tuple[Problem, ...]:
    """The same, with files named from where the events are: no path of the server's on a page."""
    return tuple(Problem(os.path.relpath(each.file, folder), each.line, each.column, each.message) for each in problems)
