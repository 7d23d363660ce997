"""What the organiser sees of all sessions at once."""

from __future__ import annotations

from dataclasses import dataclass

from polling.core.event import SessionPlan
from polling.core.poll import State
from polling.core.questions.base import Question
from polling.core.regions.room import RoomState, Stage, stage_of


@dataclass(frozen=True)
class SessionLine:
    """A session on the organiser's page."""

    session: SessionPlan
    stage: Stage
    position: int
    total: int
    question: Question | None
    answered: int
    present: int
    done: int  # polls closed or sealed


def session_line(room: RoomState) -> SessionLine:
    """How a session stands."""
    done = sum(poll.state in (State.CLOSED, State.SEALED) for poll in room.state.polls.values())
    return SessionLine(
        room.session,
        stage_of(room),
        room.position,
        len(room.order),
        room.question,
        room.published.respondents,
        room.present,
        done,
    )
