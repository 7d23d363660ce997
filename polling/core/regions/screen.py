"""What the big screen of a room shows."""

from __future__ import annotations

from dataclasses import dataclass

from polling.core.event import SessionPlan
from polling.core.event_state import settled
from polling.core.hand_count import HandCount
from polling.core.poll import State, Verb
from polling.core.questions.base import Question, Summary
from polling.core.regions.moderator import buttons_of
from polling.core.regions.own_pace import Progress, progress_of
from polling.core.regions.room import RoomState, Stage, stage_of


@dataclass(frozen=True)
class ScreenView:
    """The big screen: the question and its bars, or how many have answered while they are hidden."""

    stage: Stage
    position: int
    total: int
    again: bool  # asked here before
    question: Question | None
    is_open: bool
    chart: Summary | None  # None: hidden
    by_hand: HandCount | None  # shown with the result
    ideas: tuple[str, ...]  # those a moderator tapped to show
    lit: int | None  # which of them is talked about, from 0
    answered: int
    present: int
    revision: int  # what a step by clicker is based on
    forward: Verb | None  # the step that a clicker takes: the moderator's filled button
    back: Verb | None  # show or hide the result, where it can be done
    progress: tuple[Progress, ...]  # while a whole set is open, instead of a question
    moved_to: SessionPlan | None  # the session that this one moved into


def screen_view(room: RoomState) -> ScreenView:
    """What the presenter's screen shows."""
    poll, question = room.state.now, room.question
    revealed = poll is not None and poll.revealed
    buttons = buttons_of(room)
    show = buttons[2]
    shown = [idea for idea in room.ideas if idea.shown] if revealed else []
    whole, here = room.whole, room.session.id
    return ScreenView(
        moved_to=room.event.session(settled(whole, here)) if here in whole.moved else None,
        stage=Stage.ENDED if whole.ended and not revealed else stage_of(room),  # a result is still talked about
        position=room.position,
        total=len(room.order),
        again=room.again,
        question=question,
        is_open=poll is not None and poll.state is State.OPEN,
        chart=question.summarise(room.published) if question and revealed else None,
        by_hand=room.by_hand if revealed or stage_of(room) is Stage.COMING else None,
        ideas=tuple(idea.text for idea in shown),
        lit=next((number for number, idea in enumerate(shown) if idea.lit), None),
        answered=room.published.respondents,
        present=room.present,
        revision=room.state.revision,
        forward=next((button.verb for button in buttons if button.main), None),
        back=show.verb if show.why is None else None,
        progress=progress_of(room),
    )


@dataclass(frozen=True)
class PeopleView:
    """The foot of the big screen: how many take part, so that coming and going moves nothing else."""

    present: int


def people_view(room: RoomState) -> PeopleView:
    """How many phones are in the room."""
    return PeopleView(room.present)
