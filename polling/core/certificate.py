"""What is left of contacts once their day is past: that they were erased, and how many."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Certificate:
    """What was erased of an event on a day, or would be: contacts, and ideas that can't be signed any more."""

    event: str
    day: date
    contacts: int
    ideas: int

    def __bool__(self) -> bool:
        return bool(self.contacts or self.ideas)
