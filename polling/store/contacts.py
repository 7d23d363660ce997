"""Contacts: one row per signed answer. Reads no ballot, and nothing that it imports does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, LargeBinary, Row, delete, insert, select, update
from sqlmodel import Field, SQLModel, col

from polling.core.contact import Consent, Contact
from polling.core.errors import Code, Refused
from polling.core.poll import PollKey
from polling.store.ideas import Idea, idea_by_claim
from polling.store.polls import poll_ref
from polling.store.tallies import standing
from polling.store.withdrawals import remember_withdrawal


class ContactRow(SQLModel, table=True):
    """A name under one answer, with a copy of that answer and of the consent as it was seen.

    The key is random and there is no clock finer than half a day: the rows tell neither who signed first
    nor which other answers the same person gave.
    """

    __tablename__ = "contact"
    __table_args__ = {"sqlite_with_rowid": False}

    id: bytes = Field(sa_type=LargeBinary, primary_key=True)  # 16 random bytes
    event: str
    session: str
    set: str
    question: str
    round: int
    cell: str
    idea_id: bytes | None = Field(default=None, sa_type=LargeBinary, unique=True)  # None: an option was signed
    answer: str  # the words that were signed
    name: str
    email: str
    organisation: str  # "" where it is not asked, or not given
    phone: str
    working_groups: str  # the groups' ids, apart by a space
    consent_text: str
    consent_version: str  # the hash of the text
    language: str
    until: date | None  # the day that the consent names
    half_day: str  # "2026-11-24 pm"
    key_hash: bytes = Field(sa_type=LargeBinary, unique=True)  # of the private link's key
    status: str = "open"  # as the working group set it; of an idea the idea's own counts


_CELL = ("event", "session", "set", "question", "round", "cell")


@dataclass(frozen=True)
class Signing:
    """A request to put a name under one answer, its receipt already checked. `id` and `key_hash` come from chance."""

    id: bytes
    key_hash: bytes
    event: str
    session: str
    poll: PollKey
    cell: str
    claim_hash: bytes | None  # of an idea; None: an option, which the tally counts
    answer: str  # an option's words; an idea's own are copied in the transaction
    contact: Contact
    working_groups: tuple[str, ...]
    consent: Consent
    half_day: str


@dataclass(frozen=True)
class SignedAnswer:
    """What is held of someone under one answer."""

    event: str
    session: str
    poll: PollKey
    cell: str
    answer: str
    contact: Contact
    working_groups: tuple[str, ...]
    consent: Consent
    half_day: str
    idea_id: bytes | None
    id: bytes
    status: str


def sign(connection: Connection, signings: Sequence[Signing]) -> list[Refused | None]:
    """Adds a row for each signing; None: it is there, else why not. Sent twice, the same one is signed once."""
    codes = [_sign(connection, signing) for signing in signings]
    return [Refused(code) if code else None for code in codes]


def _sign(connection: Connection, signing: Signing) -> Code | None:
    poll = poll_ref(connection, signing.event, signing.session, signing.poll)
    if poll is None:
        return Code.NOT_SIGNABLE
    idea = idea_by_claim(connection, signing.claim_hash) if signing.claim_hash is not None else None
    if idea is not None and idea.poll_id != poll.id:
        return Code.NOT_SIGNABLE
    counted = standing(connection, poll.id).now.cells.get(idea.cell if idea else signing.cell, 0)
    if idea is None and (signing.claim_hash is not None or not counted):
        return Code.NOT_SIGNABLE
    row = _row(signing, idea)
    held = find(connection, signing.key_hash)
    if held is not None:
        sent_again = (held.poll, held.cell, held.idea_id, held.contact) == (
            signing.poll,
            row["cell"],
            row["idea_id"],
            signing.contact,
        )
        return None if sent_again else Code.ALREADY_SIGNED
    if _is_signed(connection, row, counted):
        return Code.ALREADY_SIGNED
    connection.execute(insert(ContactRow), [row])
    return None


def _is_signed(connection: Connection, row: Mapping[str, Any], counted: int) -> bool:
    """An idea is signed once. A receipt names nobody, so it could be passed on: each address once, and no more
    names under an option than it was counted. (The ideas of an open answer are in no tally.)"""
    same_cell = [col(getattr(ContactRow, name)) == row[name] for name in _CELL]
    held = connection.execute(select(col(ContactRow.idea_id), col(ContactRow.email)).where(*same_cell)).all()
    if counted and len(held) >= counted:
        return True
    if row["idea_id"] is not None:
        return any(other.idea_id == row["idea_id"] for other in held)
    return any(other.idea_id is None and other.email.casefold() == row["email"].casefold() for other in held)


def _row(signing: Signing, idea: Idea | None) -> dict[str, Any]:
    return {
        "id": signing.id,
        "event": signing.event,
        "session": signing.session,
        "set": signing.poll.set,
        "question": signing.poll.question,
        "round": signing.poll.round,
        "cell": idea.cell if idea else signing.cell,
        "idea_id": idea.id if idea else None,
        "answer": idea.text if idea else signing.answer,
        "name": signing.contact.name,
        "email": signing.contact.email,
        "organisation": signing.contact.organisation,
        "phone": signing.contact.phone,
        "working_groups": " ".join(signing.working_groups),
        "consent_text": signing.consent.text,
        "consent_version": signing.consent.version,
        "language": signing.consent.language,
        "until": signing.consent.until,
        "half_day": signing.half_day,
        "key_hash": signing.key_hash,
        "status": "open",
    }


def find(connection: Connection, key_hash: bytes) -> SignedAnswer | None:
    """What is held under a private link's key."""
    rows = signed_answers(connection, col(ContactRow.key_hash) == key_hash)
    return rows[0] if rows else None


