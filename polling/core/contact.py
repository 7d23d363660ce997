"""A contact: the details someone chose to give under one answer, and what they agreed to. Knows no ballot."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime

from email_validator import EmailNotValidError, validate_email

from polling.core.errors import Code, Refused
from polling.core.event import Event
from polling.core.questions.base import Question
from polling.core.words import Words

NAME_LENGTH = 100
"""The most characters in a name."""

_TURNS_TEXT_AROUND = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C])


@dataclass(frozen=True)
class Contact:
    """Who may be written to. Make it with `contact`, which checks and tidies."""

    name: str
    email: str
    organisation: str = ""  # "" where it is not asked, or not given
    phone: str = ""


def contact(name: str, email: str) -> Contact:
    """The details as typed, tidied; raises `Refused` with BAD_NAME or BAD_EMAIL."""
    return Contact(_name(name), _email(email))


def _name(typed: str) -> str:
    shown = "".join(" " if unicodedata.category(sign) == "Cc" else sign for sign in typed.translate(_TURNS_TEXT_AROUND))
    name = unicodedata.normalize("NFC", " ".join(shown.split()))
    if len(name) > NAME_LENGTH or not any(sign.isalpha() for sign in name):
        raise Refused(Code.BAD_NAME, most=NAME_LENGTH)
    return name


def _email(typed: str) -> str:
    try:
        # Whether the domain takes mail is not looked up: that would tell its name server who signs, and when.
        return validate_email(typed.strip(), check_deliverability=False).normalized
    except EmailNotValidError:
        raise Refused(Code.BAD_EMAIL) from None


@dataclass(frozen=True)
class Terms:
    """What a name under an answer is used for: with whom it is shared, to do what, until when."""

    working_group: str | None
    title: Words | None  # of the working group
    purpose: Words | None  # after "in order to"
    controller: Words | None
    until: date | None


def terms_for(event: Event, question: Question) -> Terms:
    """The terms under which an answer to `question` can be signed, from the event's YAML."""
    group = event.working_group(question.working_group) if question.working_group else None
    return Terms(
        working_group=group.id if group else None,
        title=group.title if group else None,
        purpose=group.purpose if group else None,
        controller=event.privacy.controller,
        until=event.privacy.contacts_until,
    )


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
