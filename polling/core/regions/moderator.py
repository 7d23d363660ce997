"""What the moderator of a room sees, and can do. Each region has what it shows and no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from polling.core.deciding import allowed, following, own_pace, preceding
from polling.core.errors import Code
from polling.core.event_state import call_for, settled
from polling.core.hand_count import HandCount
from polling.core.poll import Poll, PollKey, State, Verb
from polling.core.questions.base import Question, Summary
from polling.core.regions.own_pace import Progress, progress_of
from polling.core.regions.room import (
    IdeaLine,
    RoomState,
    Stage,
    TimerView,
    latest_round,
    plan,
    stage_of,
    timer_view,
)
from polling.core.regions.times import Course, Used, course_of, used_times


@dataclass(frozen=True)
class HeadView:
    """The line at the top: who is there."""

    present: int  # phones
    moderators: int  # open pages of moderators, this one among them


def head_view(room: RoomState) -> HeadView:
    """Who is in the room."""
    return HeadView(room.present, room.moderators)


@dataclass(frozen=True)
class NowView:
    """Where the room is: the question, who has answered, and the result as far as it may be shown."""

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
    timer: TimerView
    course: Course | None  # None: no time is planned, or nothing was opened yet
    progress: tuple[Progress, ...]  # while a set is open as a whole: its questions
    coming: Question | None  # what follows, where nothing is open


def now_view(room: RoomState) -> NowView:
    """What the moderator sees of the present question."""
    poll, question, state = room.state.now, room.question, room.state
    counts = question is not None and question.answerable
    follows = following(plan(room.event, room.session.id), state)
    return NowView(
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
        timer=timer_view(room),
        course=course_of(room),
        progress=progress_of(room),
        coming=room.event.question(follows) if follows and not _is_open(room) else None,
    )


def _is_open(room: RoomState) -> bool:
    return any(poll.state is State.OPEN for poll in room.state.polls.values())


def _own_pace(room: RoomState, set_id: str) -> bool:
    return own_pace(plan(room.event, room.session.id), room.state, set_id)


@dataclass(frozen=True)
class OrderLine:
    """A question in the running order."""

    poll: PollKey  # its latest round
    question: Question
    state: State
    current: bool
    used: Used | None  # None: not opened yet, or the time is its set's as a whole


@dataclass(frozen=True)
class Chapter:
    """A question set in the running order."""

    title: Mapping[str, str]
    minutes: float  # planned for all its questions
    used: Used | None
    own_pace: bool  # it is open as a whole, and everyone goes through it
    lines: tuple[OrderLine, ...]


@dataclass(frozen=True)
class OrderView:
    """The running order, with times planned and used."""

    revision: int
    free: bool  # nothing is open: each line leads there
    minutes: float  # planned for all
    chapters: tuple[Chapter, ...]


def order_view(room: RoomState) -> OrderView:
    """The session's questions in their order."""
    chapters = _chapters(room)
    return OrderView(room.state.revision, not _is_open(room), sum(each.minutes for each in chapters), chapters)


def _chapters(room: RoomState) -> tuple[Chapter, ...]:
    times, chapters = used_times(room), []
    for question_set, places in room.event.chapters(room.session.id):
        together, lines = _own_pace(room, question_set.set), []
        for place in places:
            key = latest_round(room, place)
            current = room.state.current is not None and room.state.current[:2] == key[:2]
            used = None if together else times.get(key[:2])
            lines.append(OrderLine(key, place.question, room.state.poll(key).state, current, used))
        minutes = sum(line.question.minutes or 0 for line in lines)
        whole = Used.together(times[line.poll[:2]] for line in lines if line.poll[:2] in times)
        chapters.append(Chapter(question_set.title, minutes, whole, together, tuple(lines)))
    return tuple(chapters)


@dataclass(frozen=True)
class Button:
    """One of the moderator's buttons, always in its place. `why` None: it can be pressed now."""

    verb: Verb
    why: Code | None
    main: bool  # the next step: the one that is filled


@dataclass(frozen=True)
class ActionsView:
    """The four buttons, and what is told under them."""

    revision: int
    position: int
    buttons: tuple[Button, ...]  # in four fixed places: open, close, reveal or hide, next
    left: int  # present and not answered
    together: int  # so many questions are opened or closed by one press; 0: the present one
    coming: Question | None  # what `next` leads to


def actions_view(room: RoomState) -> ActionsView:
    """What the moderator can do."""
    order, state, question = plan(room.event, room.session.id), room.state, room.question
    counts = question is not None and question.answerable
    follows = following(order, state)
    return ActionsView(
        revision=state.revision,
        position=room.position,
        buttons=buttons_of(room),
        left=max(0, room.present - room.published.respondents) if counts else 0,
        together=_together(room),
        coming=room.event.question(follows) if follows else None,
    )


def _together(room: RoomState) -> int:
    here = room.state.now
    if here is None or not _own_pace(room, here.key.set):
        return 0
    places = [place for place in room.order if place.set.set == here.key.set]
    return sum(room.state.poll(latest_round(room, place)).state is here.state for place in places)


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


@dataclass(frozen=True)
class ToolsView:
    """What stands above the four buttons: the way back, and the drawer with all that is needed less often."""

    revision: int
    poll: PollKey | None
    position: int
    undo: tuple[Verb, ...]  # reopen and ask again, where they can be done
    back: PollKey | None  # where the room was, as long as nothing was done with this question: takes `next` back
    back_to: int  # its place in the running order, from 1
    timed: Code | None  # why there can't be a timer now; None: there can
    timer: TimerView
    calling: bool  # the organiser was called
    own_pace: bool  # of the present question's set
    paced: Code | None  # why that can't be switched now; None: it can
    sent_to: str | None  # the session that the people of this one were sent on to
    moved_to: str | None  # the session that this one moved into
    called_to: str | None  # where everyone was sent, if that is elsewhere: a session, or "*" for the break-outs
    ended: bool  # the event is over


def _back(room: RoomState) -> PollKey | None:
    """Where `next`, or a line of the running order, led away from: what was opened last, else the question before."""
    now = room.state.now
    if now is None or now.state is not State.PENDING:
        return None
    opened = [poll for poll in room.state.polls.values() if poll.opened is not None and room.at(poll.key)]
    if opened:
        return max(opened, key=lambda poll: (poll.opened, -room.at(poll.key))).key
    return preceding(plan(room.event, room.session.id), room.state)


def tools_view(room: RoomState) -> ToolsView:
    """What else the moderator can do."""
    order, state, poll = plan(room.event, room.session.id), room.state, room.state.now
    sent, moved = room.whole.rooms.get(room.session.id), room.session.id in room.whole.moved
    call, back = call_for(room.event, room.whole, room.session.id), _back(room)
    return ToolsView(
        revision=state.revision,
        poll=state.current,
        position=room.position,
        undo=tuple(verb for verb in (Verb.REOPEN, Verb.ASK_AGAIN) if allowed(order, state, verb) is None),
        back=back,
        back_to=room.at(back) if back else 0,
        timed=allowed(order, state, Verb.START_TIMER),
        timer=timer_view(room),
        calling=state.calling,
        own_pace=poll is not None and _own_pace(room, poll.key.set),
        paced=allowed(order, state, Verb.PACE),
        sent_to=settled(room.whole, sent.to) if sent else None,
        moved_to=settled(room.whole, room.session.id) if moved else None,
        called_to=call.to if call and call.number and not sent and not moved and not room.whole.ended else None,
        ended=room.whole.ended,
    )
