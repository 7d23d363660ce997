"""What the phones of a room show."""

from __future__ import annotations

from dataclasses import dataclass

from polling.core.event import SessionPlan
from polling.core.finding import moved_into
from polling.core.poll import PollKey
from polling.core.questions.base import Question, Summary
from polling.core.regions.calling import Call, call_of
from polling.core.regions.own_pace import Step, steps_of
from polling.core.regions.room import RoomState, Stage, stage_of


@dataclass(frozen=True)
class PhoneView:
    """The participant's page: one question at a time. A `chart` only when closed and revealed."""

    stage: Stage
    position: int
    total: int
    poll: PollKey | None
    again: bool  # asked here before
    question: Question | None
    chart: Summary | None
    steps: tuple[Step, ...]  # at the participants' own pace, instead of a question
    call: Call | None
    moved_in: tuple[SessionPlan, ...]  # what was answered there isn't asked again here


def phone_view(room: RoomState) -> PhoneView:
    """What every phone in the room shows."""
    call = call_of(room.event, room.whole, room.session.id, room.codes)
    moved = tuple(room.event.session(each) for each in moved_into(room.event, room.whole, room.session.id))
    if room.whole.ended:
        return PhoneView(Stage.ENDED, 0, len(room.order), None, False, None, None, (), call, moved)
    stage = stage_of(room)
    told = stage in (Stage.QUESTION, Stage.INFO, Stage.RESULT)
    question = room.question
    chart = question.summarise(room.published) if question and stage is Stage.RESULT else None
    asked = question if told else None
    at = (stage, room.position, len(room.order), room.state.current, room.again)
    return PhoneView(*at, asked, chart, steps_of(room), call, moved)
