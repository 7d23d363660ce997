"""The follow-up list of a working group: answers with a name and ideas without one, each once. Reads no ballot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from polling.core.contact import Contact
from polling.core.event import Event
from polling.core.poll import PollKey, State
from polling.core.regions import IdeaLine
from polling.core.words import ANY_LANGUAGE, Words, say
from polling.store.contacts import SignedAnswer, for_working_group, signed_ideas
from polling.store.ideas import ideas_of
from polling.store.polls import poll_refs

IDEAS_TO_NAME_A_ROOM = 10
"""In a room with fewer ideas to a question, colleagues could guess whose an unsigned one is."""

HEADER = ("answer", "signed", "name", "email", "session", "set", "question", "cell", "until", "consent")


@dataclass(frozen=True)
class Line:
    """One answer to follow up."""

    answer: str
    poll: PollKey
    cell: str
    topic: Words  # the question's title
    session: str | None  # None: a small room, not named
    place: Words | None  # the session's title
    contact: Contact | None  # None: without a name
    until: date | None = None
    consent: str = ""

    def row(self, language: str) -> tuple[str, ...]:
        """As `HEADER` names it, for a file."""
        return (
            self.answer,
            "yes" if self.contact else "no",
            self.contact.name if self.contact else "",
            self.contact.email if self.contact else "",
            say(self.place, language) if self.place else "",
            self.poll.set,
            say(self.topic, language),
            self.cell,
            self.until.isoformat() if self.until else "",
            self.consent,
        )


def follow_up(connection: Connection, event: Event, working_group: str) -> tuple[Line, ...]:
    """All that was signed for the group, and the unsigned ideas of closed polls whose question goes to it.

    In the order of the event's questions, names first; nothing in it tells which came earlier.
    """
    signed = [_signed_line(event, answer) for answer in for_working_group(connection, event.event, working_group)]
    lines = [*signed, *_unsigned_lines(connection, event, working_group)]
    questions = [(one.set, question.id) for one in event.sets for question in one.questions]
    order = {key: number for number, key in enumerate(questions)}
    return tuple(
        sorted(lines, key=lambda line: (order.get(line.poll[:2], len(order)), line.contact is None, _folded(line)))
    )


def _folded(line: Line) -> tuple[str, str]:
    return line.answer.casefold(), line.contact.name.casefold() if line.contact else ""


def _signed_line(event: Event, signed: SignedAnswer) -> Line:
    return Line(
        answer=signed.answer,
        poll=signed.poll,
        cell=signed.cell,
        topic=_topic(event, signed.poll),
        session=signed.session,
        place=_place(event, signed.session),
        contact=signed.contact,
        until=signed.consent.until,
        consent=signed.consent.text,
    )


def _unsigned_lines(connection: Connection, event: Event, working_group: str) -> Iterator[Line]:
    found = list(_ideas(connection, event, working_group))
    in_room = Counter((session, poll[:2]) for session, poll, _ in found)
    signed = signed_ideas(connection, event.event)
    for session, poll, idea in found:
        if (bytes.fromhex(idea.id), idea.text) in signed:
            continue
        named = in_room[session, poll[:2]] >= IDEAS_TO_NAME_A_ROOM
        yield Line(
            answer=idea.text,
            poll=poll,
            cell=idea.cell,
            topic=_topic(event, poll),
            session=session if named else None,
            place=_place(event, session) if named else None,
            contact=None,
        )


def _ideas(connection: Connection, event: Event, working_group: str) -> Iterator[tuple[str, PollKey, IdeaLine]]:
    """Every idea of closed and sealed polls that goes to the group. While a poll is open, its list would tell
    who is typing."""
    for plan in event.sessions:
        for ref in poll_refs(connection, event.event, plan.id).values():
            if ref.state in (State.CLOSED, State.SEALED):
                for idea in ideas_of(connection, ref.id):
                    if _goes_to(event, ref.key, idea.cell, working_group):
                        yield plan.id, ref.key, idea


def _goes_to(event: Event, poll: PollKey, cell: str, working_group: str) -> bool:
    with suppress(KeyError):
        return any(group.id == working_group for group in event.groups_for(poll, cell))
    return False


def _topic(event: Event, poll: PollKey) -> Words:
    """The question's title; its key where the event no longer has it."""
    with suppress(KeyError):
        return event.question(poll).title
    return {ANY_LANGUAGE: str(poll)}


def _place(event: Event, session: str) -> Words:
    with suppress(KeyError):
        return event.session(session).title
    return {ANY_LANGUAGE: session}
