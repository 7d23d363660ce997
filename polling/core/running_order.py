"""The planned running order: when each session and question should begin, and what runs side by side.

A moment is so many minutes after midnight of the event's day, by its own clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from polling.core.event import Event, Place, QuestionSet, SessionPlan
from polling.core.questions.base import Question

DAY = 24 * 60


@dataclass(frozen=True)
class Step:
    """A question where it stands. `begins` None: the session doesn't say when it starts."""

    question: Question
    begins: float | None

    @property
    def minutes(self) -> float | None:
        """How long it is planned to take, talk included; None: not said."""
        return self.question.minutes


@dataclass(frozen=True)
class Chapter:
    """A question set where it stands in a session."""

    set: QuestionSet
    begins: float | None
    steps: tuple[Step, ...]

    @property
    def minutes(self) -> float:
        """The planned minutes of all its questions."""
        return sum(step.minutes or 0 for step in self.steps)

    @property
    def ends(self) -> float | None:
        """When the next one begins."""
        return None if self.begins is None else self.begins + self.minutes


@dataclass(frozen=True)
class Planned:
    """A session with its times."""

    session: SessionPlan
    chapters: tuple[Chapter, ...]

    @property
    def begins(self) -> float | None:
        """When it starts."""
        return self.chapters[0].begins

    @property
    def ends(self) -> float | None:
        """When its last question should be done."""
        return self.chapters[-1].ends

    @property
    def minutes(self) -> float:
        """Of all its questions."""
        return sum(chapter.minutes for chapter in self.chapters)

    @property
    def steps(self) -> tuple[Step, ...]:
        """All its questions."""
        return tuple(step for chapter in self.chapters for step in chapter.steps)

    @property
    def questions(self) -> int:
        """How many of them are answered."""
        return sum(step.question.answerable for step in self.steps)

    @property
    def without_minutes(self) -> tuple[Question, ...]:
        """Those to be answered for which no time is planned: what follows them has too early a time."""
        return tuple(step.question for step in self.steps if step.question.answerable and step.minutes is None)


def planned(event: Event, session_id: str) -> Planned:
    """A session's running order with its times: each question begins at the session's start and the minutes of those
    before it."""
    session = event.session(session_id)
    begins = None if session.starts is None else float(session.starts.hour * 60 + session.starts.minute)
    chapters = []
    for question_set, places in event.chapters(session_id):
        steps, at = [], begins
        for place in places:
            steps.append(Step(place.question, at))
            at = None if at is None else at + (place.question.minutes or 0)
        chapters.append(Chapter(question_set, begins, tuple(steps)))
        begins = at
    return Planned(session, tuple(chapters))


def planned_start(event: Event, session_id: str, place: Place) -> float | None:
    """When a question of a session should begin; None where its session doesn't say when it starts."""
    steps = planned(event, session_id).steps
    for each, step in zip(event.running_order(session_id), steps, strict=True):
        if each.poll_key() == place.poll_key():
            return step.begins
    raise KeyError(place.question.id)


def clock(moment: float) -> str:
    """A moment as a clock shows it: 14:05. Past midnight it begins anew."""
    minutes = int(moment) % DAY
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


@dataclass(frozen=True)
class Cell:
    """A question set in the timetable, over so many rows; `chapter` None: nothing runs there."""

    chapter: Chapter | None
    rows: int


@dataclass(frozen=True)
class Row:
    """From this moment on. `cells`: one for each session; None where one from above reaches down."""

    begins: float
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True)
class Block:
    """Sessions that run at the same time, and the rows of their timetable."""

    sessions: tuple[Planned, ...]
    rows: tuple[Row, ...]
    ends: float


def timetable(plans: Sequence[Planned]) -> list[Block]:
    """What runs side by side, in the order of the clock. Sessions without a time are not in it."""
    timed = sorted((plan for plan in plans if plan.begins is not None and plan.minutes), key=_begins)
    blocks: list[list[Planned]] = []
    reaches = 0.0
    for plan in timed:
        if not blocks or _begins(plan) >= reaches:
            blocks.append([])
            reaches = 0.0
        blocks[-1].append(plan)
        reaches = max(reaches, _ends(plan))
    return [_block(together) for together in blocks]


def _block(together: Sequence[Planned]) -> Block:
    chapters = {id(plan): [chapter for chapter in plan.chapters if chapter.minutes] for plan in together}
    moments = sorted({moment for plan in together for each in chapters[id(plan)] for moment in _span(each)})
    columns = [list(_column(chapters[id(plan)], moments)) for plan in together]
    rows = tuple(Row(begins, tuple(column[number] for column in columns)) for number, begins in enumerate(moments[:-1]))
    return Block(tuple(together), rows, moments[-1])


def _column(chapters: Sequence[Chapter], moments: Sequence[float]) -> Iterator[Cell | None]:
    """A session's cells, one for each row."""
    for number, moment in enumerate(moments[:-1]):
        running = next((each for each in chapters if _span(each)[0] <= moment < _span(each)[1]), None)
        if running is None:
            yield Cell(None, 1)
        elif _span(running)[0] == moment:
            yield Cell(running, sum(moment <= later < _span(running)[1] for later in moments[number:]))
        else:
            yield None


def _span(chapter: Chapter) -> tuple[float, float]:
    begins = chapter.begins or 0.0
    return begins, begins + chapter.minutes


def _begins(plan: Planned) -> float:
    return plan.begins or 0.0


def _ends(plan: Planned) -> float:
    return _begins(plan) + plan.minutes
