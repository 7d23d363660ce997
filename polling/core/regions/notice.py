"""What the organiser announces, on each kind of page."""

from __future__ import annotations

from dataclasses import dataclass

from polling.core.event_state import Audience, EventState
from polling.core.regions.lobby import LobbyState
from polling.core.regions.room import RoomState


@dataclass(frozen=True)
class NoticeView:
    """What the organiser announces to the pages of a kind. `number` tells a new message from one that was seen; 0:
    there is none."""

    number: int
    text: str


def notice_of(whole: EventState, audience: Audience) -> NoticeView:
    """The message that stands for these pages."""
    told = whole.messages.get(audience)
    return NoticeView(told.number, told.text) if told else NoticeView(0, "")


def phones_notice(room: RoomState | LobbyState) -> NoticeView:
    """The message on phones."""
    return notice_of(room.whole, Audience.PHONES)


def screens_notice(room: RoomState | LobbyState) -> NoticeView:
    """The message on big screens."""
    return notice_of(room.whole, Audience.SCREENS)


def moderators_notice(room: RoomState) -> NoticeView:
    """The message on moderators' pages."""
    return notice_of(room.whole, Audience.MODERATORS)
