"""An event as an organiser writes it: sessions, question sets and the rules of privacy, as frozen values."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import date, time
from functools import cached_property
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from polling.core.poll import PollKey
from polling.core.questions import AnyQuestion
from polling.core.questions.base import ID_LENGTH, Frozen, Groups, Id, Question
from polling.core.words import Words

Language = Literal["en", "nl"]

_NOT_STRICT = Field(strict=False)


Asked = Literal["none", "optional", "required"]


class ContactFields(Frozen):
    """What is asked of whoever signs, beside a name and an e-mail address."""

    organisation: Asked = Field("none", description="none, optional or required: the organisation someone is of.")
    phone: Asked = Field("none", description="none, optional or required: a phone number.")


class Privacy(Frozen):
    """What is shown of small groups, how long things are kept, and who answers for it."""

    mode: Literal["anonymous", "pseudonymous"] = Field(
        "anonymous", description="pseudonymous: all answers of one person are kept together under a number."
    )
    smallest_group: int = Field(5, ge=1, le=100, description="No result of fewer respondents than this is shown.")
    seal_after_minutes: float = Field(
        5, ge=0, le=1440, strict=False, description="From a poll's close until its ballots are deleted."
    )
    contacts_until: Annotated[date, _NOT_STRICT] | None = Field(
        None, description="Names and addresses are kept until this day (2027-03-01)."
    )
    late_signature_until: Annotated[date, _NOT_STRICT] | None = Field(
        None, description="Until this day an answer can still be signed, after the event too; else contacts_until."
    )
    controller: Words | None = Field(None, description="Who is responsible for the contacts: an organisation.")
    contact: ContactFields = Field(ContactFields(), description="What is asked beside a name and an e-mail address.")

    @property
    def keeps_together(self) -> bool:
        """Whether the ballots of one participant stay, and stay together."""
        return self.mode == "pseudonymous"

    @property
    def signing_ends(self) -> date | None:
        """The last day on which an answer can be signed; None: there is none."""
        return self.late_signature_until or self.contacts_until


class WorkingGroup(Frozen):
    """Who may come back to whom, about what."""

    id: Id
    title: Words
    purpose: Words | None = Field(None, description="What the contact is used for, after 'in order to'.")


class Rule(Frozen):
    """A break-out for whoever gave an answer; the phone applies it to what it knows of its own answers."""

    answer: str = Field(pattern=r"^[a-z0-9-]+/[a-z0-9-]+$", description="The question, as set/question.")
    any_of: Annotated[tuple[str, ...], Field(min_length=1, strict=False)] = Field(description="Options of it.")
    session: Id = Field(description="The break-out to go to.")


class BreakOuts(Frozen):
    """How people find their break-out."""

    assign: Literal["choose", "draw", "codes", "rules"] = Field(
        "choose",
        description="choose: from a list with the seats left. draw: the emptiest room. codes: by the code on a printed "
        "card. rules: by an answer, decided on the phone.",
    )
    rules: Annotated[tuple[Rule, ...], _NOT_STRICT] = Field(
        (), description="The first that fits holds; else they choose."
    )


class SessionPlan(Frozen):
    """One room of the event: the plenary or a break-out, and the question sets it runs, in order."""

    id: Id
    kind: Literal["plenary", "break-out"]
    title: Words
    place: Words | None = None
    seats: int | None = Field(None, ge=1, le=100_000, description="A room that is chosen from a list closes when full.")
    starts: Annotated[time, _NOT_STRICT] | None = Field(None, description="By the clock of the event: 14:30.")
    sets: Annotated[tuple[Id, ...], Field(min_length=1, strict=False)]


class QuestionSet(Frozen):
    """A named, reusable list of questions: one file."""

    set: Id
    title: Words
    pace: Literal["moderator", "participant"] = Field(
        "moderator",
        description="moderator: one question at a time. participant: the set is open as a whole, and everyone goes "
        "through it.",
    )
    working_group: Groups = Field(
        (), description="The working group (or two) that answers of this set go to, where a question doesn't say."
    )
    questions: Annotated[tuple[AnyQuestion, ...], Field(min_length=1, max_length=100, strict=False)]


class EventFile(Frozen):
    """What event.yaml holds."""

    event: Id
    title: Words
    intro: Words | None = Field(None, description="One or two lines for the lobby.")
    languages: Annotated[tuple[Language, ...], Field(min_length=1, strict=False)] = ("en",)
    accent: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")] = Field(
        "#d9480f", description="The colour of answers, as '#d9480f'."
    )
    day: Annotated[date, _NOT_STRICT] | None = Field(
        None,
        description="The (last) day of the event. After it open questions are closed and the links of moderators and "
        "presenters end.",
    )
    break_outs: BreakOuts = BreakOuts()
    privacy: Privacy = Privacy()
    working_groups: Annotated[tuple[WorkingGroup, ...], _NOT_STRICT] = ()
    sessions: Annotated[tuple[SessionPlan, ...], Field(min_length=1, max_length=200, strict=False)]


class Edition(Frozen):
    """A question as it was asked until an edit of the files gave it other words, or took it out."""

    set: Id
    question: AnyQuestion
    until_round: int = Field(ge=1)  # the last round in these words; the next begins with other ones
    working_group: Groups = ()  # its set's, at that time


class Reworded(Frozen):
    """In one session a question stands in other words: those of a question that was added there on the spot."""

    session: Id
    set: Id
    question: Id
    by: Id


SPOT = "spot-"
"""Sets whose id begins so hold what was added on the spot, each for its session; no file is called so."""


TAKEN_SESSIONS = ("regions", "socket")
"""No session is called so: under `/s/EVENT/` these belong to the hall's own screen."""


