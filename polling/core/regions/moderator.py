"""What the moderator of a room sees, and can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from polling.core.errors import Code
from polling.core.hand_count import HandCount
from polling.core.poll import Poll, PollKey, State, Verb, allowed, following
from polling.core.questions.base import Question, Summary
from polling.core.regions.room import IdeaLine, RoomState, Stage, plan, stage_of


@dataclass(frozen=True)
class Button:
    """One of the moderator's buttons, always in its place. `why` None: it can be pressed now."""

    verb: Verb
    why: Code | None
    main: bool  # the next step: the one that is filled


@dataclass(frozen=True)
class OrderLine:
    """A question in the running order."""

    poll: PollKey  # its latest round
    question: Question
    state: State
    current: bool


@dataclass(frozen=True)
class Chapter:
    """A question set in the running order."""

    title: Mapping[str, str]
    lines: tuple[OrderLine, ...]


@dataclass(frozen=True)
class ModeratorView:
    """The moderator's page: where the room is, how many have answered, and what can be done."""

    revision: int  # what a command of this page is based on
    stage: Stage
    position: int
    total: int
    poll: Poll | None
    question: Question | None
    chart: Summary | None
    by_hand: HandCount | None
    ideas: tuple[IdeaLine, ...]
    answered: int
    present: int
    chapters: tuple[Chapter, ...]
    buttons: tuple[Button, ...]  # four, in four fixed places: open, close, reveal or hide, next
    undo: tuple[Verb, ...]  # reopen and ask again, where they can be done
    coming: Question | None  # what `next` leads to


def moderator_view(room: RoomState) -> ModeratorView:
    """What the moderator of the room sees."""
    order = plan(room.event, room.session.id)
    poll, question, state = room.state.now, room.question, room.state
    following_key = following(order, state)
    counts = question is not None and question.answerable
    return ModeratorView(
        revision=state.revision,
        stage=stage_of(room),
        position=room.position,
        total=len(room.order),
        poll=poll,
        question=question,
        chart=question.summarise(room.published) if question and counts else None,
        by_hand=room.by_hand,
        ideas=room.ideas,
        answered=room.published.respondents,
        present=room.present,
        chapters=_chapters(room),
        buttons=buttons_of(room),
        undo=tuple(v for v in (Verb.REOPEN, Verb.ASK_AGAIN) if allowed(order, state, v) is None),
        coming=room.event.question(following_key) if following_key else None,
    )


def buttons_of(room: RoomState) -> tuple[Button, ...]:
    """The four, and which of them is the next step."""
    order, state, question = plan(room.event, room.session.id), room.state, room.question
    show = Verb.HIDE if state.now is not None and state.now.revealed else Verb.REVEAL
    verbs = (Verb.OPEN, Verb.CLOSE, show, Verb.NEXT)
    reasons = {verb: allowed(order, state, verb) for verb in verbs}
    if question is not None and not question.answerable:
        reasons[show] = Code.NOT_A_QUESTION  # a page has no result to show or hide
    steps = (Verb.OPEN, Verb.CLOSE, Verb.REVEAL, Verb.NEXT)
    main = next((verb for verb in steps if verb in reasons and reasons[verb] is None and verb is not Verb.HIDE), None)
    if reasons[Verb.CLOSE] is None:
        main = Verb.CLOSE
    return tuple(Button(verb, reasons[verb], verb is main) for verb in verbs)


def _chapters(room: RoomState) -> tuple[Chapter, ...]:
    chapters: list[Chapter] = []
    for set_id in room.session.sets:
        question_set = room.event.question_set(set_id)
        lines = []
        for question in question_set.questions:
            key = room.state.latest_round(set_id, question.id)
            current = room.state.current is not None and room.state.current[:2] == key[:2]
            lines.append(OrderLine(key, question, room.state.poll(key).state, current))
        chapters.append(Chapter(question_set.title, tuple(lines)))
    return tuple(chapters)
