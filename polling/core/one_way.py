"""Anonymity goes one way: what a change to an event would take from people who have answered under its rules."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import date

from polling.core.event import Event, Privacy
from polling.core.questions.base import Question

_ASKED = ("none", "optional", "required")
_WEAKER: dict[str, Callable[[Privacy, Privacy], bool]] = {
    "mode": lambda old, new: new.keeps_together and not old.keeps_together,
    "smallest_group": lambda old, new: new.smallest_group < old.smallest_group,
    "seal_after_minutes": lambda old, new: new.seal_after_minutes > old.seal_after_minutes,
    "contacts_until": lambda old, new: _later(old.contacts_until, new.contacts_until),
    "late_signature_until": lambda old, new: _later(old.signing_ends, new.signing_ends),
    "controller": lambda old, new: old.controller != new.controller,
    "contact.organisation": lambda old, new: _more(old.contact.organisation, new.contact.organisation),
    "contact.phone": lambda old, new: _more(old.contact.phone, new.contact.phone),
}
"""Setting → whether the second gives people less than the first. Every field of `Privacy` is among them."""


def weakened(before: Event, after: Event) -> tuple[str, ...]:
    """The settings that would protect people less than what they answered under, as YAML names them."""
    rules = [f"privacy.{name}" for name, weaker in _WEAKER.items() if weaker(before.privacy, after.privacy)]
    day = ["day"] if _later(before.day, after.day) else []  # what nobody closes would stay open for longer
    return (*rules, *day, *_questions(before, after))


def _questions(before: Event, after: Event) -> Iterator[str]:
    """What of single questions: a label more, bars sooner, other working groups."""
    old = dict(_named(before))
    for name, question in _named(after):
        if name not in old:
            continue
        if question.divided_by and question.divided_by != old[name].divided_by:
            yield f"{name}: by"
        if (old[name].results, question.results) == ("after-close", "live"):
            yield f"{name}: results"
        cells = {*_cells(question)} & {*_cells(old[name])}  # a new option has new readers
        if not _readers(after, name, question, cells) <= _readers(before, name, old[name], cells):
            yield f"{name}: working_group"


def _named(event: Event) -> Iterator[tuple[str, Question]]:
    for each in event.sets:
        for question in each.questions:
            yield f"{each.set}/{question.id}", question


def _cells(question: Question) -> tuple[str, ...]:
    return (*question.all_cells(), *question.text_fields())


def _readers(event: Event, name: str, question: Question, cells: Collection[str]) -> set[tuple[str, str]]:
    """Which working group gets which of these cells of the question."""
    by_set = event.question_set(name.partition("/")[0]).working_group
    return {(cell, group) for cell in cells for group in question.groups(cell) or by_set}


def _later(old: date | None, new: date | None) -> bool:
    """None is for ever."""
    return old is not None and (new is None or new > old)


def _more(old: str, new: str) -> bool:
    return _ASKED.index(new) > _ASKED.index(old)
