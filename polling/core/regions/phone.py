"""What the phones of a room show."""

from __future__ import annotations

from dataclasses import dataclass

from polling.core.poll import PollKey
from polling.core.questions.base import Question, Summary
from polling.core.regions.room import RoomState, Stage, stage_of


@dataclass(frozen=True)
class PhoneView:
    """The participant's page: one question at a time. A `chart` only when closed and revealed."""

    stage: Stage
    position: int
    total: int
    poll: PollKey | None
    question: Question | None
    chart: Summary | None


def phone_view(room: RoomState) -> PhoneView:
    """What every phone in the room shows."""
    stage = stage_of(room)
    told = stage in (Stage.QUESTION, Stage.INFO, Stage.RESULT)
    question = room.question
    chart = question.summarise(room.published) if question and stage is Stage.RESULT else None
    return PhoneView(stage, room.position, len(room.order), room.state.current, question if told else None, chart)
