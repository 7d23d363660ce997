"""Casting an answer, by socket or form: the question's type reads it, the ballot box keeps it, and what comes back
may be said, since it is on the disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
class Sending:
    """An answer as it came in. `claims`: cell → the SHA-256 of the claim that the phone drew for its text."""

    poll: PollKey
    picks: Sequence[str]
    texts: Mapping[str, str] = field(default_factory=dict)
    claims: Mapping[str, bytes] = field(default_factory=dict)
    revision: int | None = None


@dataclass(frozen=True)
class Told:
    """What the phone is told: the fate, a receipt for each stored cell that can be signed, and the claims that the
    server made because none was sent."""

    acknowledgement: Acknowledgement
    receipts: Mapping[str, str] = field(default_factory=dict)
    claims: Mapping[str, str] = field(default_factory=dict)


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
        voter_key=site.keys.voter_key(poll.nonce, participant),
        idea_key=site.keys.idea_key(poll.nonce, participant),
        revision=sending.revision,
        cells=question.cells(answer),
        ideas=tuple(IdeaText(cell, text, hashes[cell]) for cell, text in answer.texts.items()),
    )
    acknowledgement = await site.writer.do(ballot_box.cast, ballot_box.Cast(poll.id, ballot))
    if acknowledgement.code in NOT_OPEN:
        acknowledgement = replace(acknowledgement, code=Code.POLL_NOT_OPEN)
    receipts = {cell: site.keys.receipt(poll.nonce, cell) for cell in acknowledgement.cells if question.signable(cell)}
    return Told(acknowledgement, receipts, claims if acknowledgement.fate is Fate.COUNTED else {})


def question_here(room: Room, key: PollKey) -> Question:
    """The question of a poll in this room; raises `Refused` if the room has no such poll."""
    if key.set in room.session.sets:
        try:
            return room.event.question(key)
        except KeyError:
            pass
    raise Refused(Code.UNKNOWN_POLL, poll=str(key)[:80])
