"""Polls as they are kept: one row per question, session and round."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from secrets import token_bytes
from typing import cast

from sqlalchemy import ColumnElement, Connection, LargeBinary, UniqueConstraint, delete, func, insert, select, update
from sqlalchemy.orm import Mapped
from sqlmodel import Field, SQLModel, col

from polling.core.event import Event
from polling.core.poll import Poll, PollKey, State, Timer
from polling.core.results.segments import SMALL_SEGMENT, least_segment
from polling.store.event_rows import EventRow


class PollRow(SQLModel, table=True):
    """A poll: where it is in its life, and the respondents that are the base of its percentages.

    Polls may have times; ballots never do.
    """

    __tablename__ = "poll"
    __table_args__ = (UniqueConstraint("event", "session", "set", "question", "round"),)

    id: int | None = Field(default=None, primary_key=True)
    event: str
    session: str
    set: str
    question: str
    round: int
    state: str
    revealed: bool
    present: int | None
    step: int
    nonce: bytes = Field(sa_type=LargeBinary)  # the poll's keys are made from it (core/keys.py)
    respondents: int = 0
    shown_respondents: int = 0  # as at the last step of the bars
    edition: int = 0  # how often its exact result was out, at a close; 0: it never was, or nothing is withheld here
    changed: int = 0  # ballots that are not as they were in that edition
    joined: int | None = None  # the most phones that were seen in the room when it was opened or closed
    timer_seconds: int | None = None  # while one is running
    timer_closes: bool = False
    timer_started: float | None = None  # seconds since 1970
    opened: float | None = None  # seconds since 1970: the first time
    closed: float | None = None  # the last time; None while it is open
    seal_nonce: bytes | None = Field(default=None, sa_type=LargeBinary)
    digest: bytes | None = Field(default=None, sa_type=LargeBinary)  # of the tally, at the seal


_id = cast(Mapped[int], col(PollRow.id))  # never None in a row that is stored


@dataclass(frozen=True)
class PollRef:
    """How the store and the keys know a poll. Fixed but for `state` and `step`.

    `nonce`: its own, for claims, receipts and the keys of texts. `voter_nonce`: that of its voter keys. It is the same,
    so that ballots can't be put together; in a pseudonymous event it is the event's, so that they can.
    """

    id: int
    key: PollKey
    nonce: bytes
    voter_nonce: bytes
    state: State
    step: int


def poll_refs(connection: Connection, event_id: str, session_id: str) -> dict[PollKey, PollRef]:
    """Every poll of a session that anything was done with."""
    refs = _refs(connection, col(PollRow.event) == event_id, col(PollRow.session) == session_id)
    return {ref.key: ref for ref in refs}


def poll_ref(connection: Connection, event_id: str, session_id: str, key: PollKey) -> PollRef | None:
    """A poll by its key; None while nothing was done with it, so that it is pending."""
    found = _refs(connection, col(PollRow.event) == event_id, col(PollRow.session) == session_id, *_is(key))
    return next(iter(found), None)


def _refs(connection: Connection, *where: ColumnElement[bool]) -> list[PollRef]:
    key = (col(PollRow.set), col(PollRow.question), col(PollRow.round))
    own = col(PollRow.nonce)
    columns = (_id, own, func.coalesce(col(EventRow.nonce), own), col(PollRow.state), col(PollRow.step), *key)
    statement = select(*columns).outerjoin(EventRow, col(EventRow.id) == col(PollRow.event)).where(*where)
    return [
        PollRef(id, PollKey(set_id, question, round), nonce, voter_nonce, State(state), step)
        for id, nonce, voter_nonce, state, step, set_id, question, round in connection.execute(statement)
    ]


def polls_of(connection: Connection, event_id: str, session_id: str) -> dict[PollKey, Poll]:
    """The session's polls as the core knows them."""
    statement = select(
        col(PollRow.set),
        col(PollRow.question),
        col(PollRow.round),
        col(PollRow.state),
        col(PollRow.revealed),
        col(PollRow.present),
        col(PollRow.step),
        col(PollRow.timer_seconds),
        col(PollRow.timer_closes),
        col(PollRow.timer_started),
        col(PollRow.opened),
        col(PollRow.closed),
    ).where(col(PollRow.event) == event_id, col(PollRow.session) == session_id)
    polls = {}
    for set_id, question, round, state, revealed, present, step, seconds, *more in connection.execute(statement):
        key = PollKey(set_id, question, round)
        closes, started, opened, closed = more
        timer = None if seconds is None else Timer(seconds, closes, started)
        polls[key] = Poll(key, State(state), revealed, present, step, timer, opened, closed)
    return polls


