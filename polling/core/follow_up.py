"""A working group's follow-up list, as values: what to come back on, to whom, and how far that is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from polling.core.contact import Consent, Contact
from polling.core.poll import PollKey
from polling.core.words import Words, say

HEADER = (
    "answer",
    "also",
    "people",
    "status",
    "signed",
    "name",
    "email",
    "organisation",
    "phone",
    "session",
    "set",
    "question",
    "cell",
    "hidden",
    "until",
    "language",
    "consent",
)


class Status(StrEnum):
    """How far a working group is with an answer."""

    OPEN = "open"
    TAKEN = "taken"
    ANSWERED = "answered"


@dataclass(frozen=True)
class Signer:
    """Someone who put their name to an answer, in the words that they signed."""

    contact: Contact
    answer: str
    consent: Consent


@dataclass(frozen=True)
class Line:
    """One answer to follow up. Twins that a moderator merged are one line, with as many people."""

    id: str  # what a status is set by
    answer: str
    poll: PollKey
    cell: str
    topic: Words  # the question's title
    session: str | None  # None: a small room, not named
    place: Words | None  # the session's title
    status: Status
    signers: tuple[Signer, ...] = ()  # none: without a name
    unsigned: tuple[str, ...] = ()  # the words, beside `answer`, of twins that nobody signed
    people: int = 1
    hidden: bool = False  # a moderator kept it off the screen

    @property
    def contact(self) -> Contact | None:
        """Whom to come back to; of several the first. None: there is no name."""
        return self.signers[0].contact if self.signers else None

    def rows(self, language: str) -> Iterator[tuple[str | int, ...]]:
        """As `HEADER` names it, for a file: one row for each who signed, or one without a name. The words of
        every idea stand there once."""
        if not self.signers:
            yield self._row(self.answer, self.unsigned, None, language)
        for number, signer in enumerate(self.signers):
            signed = {each.answer for each in self.signers}
            also = [words for words in (self.answer, *self.unsigned) if words not in signed]
            yield self._row(signer.answer, tuple(also) if number == 0 else (), signer, language)

    def _row(self, answer: str, also: tuple[str, ...], signer: Signer | None, language: str) -> tuple[str | int, ...]:
        contact = signer.contact if signer else Contact("", "")
        return (
            answer,
            "\n".join(also),
            self.people,
            self.status.value,
            "yes" if signer else "no",
            contact.name,
            contact.email,
            contact.organisation,
            contact.phone,
            say(self.place, language) if self.place else "",
            self.poll.set,
            say(self.topic, language),
            self.cell,
            "yes" if self.hidden else "no",
            signer.consent.until.isoformat() if signer and signer.consent.until else "",
            signer.consent.language if signer else "",
            signer.consent.text if signer else "",
        )
