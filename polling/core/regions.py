"""What each region of a page shows, as frozen values made from a room's state.

HTML (templates) and JSON (the integration protocol) are two renderings of these values, so that first paint,
live frame and robot can't differ. Nothing here is personal: what one phone answered is apart (web/participant.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from polling.core.errors import Code
from polling.core.event import Event, Place, SessionPlan
from polling.core.poll import PlannedPoll, Poll, PollKey, SessionState, State, Verb, allowed, following
from polling.core.questions.base import Question, Summary
from polling.core.results.withholding import Published, Standing, withhold


@dataclass(frozen=True)
class IdeaLine:
    """An idea as moderators read it; on the big screen only where `shown`."""

    id: str
    text: str
    cell: str
    shown: bool
    blocked: bool = False  # never on the big screen
    tags: tuple[str, ...] = ()  # working groups beyond those that it is routed to
    merged_into: str | None = None  # its twin, which it stands under


@dataclass(frozen=True)
class RoomState:
    """All that a room's regions are made from. `standings` holds at least the current poll's."""

    event: Event
    session: SessionPlan
    state: SessionState
    present: int = 0
    standings: Mapping[PollKey, Standing] = field(default_factory=dict)
    ideas: tuple[IdeaLine, ...] = ()  # of the current poll

    @property
    def order(self) -> tuple[Place, ...]:
        """The session's running order."""
        return self.event.running_order(self.session.id)

    @property
    def question(self) -> Question | None:
        """The question that the room is at."""
        return None if self.state.current is None else self.event.question(self.state.current)

    @property
    def published(self) -> Published:
        """The current poll's result, as far as it may be shown."""
        poll = self.state.now
        standing = self.standings.get(poll.key, Standing()) if poll else Standing()
        return withhold(
            standing,
            is_open=poll is not None and poll.state is State.OPEN,
            smallest_group=self.event.privacy.smallest_group,
        )

    @property
    def position(self) -> int:
        """Which question of the order it is at, from 1; 0 in the lobby."""
        if self.state.current is None:
            return 0
        keys = [(place.set.set, place.question.id) for place in self.order]
        return keys.index((self.state.current.set, self.state.current.question)) + 1


def plan(event: Event, session_id: str) -> tuple[PlannedPoll, ...]:
    """The running order as `poll.decide` needs it."""
    return tuple(
        PlannedPoll(place.set.set, place.question.id, place.question.results == "live")
        for place in event.running_order(session_id)
    )


class Stage(StrEnum):
    """What a page is about now."""

    LOBBY = "lobby"  # before the first poll
    COMING = "coming"  # chosen, not yet open
    INFO = "info"  # a page between questions
    QUESTION = "question"  # open
    CLOSED = "closed"  # closed, the result hidden
    RESULT = "result"  # closed and revealed


def stage_of(room: RoomState) -> Stage:
    """The stage that phones and screens are in."""
    poll = room.state.now
    if poll is None:
        return Stage.LOBBY
    if poll.state is State.PENDING:
        return Stage.COMING
    if room.question is not None and not room.question.answerable:
        return Stage.INFO if poll.state is State.OPEN else Stage.COMING
    if poll.state is State.OPEN:
        return Stage.QUESTION
    return Stage.RESULT if poll.revealed else Stage.CLOSED


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


@dataclass(frozen=True)
class ScreenView:
    """The big screen: the question and its bars, or how many have answered while they are hidden."""

    stage: Stage
    position: int
    total: int
    round: int
    question: Question | None
    is_open: bool
    chart: Summary | None  # None: hidden
    ideas: tuple[str, ...]  # those a moderator tapped to show
    answered: int
    present: int
    revision: int  # what a step by clicker is based on
    forward: Verb | None  # the step that a clicker takes: the moderator's filled button
    back: Verb | None  # show or hide the result, where it can be done


def screen_view(room: RoomState) -> ScreenView:
    """What the presenter's screen shows."""
    poll, question = room.state.now, room.question
    revealed = poll is not None and poll.revealed
    buttons = _buttons(room)
    show = buttons[2]
    return ScreenView(
        stage=stage_of(room),
        position=room.position,
        total=len(room.order),
        round=poll.key.round if poll else 1,
        question=question,
        is_open=poll is not None and poll.state is State.OPEN,
        chart=question.summarise(room.published) if question and revealed else None,
        ideas=tuple(idea.text for idea in room.ideas if idea.shown) if revealed else (),
        answered=room.published.respondents,
        present=room.present,
        revision=room.state.revision,
        forward=next((button.verb for button in buttons if button.main), None),
        back=show.verb if show.why is None else None,
    )


@dataclass(frozen=True)
class PeopleView:
    """The foot of the big screen: how many take part, so that coming and going moves nothing else."""

    present: int


def people_view(room: RoomState) -> PeopleView:
    """How many phones are in the room."""
    return PeopleView(room.present)


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
        ideas=room.ideas,
        answered=room.published.respondents,
        present=room.present,
        chapters=_chapters(room),
        buttons=_buttons(room),
        undo=tuple(v for v in (Verb.REOPEN, Verb.ASK_AGAIN) if allowed(order, state, v) is None),
        coming=room.event.question(following_key) if following_key else None,
    )


def _buttons(room: RoomState) -> tuple[Button, ...]:
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
