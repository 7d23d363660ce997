"""Changes to an event while it runs: its edited files are taken in; a moderator adds or rewords a question on the spot.

All is worked out anew in the transaction, from how polls stand then: one that was opened meanwhile is safe.
"""

from __future__ import annotations

import json
import re
import time
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from secrets import token_bytes
from typing import cast

from pydantic import ValidationError
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlmodel import col

from polling.core.errors import Code, Refused
from polling.core.event import Event, Place, QuestionSet, Reworded, spot_set_id
from polling.core.event_state import EventState
from polling.core.poll import PollKey, SessionState, State
from polling.core.questions.base import ID_LENGTH, Question
from polling.core.revising import Asked, Begun, Revision, revise
from polling.store.beside_polls import HandCountRow, PollNoteRow, all_beside
from polling.store.command_rows import CommandRow, answered_before
from polling.store.event_rows import EventRow
from polling.store.event_states import EventStateRow
from polling.store.events import event_in_force
from polling.store.polls import PollRow
from polling.store.sessions import SessionRow, session_state

ON_THE_SPOT = {"en": "Added on the spot", "nl": "Ter plekke toegevoegd"}
TAKE_IN, ADD, REWORD = "take_in", "add_question", "reword_question"
"""The verbs of these commands, in the list of commands."""


@dataclass
class TakeIn:
    """An organiser takes the files in. `expected`: the hash of what the preview said would come of it; where that has
    changed since, the command is refused as stale. `after`: the event that is in force then."""

    id: str
    files: Event
    expected: str
    who: str = ""
    at: float = field(default_factory=time.time)
    after: Event | None = None

    @property
    def event_id(self) -> str:
        return self.files.event


@dataclass
class Ask:
    """A moderator adds a question to a session, or, `instead_of` one that is not yet open, puts it in other words. The
    question gets an id of its own."""

    id: str
    event_id: str
    session_id: str
    question: Question
    instead_of: Asked | None = None
    who: str = ""
    at: float = field(default_factory=time.time)
    after: Event | None = None


def revise_events(connection: Connection, items: Sequence[TakeIn | Ask]) -> list[Event | Exception]:
    """The writer's handler: the event that is in force after each, or why that was refused."""
    return [_answer(connection, item) for item in items]


def preview(connection: Connection, files: Event) -> Revision:
    """What would become of the event in force, as things stand now."""
    in_force = event_in_force(connection, files.event)
    if in_force is None:
        raise Refused(Code.STALE)
    return revise(in_force, files, begun(connection, files.event), _in_use(connection, files.event))


def taken_in(connection: Connection, event_id: str) -> str:
    """The hash of the files that were taken in last."""
    statement = select(col(EventRow.file_hash)).where(col(EventRow.id) == event_id)
    return str(connection.execute(statement).scalar() or "")


def begun(connection: Connection, event_id: str) -> Mapping[Asked, Begun]:
    """The questions that something hangs on: a poll that was opened, a count by hand, a note."""
    keys = ("session", "set", "question", "round")
    opened = select(*(col(getattr(PollRow, name)) for name in keys)).where(
        col(PollRow.event) == event_id, col(PollRow.state) != State.PENDING.value
    )
    found = [(session, PollKey(*key)) for session, *key in connection.execute(opened)]
    found += [place for table in (HandCountRow, PollNoteRow) for place in all_beside(connection, table, event_id)]
    questions: dict[Asked, Begun] = {}
    for session, key in found:
        before = questions.get(key[:2], Begun(0, frozenset()))
        questions[key[:2]] = Begun(max(key.round, before.round), before.sessions | {session})
    return questions


def _in_use(connection: Connection, event_id: str) -> set[str]:
    """The sessions that people are sent to, or that were counted."""
    statement = select(col(EventStateRow.content)).where(col(EventStateRow.event) == event_id)
    content = connection.execute(statement).scalar()
    if content is None:
        return set()
    state = EventState.model_validate_json(content)
    sent = {each.to for each in (state.at, *state.rooms.values())}
    return {*sent, *state.rooms, *state.moved, *state.moved.values(), *state.attendance}


def _answer(connection: Connection, item: TakeIn | Ask) -> Event | Exception:
    session = "" if isinstance(item, TakeIn) else item.session_id
    before = event_in_force(connection, item.event_id)
    if before is None:
        return Refused(Code.STALE)
    if answered_before(connection, item.event_id, session, item.id) is not None:
        item.after = before
        return before
    try:
        if isinstance(item, TakeIn):
            after, verb, about = _taken(connection, item), TAKE_IN, None
            file_hash = item.files.content_hash
        else:
            after, key = _asked(connection, before, item)
            verb, about = REWORD if item.instead_of else ADD, str(key)
            file_hash = taken_in(connection, item.event_id)
    except Refused as refused:
        return refused
    _put_in_force(connection, before, after, file_hash)
    names = {"event": item.event_id, "session": session, "id": item.id, "verb": verb, "poll": about}
    outcome = json.dumps({"revision": 0})
    connection.execute(insert(CommandRow).values(**names, who=item.who, at=item.at, outcome=outcome))
    item.after = after
    return after


def _taken(connection: Connection, item: TakeIn) -> Event:
    after = preview(connection, item.files).event
    if after.content_hash != item.expected:
        raise Refused(Code.STALE)
    return after


