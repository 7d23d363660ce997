"""A contact: the details someone chose to give under one answer, and what they agreed to. Knows no ballot."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime

from email_validator import EmailNotValidError, validate_email

from polling.core.errors import Code, Refused
from polling.core.event import Asked, ContactFields, Event, WorkingGroup
from polling.core.poll import PollKey
from polling.core.words import Words

NAME_LENGTH = 100
"""The most characters in a name, and in that of an organisation."""
PHONE_LENGTH = 30
"""The most signs in a phone number, spaces and all."""
PHONE_DIGITS = range(6, 16)
"""How many digits make a phone number: within one town, or with the longest code of a country (E.164)."""

NOTHING_MORE = ContactFields()
"""A name and an e-mail address, which are always asked."""

_PHONE = re.compile(r"\+?[0-9 ()./-]+")
_TURNS_TEXT_AROUND = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C])


@dataclass(frozen=True)
class Contact:
    """Who may be written to. Make it with `contact`, which checks and tidies."""

    name: str
    email: str
    organisation: str = ""  # "" where it is not asked, or not given
    phone: str = ""


def contact(
    name: str, email: str, organisation: str = "", phone: str = "", asks: ContactFields = NOTHING_MORE
) -> Contact:
    """The details as typed, tidied; raises `Refused` with the code of the first that will not do.

    What the event does not ask is dropped, whoever sends it: it was not in the text that was agreed to.
    """
    return Contact(
        _name(name), _email(email), _organisation(organisation, asks.organisation), _phone(phone, asks.phone)
    )


def _name(typed: str) -> str:
    name = _line(typed)
    if len(name) > NAME_LENGTH or not any(sign.isalpha() for sign in name):
        raise Refused(Code.BAD_NAME, most=NAME_LENGTH)
    return name


def _organisation(typed: str, asked: Asked) -> str:
    organisation = _line(typed)
    if asked == "none" or (asked == "optional" and not organisation):
        return ""
    if len(organisation) > NAME_LENGTH or not any(sign.isalnum() for sign in organisation):
        raise Refused(Code.BAD_ORGANISATION, most=NAME_LENGTH)
    return organisation


def _phone(typed: str, asked: Asked) -> str:
    phone = _line(typed)
    if asked == "none" or (asked == "optional" and not phone):
        return ""
    digits = sum(sign in "0123456789" for sign in phone)
    if len(phone) > PHONE_LENGTH or digits not in PHONE_DIGITS or not _PHONE.fullmatch(phone):
        raise Refused(Code.BAD_PHONE, most=PHONE_LENGTH)
    return phone


def _line(typed: str) -> str:
    """One line of text, without signs that hide or turn it."""
    shown = "".join(" " if unicodedata.category(sign) == "Cc" else sign for sign in typed.translate(_TURNS_TEXT_AROUND))
    return unicodedata.normalize("NFC", " ".join(shown.split()))


def _email(typed: str) -> str:
    try:
        # Whether the domain takes mail is not looked up: that would tell its name server who signs, and when.
        return validate_email(typed.strip(), check_deliverability=False).normalized
    except EmailNotValidError:
        raise Refused(Code.BAD_EMAIL) from None


@dataclass(frozen=True)
class Terms:
    """What a name under an answer is used for: with whom it is shared, to do what, until when."""

    groups: tuple[WorkingGroup, ...]  # none: the organisers alone
    controller: Words | None
    until: date | None
    asks: ContactFields = NOTHING_MORE
    keeps_together: bool = False  # the event is pseudonymous


def terms_for(event: Event, poll: PollKey, cell: str) -> Terms:
    """The terms under which an answer can be signed, from the event's YAML."""
    privacy = event.privacy
    rules = (privacy.controller, privacy.contacts_until, privacy.contact, privacy.keeps_together)
    return Terms(event.groups_for(poll, cell), *rules)


def check_in_time(event: Event, today: date) -> None:
    """Raises `Refused` with SIGNING_OVER once the last day on which the event's answers can be signed is past."""
    ends = event.privacy.signing_ends
    if ends is not None and today > ends:
        raise Refused(Code.SIGNING_OVER)


@dataclass(frozen=True)
class Consent:
    """What was agreed to, as it was read: the text in the language it was shown in."""

    text: str
    language: str
    until: date | None

    @property
    def version(self) -> str:
        """Names the text, so that it can be shown which one was agreed to."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]


def half_day(moment: datetime) -> str:
    """All that is kept of when someone signed: '2026-11-24 pm'. A finer time could be laid beside the votes'."""
    return f"{moment:%Y-%m-%d} {'am' if moment.hour < 12 else 'pm'}"