def signed_answers(connection: Connection, *where: ColumnElement[bool]) -> list[SignedAnswer]:
    """The signed answers that fit, in the order of their random keys."""
    columns = [col(getattr(ContactRow, name)) for name in ContactRow.model_fields]
    return [_signed_answer(row) for row in connection.execute(select(*columns).where(*where))]


def for_working_group(connection: Connection, event: str, working_group: str) -> list[SignedAnswer]:
    """What was signed for a working group."""
    found = signed_answers(connection, col(ContactRow.event) == event)
    return [signed for signed in found if working_group in signed.working_groups]


def signed_ideas(connection: Connection, event: str) -> set[tuple[bytes, str]]:
    """The ideas that bear a name, with the words it stands under: an idea that was changed since is another one."""
    columns = (col(ContactRow.idea_id), col(ContactRow.answer))
    found = connection.execute(select(*columns).where(col(ContactRow.event) == event, columns[0].is_not(None)))
    return {(idea_id, answer) for idea_id, answer in found if idea_id is not None}


def _signed_answer(row: Row[Any]) -> SignedAnswer:
    return SignedAnswer(
        event=row.event,
        session=row.session,
        poll=PollKey(row.set, row.question, row.round),
        cell=row.cell,
        answer=row.answer,
        contact=Contact(row.name, row.email, row.organisation, row.phone),
        working_groups=tuple(row.working_groups.split()),
        consent=Consent(row.consent_text, row.language, row.until),
        half_day=row.half_day,
        idea_id=row.idea_id,
        id=row.id,
        status=row.status,
    )


@dataclass(frozen=True)
class Withdrawal:
    """What is held under a private link's key is to go; `half_day`: when."""

    key_hash: bytes
    half_day: str


def withdraw(connection: Connection, withdrawals: Sequence[Withdrawal]) -> list[bool]:
    """Deletes what is held under each key; False: nothing was. An idea stays, without a name, and of the consent
    its hash and the half-days."""
    return [_withdraw(connection, withdrawal) for withdrawal in withdrawals]


def _withdraw(connection: Connection, withdrawal: Withdrawal) -> bool:
    mine = col(ContactRow.key_hash) == withdrawal.key_hash
    columns = (col(ContactRow.event), col(ContactRow.working_groups), col(ContactRow.consent_version))
    row = connection.execute(select(*columns, col(ContactRow.half_day)).where(mine)).first()
    if row is None:
        return False
    connection.execute(delete(ContactRow).where(mine))
    remember_withdrawal(connection, *row, withdrawn=withdrawal.half_day)
    return True


@dataclass(frozen=True)
class Correction:
    """Other details for what is held under a private link's key."""

    key_hash: bytes
    contact: Contact


def correct(connection: Connection, corrections: Sequence[Correction]) -> list[Refused | None]:
    """Puts other details in the place of those that are held; None: done. The consent stays as it was read."""
    codes = [_correct(connection, correction) for correction in corrections]
    return [Refused(code) if code else None for code in codes]


def _correct(connection: Connection, correction: Correction) -> Code | None:
    held = find(connection, correction.key_hash)
    if held is None:
        return Code.UNKNOWN_KEY
    here = {"event": held.event, "session": held.session, **held.poll._asdict(), "cell": held.cell}
    same_cell = [col(getattr(ContactRow, name)) == value for name, value in here.items()]
    others = select(col(ContactRow.email)).where(
        *same_cell, col(ContactRow.idea_id).is_(None), col(ContactRow.key_hash) != correction.key_hash
    )
    email = correction.contact.email.casefold()
    if held.idea_id is None and any(other.casefold() == email for other in connection.execute(others).scalars()):
        return Code.ALREADY_SIGNED
    mine = col(ContactRow.key_hash) == correction.key_hash
    connection.execute(update(ContactRow).where(mine).values(**asdict(correction.contact)))
    return None
