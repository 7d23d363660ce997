"""The follow-up list of a working group: answers with a name and ideas without one, each once. Reads no ballot."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, update
from sqlmodel import col

from polling.core.event import Event
from polling.core.follow_up import Line, Signer, Status
from polling.core.poll import PollKey, State
from polling.core.results.rooms import named_rooms
from polling.core.words import ANY_LANGUAGE, Words
from polling.store.contacts import ContactRow, SignedAnswer, for_working_group
from polling.store.ideas import IdeaRow, idea_rows
from polling.store.polls import poll_refs

_IDEA, _CONTACT = "idea-", "contact-"


def follow_up(connection: Connection, event: Event, working_group: str) -> tuple[Line, ...]:
    """All that was signed for the group, and the unsigned ideas of closed polls that go to it.

    In the order of the event's questions, names first; nothing in it tells which came earlier.
    """
    signed = for_working_group(connection, event.event, working_group)
    ideas = _ideas(connection, event, working_group, signed)
    with_idea = {idea.signed.id for idea in ideas if idea.signed}
    lines = [
        *_idea_lines(event, ideas),
        *(_contact_line(event, answer) for answer in signed if answer.id not in with_idea),
    ]
    questions = [(one.set, question.id) for one in event.sets for question in one.questions]
    order = {key: number for number, key in enumerate(questions)}
    return tuple(sorted(lines, key=lambda line: (order.get(line.poll[:2], len(order)), *_folded(line))))


def _folded(line: Line) -> tuple[bool, str, list[str]]:
    return not line.signers, line.answer.casefold(), [signer.contact.name.casefold() for signer in line.signers]


@dataclass(frozen=True)
class _Idea:
    """An idea that goes to the group, where it was written, and who signed these words of it for the group."""

    session: str
    poll: PollKey
    row: Row[Any]
    signed: SignedAnswer | None


def _ideas(connection: Connection, event: Event, working_group: str, signed: Sequence[SignedAnswer]) -> list[_Idea]:
    """Every idea that goes to the group: all of closed and sealed polls; of an open one those that are signed,
    since a list of the others would tell who is typing."""
    names = {(answer.idea_id, answer.answer): answer for answer in signed if answer.idea_id}
    found = []
    for plan in event.sessions:
        for ref in poll_refs(connection, event.event, plan.id).values():
            is_over = ref.state in (State.CLOSED, State.SEALED)
            for row in idea_rows(connection, ref.id):
                name = names.get((row.id, row.text))
                if name or (is_over and _goes_to(event, ref.key, row, working_group)):
                    found.append(_Idea(plan.id, ref.key, row, name))
    return found


def _goes_to(event: Event, poll: PollKey, idea: Row[Any], working_group: str) -> bool:
    routed: set[str] = set(idea.tags.split())
    with suppress(KeyError):
        routed |= {group.id for group in event.groups_for(poll, idea.cell)}
    return working_group in routed


def _idea_lines(event: Event, ideas: Sequence[_Idea]) -> Iterator[Line]:
    """A line for each idea, twins in one. Where a room is not named, unsigned ideas stand apart from signed ones,
    whose names would name it."""
    in_rooms: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    together: dict[tuple[bytes, bool], list[_Idea]] = defaultdict(list)
    for idea in ideas:
        in_rooms[idea.poll[:2]][idea.session] += 1
    named = {asked: named_rooms(rooms) for asked, rooms in in_rooms.items()}
    for idea in ideas:
        is_named = idea.session in named[idea.poll[:2]]
        together[idea.row.merged_into or idea.row.id, is_named or idea.signed is not None].append(idea)
    for (first, says_where), twins in together.items():
        yield _idea_line(event, sorted(twins, key=lambda idea: idea.row.id != first), says_where)


def _idea_line(event: Event, twins: Sequence[_Idea], says_where: bool) -> Line:
    head = twins[0]
    return Line(
        id=_IDEA + head.row.id.hex(),
        answer=head.row.text,
        poll=head.poll,
        cell=head.row.cell,
        topic=_topic(event, head.poll),
        session=head.session if says_where else None,
        place=_place(event, head.session) if says_where else None,
        status=Status(head.row.status),
        signers=tuple(_signer(idea.signed) for idea in twins if idea.signed),
        unsigned=tuple(idea.row.text for idea in twins[1:] if not idea.signed),
        people=len(twins),
        hidden=any(idea.row.blocked for idea in twins),
    )


def _contact_line(event: Event, signed: SignedAnswer) -> Line:
    """An option that was signed; or words that were signed and changed since."""
    return Line(
        id=_CONTACT + signed.id.hex(),
        answer=signed.answer,
        poll=signed.poll,
        cell=signed.cell,
        topic=_topic(event, signed.poll),
        session=signed.session,
        place=_place(event, signed.session),
        status=Status(signed.status),
        signers=(_signer(signed),),
    )


def _signer(signed: SignedAnswer) -> Signer:
    return Signer(signed.contact, signed.answer, signed.consent)


def _topic(event: Event, poll: PollKey) -> Words:
    """The question's title; its key where the event no longer has it."""
    with suppress(KeyError):
        return event.question(poll).title
    return {ANY_LANGUAGE: str(poll)}


def _place(event: Event, session: str) -> Words:
    with suppress(KeyError):
        return event.session(session).title
    return {ANY_LANGUAGE: session}


@dataclass(frozen=True)
class Progress:
    """A working group says how far it is with a line of its list."""

    event: Event
    working_group: str
    line: str
    status: Status


def set_status(connection: Connection, items: Sequence[Progress]) -> list[bool]:
    """The writer's handler for what working groups say; False: the group's list has no such line (any more)."""
    return [_set_status(connection, item) for item in items]


def _set_status(connection: Connection, item: Progress) -> bool:
    if not any(line.id == item.line for line in follow_up(connection, item.event, item.working_group)):
        return False
    kind, _, name = item.line.rpartition("-")
    table = IdeaRow if kind == "idea" else ContactRow
    connection.execute(update(table).where(col(table.id) == bytes.fromhex(name)).values(status=item.status.value))
    return True
