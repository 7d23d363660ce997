"""An event as an organiser writes it: sessions, question sets and the rules of privacy, as frozen values."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from functools import cached_property
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from polling.core.poll import PollKey
from polling.core.questions import AnyQuestion
from polling.core.questions.base import Frozen, Groups, Id, Question
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


class SessionPlan(Frozen):
    """One room of the event: the plenary or a break-out, and the question sets it runs, in order."""

    id: Id
    kind: Literal["plenary", "break-out"]
    title: Words
    place: Words | None = None
    sets: Annotated[tuple[Id, ...], Field(min_length=1, strict=False)]


class QuestionSet(Frozen):
    """A named, reusable list of questions: one file."""

    set: Id
    title: Words
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
    privacy: Privacy = Privacy()
    working_groups: Annotated[tuple[WorkingGroup, ...], _NOT_STRICT] = ()
    sessions: Annotated[tuple[SessionPlan, ...], Field(min_length=1, max_length=200, strict=False)]


class Place(NamedTuple):
    """A question where it stands in a session's running order."""

    set: QuestionSet
    question: Question

    def poll_key(self, round: int = 1) -> PollKey:
        """The key of the poll that puts this question to the session."""
        return PollKey(self.set.set, self.question.id, round)


class Event(EventFile):
    """A whole event: event.yaml and its question sets."""

    sets: Annotated[tuple[QuestionSet, ...], _NOT_STRICT]

    @cached_property
    def content_hash(self) -> str:
        """Two events with the same hash ask the same things under the same rules."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

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
        """The question of a poll; KeyError if there is none."""
        for question in self.question_set(key.set).questions:
            if question.id == key.question:
                return question
        raise KeyError(str(key))

    def segment_of(self, poll: PollKey) -> str | None:
        """The segment question, as 'set/question', whose labels divide this poll's result; None: it is not divided."""
        by = self.question(poll).divided_by
        return by if by is None or "/" in by else f"{poll.set}/{by}"

    def segment(self, segment: str) -> Question:
        """The segment question that `segment_of` names; KeyError if there is none."""
        set_id, _, question_id = segment.partition("/")
        return self.question(PollKey(set_id, question_id))

    def groups_for(self, poll: PollKey, cell: str = "") -> tuple[WorkingGroup, ...]:
        """The working groups that an answer goes to: those of its option, else of its question, else of its set."""
        ids = self.question(poll).groups(cell) or self.question_set(poll.set).working_group
        return tuple(self.working_group(each) for each in ids)

    def running_order(self, session_id: str) -> tuple[Place, ...]:
        """The session's questions in the order they are put."""
        return tuple(self._places(self.session(session_id)))

    def _places(self, session: SessionPlan) -> Iterator[Place]:
        for set_id in session.sets:
            question_set = self.question_set(set_id)
            for question in question_set.questions:
                yield Place(question_set, question)

    def working_group(self, group_id: str) -> WorkingGroup:
        """The working group with this id; KeyError if there is none."""
        for group in self.working_groups:
            if group.id == group_id:
                return group
        raise KeyError(group_id)