def spot_set_id(session_id: str) -> str:
    """The set of the questions that were added to a session on the spot."""
    if len(SPOT + session_id) <= ID_LENGTH:
        return SPOT + session_id
    return SPOT + hashlib.sha256(session_id.encode()).hexdigest()[:32]


class Place(NamedTuple):
    """A question where it stands in a session's running order. `first_round`: the first one in these words."""

    set: QuestionSet
    question: Question
    first_round: int = 1

    def poll_key(self, round: int | None = None) -> PollKey:
        """The key of the poll that puts this question to the session; without a `round` the first in these words."""
        return PollKey(self.set.set, self.question.id, self.first_round if round is None else round)


class Chapter(NamedTuple):
    """A set in a session's running order. A question that is reworded there stands at its place in the other's words,
    and is of another set."""

    set: QuestionSet
    places: tuple[Place, ...]


class Event(EventFile):
    """A whole event: event.yaml and its question sets, and what became of them while it was held."""

    sets: Annotated[tuple[QuestionSet, ...], _NOT_STRICT]
    earlier: Annotated[tuple[Edition, ...], _NOT_STRICT] = ()
    reworded: Annotated[tuple[Reworded, ...], _NOT_STRICT] = ()

    @cached_property
    def content_hash(self) -> str:
        """Two events with the same hash ask the same things under the same rules."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    def but(self, **changes: object) -> Event:
        """The same event with other fields."""
        return Event.model_validate({name: getattr(self, name) for name in Event.model_fields} | changes)

    @property
    def home(self) -> str:
        """The session that the event begins in: its only plenary; "" where it has none, or several."""
        plenaries = [session.id for session in self.sessions if session.kind == "plenary"]
        return plenaries[0] if len(plenaries) == 1 else ""

    @property
    def break_out_sessions(self) -> tuple[SessionPlan, ...]:
        """The sessions side by side."""
        return tuple(session for session in self.sessions if session.kind == "break-out")

    def session(self, session_id: str) -> SessionPlan:
        """The session with this id; KeyError if there is none."""
        for session in self.sessions:
            if session.id == session_id:
                return session
        raise KeyError(session_id)

    def question_set(self, set_id: str) -> QuestionSet:
        """The question set with this id; KeyError if there is none."""
        for question_set in self.sets:
            if question_set.set == set_id:
                return question_set
        raise KeyError(set_id)

    def question(self, key: PollKey) -> Question:
        """The question of a poll, as it is asked in that round; KeyError if there is none."""
        edition = self._edition(key)
        return self.present(key.set, key.question) if edition is None else edition.question

    def present(self, set_id: str, question_id: str) -> Question:
        """A question as it is asked from now on; KeyError if there is none."""
        for question in self.question_set(set_id).questions:
            if question.id == question_id:
                return question
        raise KeyError(f"{set_id}/{question_id}")

    def first_round(self, set_id: str, question_id: str) -> int:
        """The first round in which a question has its present words."""
        return 1 + max((each.until_round for each in self._editions(set_id, question_id)), default=0)

    def asked_since(self, key: PollKey) -> int:
        """The first round in which the question of this poll had the words that it has in this poll."""
        earlier = (each.until_round for each in self._editions(key.set, key.question) if each.until_round < key.round)
        return 1 + max(earlier, default=0)

    def _editions(self, set_id: str, question_id: str) -> list[Edition]:
        return [each for each in self.earlier if (each.set, each.question.id) == (set_id, question_id)]

    def _edition(self, key: PollKey) -> Edition | None:
        """The earlier edition that a poll is of; None: it is of the present one."""
        held = (each for each in self._editions(key.set, key.question) if key.round <= each.until_round)
        return min(held, key=lambda each: each.until_round, default=None)

    def every_question(self) -> Iterator[tuple[str, Question, tuple[str, ...]]]:
        """All that is asked and was asked: the set's id, the question, the working groups of its set."""
        for each in self.sets:
            yield from ((each.set, question, each.working_group) for question in each.questions)
        yield from ((edition.set, edition.question, edition.working_group) for edition in self.earlier)

    def segment_of(self, poll: PollKey) -> str | None:
        """The segment question, as 'set/question', whose labels divide this poll's result; None: it is not divided."""
        by = self.question(poll).divided_by
        return by if by is None or "/" in by else f"{poll.set}/{by}"

    def segment(self, segment: str) -> Question:
        """The segment question that `segment_of` names; KeyError if there is none."""
        set_id, _, question_id = segment.partition("/")
        return self.present(set_id, question_id)

    def groups_for(self, poll: PollKey, cell: str = "") -> tuple[WorkingGroup, ...]:
        """The working groups that an answer goes to: those of its option, else of its question, else of its set."""
        edition = self._edition(poll)
        of_set = self.question_set(poll.set).working_group if edition is None else edition.working_group
        return tuple(self.working_group(each) for each in self.question(poll).groups(cell) or of_set)

    def running_order(self, session_id: str) -> tuple[Place, ...]:
        """The session's questions in the order they are put."""
        if session_id not in self._orders:
            places = tuple(place for chapter in self.chapters(session_id) for place in chapter.places)
            self._orders[session_id] = places
        return self._orders[session_id]

    @cached_property
    def _orders(self) -> dict[str, tuple[Place, ...]]:
        """What `running_order` has told: every frame of every room asks for it."""
        return {}

    def in_order(self, session_id: str, polls: Iterable[PollKey]) -> list[PollKey]:
        """Polls of a session as it runs them, round by round; last those of what is no longer in its running order."""
        places = {place.poll_key()[:2]: number for number, place in enumerate(self.running_order(session_id))}
        return sorted(polls, key=lambda key: (places.get(key[:2], len(places)), key))

    def chapters(self, session_id: str) -> tuple[Chapter, ...]:
        """The running order set by set."""
        session = self.session(session_id)
        sets = [self.question_set(set_id) for set_id in session.sets]
        standing = {(each.set, question.id) for each in sets for question in each.questions}
        others = {
            (each.set, each.question): each.by
            for each in self.reworded
            if each.session == session_id and (each.set, each.question) in standing
        }
        spot, instead = spot_set_id(session_id), set(others.values())
        chapters = []
        for each in sets:
            places = tuple(
                self._place(spot, others[each.set, question.id])
                if (each.set, question.id) in others
                else self._place(each.set, question.id)
                for question in each.questions
                if each.set != spot or question.id not in instead
            )
            chapters += [Chapter(each, places)] if places else []
        return tuple(chapters)

    def _place(self, set_id: str, question_id: str) -> Place:
        return Place(
            self.question_set(set_id), self.present(set_id, question_id), self.first_round(set_id, question_id)
        )

    def working_group(self, group_id: str) -> WorkingGroup:
        """The working group with this id; KeyError if there is none."""
        for group in self.working_groups:
            if group.id == group_id:
                return group
        raise KeyError(group_id)
