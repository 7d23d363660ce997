"""What a sheet or a card leads to."""

from __future__ import annotations

from dataclasses import dataclass

from polling.core.event import SessionPlan


@dataclass(frozen=True)
class Door:
    """A way in: to a session, or to the event as a whole (`session` None). The staff's links are there only where
    sheets for staff are wanted."""

    session: SessionPlan | None
    code: str
    join_url: str
    moderator: str = ""
    presenter: str = ""
