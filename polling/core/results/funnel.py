"""The funnel of each question: of those who registered, who came, whose phone was there, and who answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from polling.core.event import Event
from polling.core.event_state import Attendance
from polling.core.poll import PollKey
from polling.core.questions.base import Question, percent_of
from polling.core.results.outcomes import Outcome


@dataclass(frozen=True)
class Funnel:
    """A closed poll's. `registered` and `present` are heads, as they were typed in or counted at the door; `joined`:
    the most phones that were seen at its opening or close; `answered`: its respondents, where its result may be told.
    None: not known, or withheld."""

    session: str
    kind: str
    key: PollKey
    question: Question
    registered: int | None
    present: int | None
    joined: int | None
    answered: int | None

    @property
    def steps(self) -> tuple[int | None, ...]:
        """From the widest on."""
        return self.registered, self.present, self.joined, self.answered

    @property
    def widest(self) -> int:
        """What a picture of it is as wide as."""
        return max((step for step in self.steps if step is not None), default=0)

    @property
    def percent(self) -> int | None:
        """Of the phones that were there, how many answered; None: that can't be told."""
        if not self.joined or self.answered is None or self.answered > self.joined:
            return None
        return percent_of(self.answered, self.joined)


def funnels(
    event: Event,
    outcomes: Sequence[Outcome],
    joined: Mapping[tuple[str, PollKey], int],
    attendance: Mapping[str, Attendance],
) -> Iterator[Funnel]:
    """One for each question that was answered, in the order of the outcomes. A result that is withheld has no answers
    here either, just as in the results."""
    for each in outcomes:
        if each.question.answerable:
            heads = heads_of(event, each.session.id, attendance)
            yield Funnel(
                each.session.id,
                each.session.kind,
                each.key,
                each.question,
                heads.registered,
                heads.present,
                joined.get((each.session.id, each.key)),
                each.published.base or None,
            )


def heads_of(event: Event, session: str, attendance: Mapping[str, Attendance]) -> Attendance:
    """Who registered for a session and who came: as was typed in for it; in the plenary else for the event as a whole,
    since there everyone is."""
    own = attendance.get(session, Attendance())
    whole = attendance.get("", Attendance()) if session == event.home else Attendance()
    return Attendance(
        registered=whole.registered if own.registered is None else own.registered,
        present=whole.present if own.present is None else own.present,
    )
