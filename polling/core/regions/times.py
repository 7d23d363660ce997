"""How much time a session has used, against what was planned. Nothing here is the time now: what runs says since when,
and pages count on from there, so that a region changes only when somebody did something."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from polling.core.event import SessionPlan
from polling.core.poll import Poll, State
from polling.core.punctuality import NEAR
from polling.core.regions.room import RoomState, latest_round


@dataclass(frozen=True)
class Used:
    """Time that something took, talk included: `seconds` until now, and what runs `since` then, by the server's own
    clock; None: nothing runs."""

    seconds: int
    since: float | None

    @classmethod
    def together(cls, parts: Iterable[Used]) -> Used | None:
        """All parts as one; None where there is none. At most one of them runs."""
        known = list(parts)
        if not known:
            return None
        return cls(sum(part.seconds for part in known), next((p.since for p in known if p.since is not None), None))


@dataclass(frozen=True)
class Course:
    """Where a session is in its plan. It is ahead before the `earliest` second after `since`, and behind after the
    `latest`. `until` is when it was done; None: it goes on."""

    since: float  # by the server's own clock
    earliest: int
    latest: int
    until: float | None


def plan_begins(session: SessionPlan, day: date | None, moment: datetime, *, begun: bool) -> datetime | None:
    """When the plan counts from, as the organiser's board has it (core/punctuality.py): from when the session should
    start on the event's day, or where it began near to that; None: from its first opening on. `moment`: that opening,
    else now; in the event's own time."""
    if session.starts is None:
        return None
    planned = moment.replace(hour=session.starts.hour, minute=session.starts.minute, second=0, microsecond=0)
    near = begun and abs((planned - moment).total_seconds()) <= 60 * NEAR
    return planned if near or moment.date() == day else None


def used_times(room: RoomState) -> Mapping[tuple[str, str], Used]:
    """(set, question) → its time, of all that was opened: from its opening until another one is opened. The last one
    runs, unless nothing is left to open."""
    opened = _opened(room)
    times: dict[tuple[str, str], Used] = {}
    for poll, next_poll in pairwise([*opened, None]):
        if poll is None or poll.opened is None:
            continue
        ends = next_poll.opened if next_poll is not None else _until(room)
        part = Used(0, _own(room, poll.opened)) if ends is None else Used(max(0, round(ends - poll.opened)), None)
        before = times.get(poll.key[:2])
        times[poll.key[:2]] = Used(part.seconds + (before.seconds if before else 0), part.since)
    return times


def course_of(room: RoomState) -> Course | None:
    """How the session stands against its plan."""
    opened, here = _opened(room), room.state.current
    begun = room.begins if room.begins is not None else _own(room, opened[0].opened or 0.0) if opened else None
    if begun is None or not any(place.question.minutes for place in room.order):
        return None
    if here is None:
        return Course(begun, 0, 0, None)
    at, slots = 0.0, []
    together = {key[:2] for key, poll in room.state.polls.items() if poll.state is State.OPEN} or {here[:2]}
    for place in room.order:
        after = at + 60 * (place.question.minutes or 0)
        if (place.set.set, place.question.id) in together:
            slots.append((at, after))
        at = after
    if not slots:  # at a question that was taken out of the order
        return None
    until = _until(room)
    return Course(begun, round(slots[0][0]), round(slots[-1][1]), None if until is None else _own(room, until))


def _opened(room: RoomState) -> list[Poll]:
    """In the order of their opening, which is the running order's where several were opened together."""
    places = {(place.set.set, place.question.id): number for number, place in enumerate(room.order)}
    polls = [poll for poll in room.state.polls.values() if poll.opened is not None]
    return sorted(polls, key=lambda poll: (poll.opened, places.get(poll.key[:2], 0)))


def _until(room: RoomState) -> float | None:
    """When the session was done; None as long as there is something left to open or to close."""
    latest = [room.state.poll(latest_round(room, place)) for place in room.order]
    closings = [poll.closed for poll in latest if poll.closed is not None]
    return max(closings) if len(closings) == len(latest) else None


def _own(room: RoomState, moment: float) -> float:
    """A moment since 1970 by the server's own clock, as timers have it."""
    return round(moment + room.zero, 1)