def save_polls(
    connection: Connection,
    event_id: str,
    session_id: str,
    before: Mapping[PollKey, Poll],
    after: Iterable[Poll],
    seen: int = 0,
) -> None:
    """Writes what a command changed. A new poll gets its nonce here. `seen`: how many phones are there now."""
    for poll in after:
        old = before.get(poll.key)
        if poll == old:
            continue
        values: dict[str, object] = {
            "state": poll.state.value,
            "revealed": poll.revealed,
            "present": poll.present,
            "step": poll.step,
            "timer_seconds": poll.timer.seconds if poll.timer else None,
            "timer_closes": poll.timer.closes if poll.timer else False,
            "timer_started": poll.timer.started if poll.timer else None,
            "opened": poll.opened,
            "closed": poll.closed,
        }
        if poll.state != (old.state if old else State.PENDING):
            values["joined"] = func.max(func.coalesce(col(PollRow.joined), 0), seen) if old else seen
        if old is None:
            names = {"event": event_id, "session": session_id, **poll.key._asdict(), "nonce": token_bytes(16)}
            none = dict.fromkeys(("respondents", "shown_respondents", "edition", "changed"), 0)
            connection.execute(insert(PollRow).values(names | values | none))
        else:
            where = (col(PollRow.event) == event_id, col(PollRow.session) == session_id, *_is(poll.key))
            connection.execute(update(PollRow).where(*where).values(values))


@dataclass(frozen=True)
class Box:
    """What taking ballots needs to know of a poll."""

    state: State
    step: int
    respondents: int
    shown: int
    edition: int
    changed: int

    def moves(self, more: int) -> bool:
        """Whether its bars move when `more` have answered. With step 1 also where someone only changed a vote. Those
        of a result that was out stand still until the next close."""
        return not self.edition and (self.step == 1 or self.respondents + more - self.shown >= self.step)


def boxes(connection: Connection, poll_ids: Iterable[int]) -> dict[int, Box]:
    """How polls stand, read in the transaction that takes their ballots: so a close is a barrier."""
    counts = (col(PollRow.step), col(PollRow.respondents), col(PollRow.shown_respondents))
    editions = (col(PollRow.edition), col(PollRow.changed))
    statement = select(_id, col(PollRow.state), *counts, *editions).where(_id.in_(list(poll_ids)))
    return {id: Box(State(state), *numbers) for id, state, *numbers in connection.execute(statement)}


def add_respondents(connection: Connection, more: Mapping[int, int], changed: Mapping[int, int]) -> None:
    """Adds to the respondents of polls, and to the ballots that are not as they were when the result was out."""
    for poll_id, number in more.items():
        if number or changed.get(poll_id):
            total = {
                "respondents": col(PollRow.respondents) + number,
                "changed": col(PollRow.changed) + changed.get(poll_id, 0),
            }
            connection.execute(update(PollRow).where(_id == poll_id).values(total))


@dataclass(frozen=True)
class Unsealed:
    """A poll whose ballots are still there. `least`: segments of fewer are merged at the seal."""

    poll_id: int
    least: int = SMALL_SEGMENT


def polls_to_seal(connection: Connection, now: float, event: Event) -> list[Unsealed]:
    """`event`'s polls that have been closed for as long as its privacy says; `now` in seconds since 1970 (`math.inf`:
    all that are closed)."""
    since = now - 60 * event.privacy.seal_after_minutes
    statement = select(_id).where(
        col(PollRow.event) == event.event, col(PollRow.state) == State.CLOSED.value, col(PollRow.closed) <= since
    )
    least = least_segment(event.privacy.smallest_group)
    return [Unsealed(id, least) for id in connection.execute(statement).scalars()]


def poll_states(connection: Connection, event_id: str) -> list[State]:
    """Where each poll of the event is in its life."""
    states = connection.execute(select(col(PollRow.state)).where(col(PollRow.event) == event_id)).scalars()
    return [State(state) for state in states]


def has_answers(connection: Connection, event_id: str) -> bool:
    """Whether anyone ever answered a poll of the event; still so once its ballots are sealed."""
    statement = select(_id).where(col(PollRow.event) == event_id, col(PollRow.respondents) > 0).limit(1)
    return connection.execute(statement).first() is not None


def keeps_together(connection: Connection, poll_id: int) -> bool:
    """Whether the poll's ballots stay after the seal, under a key that is the participant's in all polls."""
    statement = select(col(EventRow.nonce)).join(PollRow, col(PollRow.event) == col(EventRow.id)).where(_id == poll_id)
    return connection.execute(statement).scalar() is not None


def session_of(connection: Connection, poll_id: int) -> tuple[str, str] | None:
    """The event and session that a poll belongs to."""
    statement = select(col(PollRow.event), col(PollRow.session)).where(_id == poll_id)
    row = connection.execute(statement).first()
    return None if row is None else (row[0], row[1])


def poll_ids(connection: Connection, event_id: str) -> list[int]:
    """The ids of all polls of an event."""
    return list(connection.execute(select(_id).where(col(PollRow.event) == event_id)).scalars())


def forget_polls(connection: Connection, event_id: str) -> None:
    """Deletes an event's polls; what they counted has to be gone already."""
    connection.execute(delete(PollRow).where(col(PollRow.event) == event_id))


def _is(key: PollKey) -> tuple[ColumnElement[bool], ...]:
    return (col(PollRow.set) == key.set, col(PollRow.question) == key.question, col(PollRow.round) == key.round)
