"""The acknowledgement of a cast answer, as a phone or a robot reads it: the same by socket and by POST."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from polling.core.ballot import Fate
from polling.core.errors import Refused
from polling.core.poll import PollKey
from polling.live.room import Room
from polling.rendering import sentence
from polling.web.casting import Label, Sending, cast
from polling.web.messages import CastMessage
from polling.web.site import Site


async def acknowledge(site: Site, room: Room, participant: bytes, sent: CastMessage, language: str) -> dict[str, Any]:
    """Casts the answer of a message, and says what became of it."""
    names = {"type": "ack", "id": sent.id, "poll": sent.poll}
    try:
        claims = {cell: bytes.fromhex(claim) for cell, claim in sent.claims.items()}
        label = Label(sent.label.option, sent.label.receipt) if sent.label else None
        sending = Sending(PollKey.from_text(sent.poll), sent.picks, sent.texts, claims, sent.revision, label)
        told = await cast(site, room, participant, sending)
    except Refused as refused:
        return names | {"fate": Fate.REFUSED.value} | why(refused, language)
    said = told.acknowledgement
    answer = names | {
        "fate": said.fate.value,
        "revision": said.revision,
        "picks": list(said.cells),
        "receipts": told.receipts,
    }
    if told.claims:
        answer["claims"] = told.claims
    if told.label:
        answer["label"] = asdict(told.label)
    return answer | (why(Refused(said.code), language) if said.code else {})


def why(refused: Refused, language: str) -> dict[str, str]:
    """The code of a refusal, and its sentence."""
    return {"code": refused.code.value, "message": sentence(refused.code, language, **refused.values)}
