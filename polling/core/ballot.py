"""A ballot, and the rule by which the last one cast counts. No name, time or address: nothing here knows a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from polling.core.errors import Code
from polling.core.tally import Cells


@dataclass(frozen=True)
class IdeaText:
    """A text cast with a ballot; kept as a record of its own, under a key of its own."""

    cell: str  # the option it belongs to; for an open answer the number of its field
    text: str
    claim_hash: bytes  # SHA-256 of the claim that the phone keeps


@dataclass(frozen=True)
class Ballot:
    """One participant's whole answer to one poll."""

    voter_key: bytes  # HMAC(poll key, the phone's secret)
    idea_key: bytes  # the same for the poll's ideas, under another key
    revision: int | None  # from 1 in each poll; None: one more than what is stored (a form without JavaScript)
    cells: Cells
    ideas: tuple[IdeaText, ...] = ()
    label: str = ""  # the segment it counts in, one at most; "": none


class Fate(StrEnum):
    """What became of a ballot that was sent. The words of the acknowledgement (docs/protocol.md)."""

    COUNTED = "counted"  # it is in the database, by this sending or an earlier one
    SUPERSEDED = "superseded"  # another answer with this or a higher revision is; it is told
    REFUSED = "refused"


@dataclass(frozen=True)
class Acknowledgement:
    """Said only after the commit. `revision` and `cells` are those of the ballot that counts now (0: none)."""

    fate: Fate
    revision: int = 0
    cells: Cells = field(default_factory=dict)
    code: Code | None = None  # why it was refused


def replaces(new_revision: int, stored_revision: int) -> bool:
    """The revision rule: only a higher one replaces. The database's upsert holds the same rule."""
    return new_revision > stored_revision


def judge(sent_revision: int, sent: Cells, stored_revision: int, stored: Cells) -> Fate:
    """The fate of a ballot that did not replace the stored one: told as counted if it *is* the stored one."""
    same = sent_revision == stored_revision and dict(sent) == dict(stored)
    return Fate.COUNTED if same else Fate.SUPERSEDED
