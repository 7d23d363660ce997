"""An answer that can be signed, and what a phone proves it by: a receipt or a claim. Reads no cookie and no ballot."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from sqlalchemy import Connection

from polling.core.contact import check_in_time
from polling.core.errors import Code, Refused
from polling.core.event import Event, SessionPlan
from polling.core.keys import claim_hash
from polling.core.poll import PollKey
from polling.core.questions.base import Question
from polling.core.words import say
from polling.store.ideas import idea_by_claim
from polling.store.polls import poll_ref
from polling.web.site import Site

_SAVED_KEY = re.compile(r"(claim|receipt)-([^/]+)/([^/]+)/([^/]+/[^/]+/\d+)/(.+)/([A-Za-z0-9_-]{22})")


@dataclass(frozen=True)
class Proof:
    """One answer as a phone points to it, with its receipt or its claim."""

    event: str
    session: str
    poll: str  # "set/question/round"
    cell: str
    receipt: str = ""  # of an option
    claim: str = ""  # of an idea

    @classmethod
    def from_saved_key(cls, text: str) -> Proof | None:
        """What a saved key says; None if it is none."""
        found = _SAVED_KEY.fullmatch(text)
        if found is None:
            return None
        kind, event, session, poll, cell, proof = (unquote(part) for part in found.groups())
        return cls(event, session, poll, cell, **{kind: proof})

    @property
    def saved_key(self) -> str:
        """All of it in one text, to be kept elsewhere than on this phone."""
        kind, proof = ("claim", self.claim) if self.claim else ("receipt", self.receipt)
        return f"{kind}-" + "/".join(
            quote(part, safe="/") for part in (self.event, self.session, self.poll, self.cell, proof)
        )


@dataclass(frozen=True)
class Signable:
    """The one answer that is to be signed."""

    event: Event
    session: SessionPlan
    poll: PollKey
    question: Question
    cell: str
    claim_hash: bytes | None
    idea: str  # an idea's text; empty for an option

    def answer(self, language: str) -> str:
        """It in words."""
        return self.idea or say(self.question.cell_name(self.cell), language)


def look_up(site: Site, proof: Proof) -> Signable:
    """The answer that is meant, its receipt or claim checked; raises `Refused`, also once the last day is past."""
    try:
        event = site.hall.events[proof.event]
        session = event.session(proof.session)
        poll = PollKey.from_text(proof.poll)
        question = event.question(poll)
    except (KeyError, Refused):
        raise Refused(Code.NOT_SIGNABLE) from None
    check_in_time(event, site.clock().date())
    with site.database.read() as connection:
        cell, idea = _proven(connection, site, proof, poll)
    if not question.signable(cell):
        raise Refused(Code.NOT_SIGNABLE)
    hashed = claim_hash(proof.claim) if proof.claim else None
    return Signable(event, session, poll, question, cell, hashed, idea)


def _proven(connection: Connection, site: Site, proof: Proof, poll: PollKey) -> tuple[str, str]:
    """Cell and idea of an answer that was counted here; raises `Refused` without proof of it."""
    ref = poll_ref(connection, proof.event, proof.session, poll)
    if ref is not None and proof.claim:
        idea = idea_by_claim(connection, claim_hash(proof.claim))
        if idea is not None and idea.poll_id == ref.id:
            return idea.cell, idea.text
    elif ref is not None and site.keys.is_receipt(proof.receipt, ref.nonce, proof.cell):
        return proof.cell, ""
    raise Refused(Code.NOT_SIGNABLE)