def _put_in_force(connection: Connection, before: Event, after: Event, file_hash: str) -> None:
    values: dict[str, object] = {"hash": after.content_hash, "content": after.model_dump_json(), "file_hash": file_hash}
    if after.privacy.keeps_together is not before.privacy.keeps_together:  # only while nothing was opened
        values["nonce"] = token_bytes(16) if after.privacy.keeps_together else None
    connection.execute(update(EventRow).where(col(EventRow.id) == after.event).values(values))
    stay = {session.id for session in after.sessions}
    for session in before.sessions:
        if session.id not in stay:
            here = (col(SessionRow.event) == before.event, col(SessionRow.session) == session.id)
            connection.execute(delete(SessionRow).where(*here))
        elif before.running_order(session.id) != after.running_order(session.id):
            _moved_on(connection, before, after, session.id)


def _moved_on(connection: Connection, before: Event, after: Event, session_id: str) -> None:
    """A session whose running order changed: its revision goes up, so that no command is carried out that was given
    in view of the old one; and where it stood at a question that is gone, it stands at the one before."""
    state = session_state(connection, before.event, session_id)
    current = _where(before, after, session_id, state)
    changed = {"revision": state.revision + 1, "current": str(current) if current else None}
    values = {"event": after.event, "session": session_id} | changed
    connection.execute(upsert(SessionRow).values(values).on_conflict_do_update(["event", "session"], set_=changed))


def _where(before: Event, after: Event, session_id: str, state: SessionState) -> PollKey | None:
    current = state.current
    if current is None or state.poll(current).state is not State.PENDING:
        return current
    places = {place.poll_key()[:2]: place for place in after.running_order(session_id)}
    instead = {(each.set, each.question): each.by for each in after.reworded if each.session == session_id}
    old = [place.poll_key()[:2] for place in before.running_order(session_id)]
    upto = old[: old.index(current[:2]) + 1] if current[:2] in old else []
    for asked in reversed(upto):
        now = (spot_set_id(session_id), instead[asked]) if asked in instead else asked
        if now in places:
            return state.latest_round(*places[now].poll_key())
    return None


def _asked(connection: Connection, event: Event, item: Ask) -> tuple[Event, PollKey]:
    """The event with the question, and its poll."""
    if item.session_id not in {session.id for session in event.sessions}:
        raise Refused(Code.UNKNOWN_SESSION, session=item.session_id)
    spot = spot_set_id(item.session_id)
    place = _rewordable(connection, event, item) if item.instead_of else None
    if place is not None and place.set.set == spot:  # one that was added here: in its own place
        question = item.question.model_copy(update={"id": place.question.id})
        return _with(event, item.session_id, question), place.poll_key()
    taken = {asked for set_id, asked in _names(event) if set_id == spot}
    question = item.question.model_copy(update={"id": fresh_id(item.question.title, taken)})
    after = _with(event, item.session_id, question)
    if item.instead_of:
        names = dict(zip(("set", "question"), item.instead_of, strict=True))
        other = Reworded.model_validate({"session": item.session_id, "by": question.id} | names)
        after = after.but(reworded=(*after.reworded, other))
    return after, PollKey(spot, question.id)


def _rewordable(connection: Connection, event: Event, item: Ask) -> Place:
    places = {place.poll_key()[:2]: place for place in event.running_order(item.session_id)}
    place = places.get(cast(Asked, item.instead_of))
    if place is None:
        raise Refused(Code.UNKNOWN_POLL, poll="/".join(item.instead_of or ()))
    state = session_state(connection, item.event_id, item.session_id)
    if is_begun(state, place):
        raise Refused(Code.QUESTION_BEGUN)
    if place.question.makes_labels or place.set.pace == "participant" or place.question.type != item.question.type:
        raise Refused(Code.NOT_ALLOWED)
    return place


def is_begun(state: SessionState, place: Place) -> bool:
    """Whether a session has opened a question in its present words."""
    here = (key for key in state.polls if key[:2] == place.poll_key()[:2] and key.round >= place.first_round)
    return any(state.poll(key).state is not State.PENDING for key in here)


def _names(event: Event) -> Iterator[Asked]:
    return ((set_id, question.id) for set_id, question, _ in event.every_question())


def _with(event: Event, session_id: str, question: Question) -> Event:
    """The event with a question in a session's own set, instead of the one with its id, or after all others."""
    spot = spot_set_id(session_id)
    before = next((each.questions for each in event.sets if each.set == spot), ())
    questions = tuple(question if each.id == question.id else each for each in before)
    if question not in questions:
        questions = (*questions, question)
    title = {language: words for language, words in ON_THE_SPOT.items() if language in event.languages}
    try:
        added = QuestionSet.model_validate({"set": spot, "title": title, "questions": questions})
    except ValidationError:
        raise Refused(Code.TOO_MANY, most=len(before)) from None
    known = any(each.set == spot for each in event.sets)
    sets = tuple(added if each.set == spot else each for each in event.sets) if known else (*event.sets, added)
    sessions = tuple(
        session.model_copy(update={"sets": (*session.sets, spot)})
        if session.id == session_id and spot not in session.sets
        else session
        for session in event.sessions
    )
    return event.but(sets=sets, sessions=sessions)


def fresh_id(title: Mapping[str, str], taken: set[str]) -> str:
    """An id made of a title, that nothing else has."""
    plain = unicodedata.normalize("NFKD", next(iter(title.values()))).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain[:80]).strip("-")[: ID_LENGTH - 4].strip("-") or "question"
    names = (stem if number == 1 else f"{stem}-{number}" for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)
