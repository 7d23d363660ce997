"""Casting an answer, by socket or form: the question's type reads it, the ballot box keeps it, and what comes back
may be said, since it is on the disk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from polling.core.ballot import Acknowledgement, Ballot, Fate, IdeaText
from polling.core.errors import Code, Refused
from polling.core.keys import claim_hash
from polling.core.poll import PollKey
from polling.core.questions.base import Question
from polling.live.room import Room
from polling.store import ballot_box
from polling.web.site import Site

NOT_OPEN = frozenset({Code.POLL_PENDING, Code.POLL_CLOSED, Code.POLL_SEALED})
"""One and the same to a phone."""


@dataclass(frozen=True)
class Label:
    """A segment that the phone's own answer put it in, and the receipt for it; the same for all who are in it.

    The phone keeps and brings it: the server never looks up one answer to add it to another. So a phone without a
    script has none, and counts in the whole only.
    """

    option: str
    receipt: str
    segment: str = ""  # "set/question"


@dataclass(frozen=True)
class Sending:
    """An answer as it came in. `claims`: cell → the SHA-256 of the claim that the phone drew for its text."""

    poll: PollKey
    picks: Sequence[str]
    texts: Mapping[str, str] = field(default_factory=dict)
    claims: Mapping[str, bytes] = field(default_factory=dict)
    revision: int | None = None
    label: Label | None = None  # where the question's result is divided by segment


@dataclass(frozen=True)
class Told:
    """What the phone is told: the fate, a receipt for each stored cell that can be signed, the claims that the server
    made because none was sent, and the label that an answer to a segment question gives."""

    acknowledgement: Acknowledgement
    receipts: Mapping[str, str] = field(default_factory=dict)
    claims: Mapping[str, str] = field(default_factory=dict)
    label: Label | None = None


async def cast(site: Site, room: Room, participant: bytes, sending: Sending) -> Told:
    """Casts an answer. Raises `Refused` where it doesn't fit the question, or the poll was never open."""
    question = question_here(room, sending.poll)
    answer = question.parse(sending.picks, sending.texts)
    poll = await room.poll_ref(sending.poll)
    if poll is None:
        raise Refused(Code.POLL_NOT_OPEN)
    claims = {
        cell: site.keys.claim(poll.nonce, participant, cell) for cell in answer.texts if cell not in sending.claims
    }
    hashes = {**sending.claims, **{cell: claim_hash(claim) for cell, claim in claims.items()}}
    ballot = Ballot(
        voter_key=site.keys.voter_key(poll.voter_nonce, participant),
        idea_key=site.keys.idea_key(poll.nonce, participant),
        revision=sending.revision,
        cells=question.cells(answer),
        ideas=tuple(IdeaText(cell, text, hashes[cell]) for cell, text in answer.texts.items()),
        label=_label_of(site, room, sending),
    )
    acknowledgement = await site.writer.do(ballot_box.cast, ballot_box.Cast(poll.id, ballot))
    if acknowledgement.code in NOT_OPEN:
        acknowledgement = replace(acknowledgement, code=Code.POLL_NOT_OPEN)
    receipts = {cell: site.keys.receipt(poll.nonce, cell) for cell in acknowledgement.cells if question.signable(cell)}
    made = claims if acknowledgement.fate is Fate.COUNTED else {}
    return Told(acknowledgement, receipts, made, _label_for(site, room, sending.poll, acknowledgement.cells))


def _label_of(site: Site, room: Room, sending: Sending) -> str:
    """The segment that a vote counts in, by the receipt that it brings. One that doesn't fit is left out: an answer is
    not lost for it."""
    segment, sent = room.event.segment_of(sending.poll), sending.label
    if segment is None or sent is None or sent.option not in room.event.segment(segment).all_cells():
        return ""
    return sent.option if site.keys.is_label(sent.receipt, room.event.event, segment, sent.option) else ""


def _label_for(site: Site, room: Room, poll: PollKey, cells: Iterable[str]) -> Label | None:
    """The label that an answer to a segment question gives its phone."""
    if not room.event.question(poll).makes_labels:
        return None
    segment = f"{poll.set}/{poll.question}"
    return next((Label(cell, site.keys.label(room.event.event, segment, cell), segment) for cell in cells), None)


def question_here(room: Room, key: PollKey) -> Question:
    """The question of a poll in this room; raises `Refused` if the room has no such poll."""
    if key.set in room.session.sets:
        try:
            return room.event.question(key)
        except KeyError:
            pass
    raise Refused(Code.UNKNOWN_POLL, poll=str(key)[:80])
