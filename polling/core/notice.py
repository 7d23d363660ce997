"""What a participant is told about privacy: which sentences hold, from the settings in force. The words are the
template's (templates/privacy/sentence.html), so that no setting changes without its sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from polling.core.event import Event, WorkingGroup
from polling.core.questions.base import Question
from polling.core.results.rooms import ROOM_OF_IDEAS
from polling.core.results.segments import least_segment
from polling.core.results.withholding import SMALL_ROOM, SMALL_STEP


class Said(NamedTuple):
    """One sentence, by its key, and what stands in it."""

    key: str
    values: Mapping[str, Any] = {}


class Part(NamedTuple):
    """Sentences under one heading: "answers", "name", "seen" or "phone"."""

    heading: str
    sentences: tuple[Said, ...]


def notice(event: Event, *, encrypted: bool, fetches_elsewhere: bool) -> tuple[Part, ...]:
    """The whole statement. `encrypted`: people come in behind TLS; `fetches_elsewhere`: their browsers fetch a script
    and a font from another company's server."""
    return (
        Part("answers", tuple(_answers(event))),
        Part("name", tuple(_name(event))),
        Part("seen", tuple(_seen(event, encrypted))),
        Part("phone", tuple(_phone(fetches_elsewhere))),
    )


def _answers(event: Event) -> Iterator[Said]:
    rules = event.privacy
    yield Said("together" if rules.keeps_together else "nameless")
    if rules.keeps_together:
        yield Said("never-sealed")
    elif rules.seal_after_minutes:
        yield Said("sealed-after", {"minutes": f"{rules.seal_after_minutes:g}"})
    else:
        yield Said("sealed-at-once")
    if not rules.keeps_together:
        yield Said("closed-after", {"day": event.day}) if event.day else Said("closed-by-hand")
        yield Said("change")
    if rules.smallest_group > 1:
        yield Said("small-groups", {"least": rules.smallest_group})
        yield Said("small-rooms", {"room": SMALL_ROOM, "step": SMALL_STEP})
    else:
        yield Said("every-answer")
    yield from _divided(event)
    if any(question.text_fields() for question in _questions(event)):
        yield Said("texts")
        yield Said("texts-room", {"least": ROOM_OF_IDEAS}) if rules.smallest_group > 1 else Said("texts-named")


def _divided(event: Event) -> Iterator[Said]:
    """A sentence for each segment question: which answers carry its label."""
    divided: dict[str, list[Question]] = {}
    for set_id, question, _ in event.every_question():
        if by := question.divided_by:
            divided.setdefault(by if "/" in by else f"{set_id}/{by}", []).append(question)
    for segment, questions in divided.items():
        values = {"segment": event.segment(segment).title, "questions": [question.title for question in questions]}
        yield Said("label-together" if event.privacy.keeps_together else "label", values)
    least = least_segment(event.privacy.smallest_group)
    if divided and least > 1:
        yield Said("label-least", {"least": least})


def _name(event: Event) -> Iterator[Said]:
    rules = event.privacy
    if not _offers(event):
        yield Said("no-names")
        return
    yield Said("offered-together" if rules.keeps_together else "offered")
    yield Said("asked")
    for field in ("organisation", "phone"):
        if (asked := getattr(rules.contact, field)) != "none":
            yield Said(f"asked-{field}-{asked}")
    yield Said("kept-with-it-together" if rules.keeps_together else "kept-with-it")
    groups = _groups(event)
    yield Said("groups", {"groups": [group.title for group in groups]}) if groups else Said("organisers")
    for group in groups:
        if group.purpose:
            yield Said("purpose", {"group": group.title, "purpose": group.purpose})
    yield Said("controller", {"controller": rules.controller}) if rules.controller else Said("no-controller")
    yield Said("erased", {"day": rules.contacts_until}) if rules.contacts_until else Said("never-erased")
    yield Said("late", {"day": rules.signing_ends}) if rules.signing_ends else Said("late-for-ever")
    yield Said("withdraw")
    yield Said("joined")


def _seen(event: Event, encrypted: bool) -> Iterator[Said]:
    yield Said("operator")
    yield Said("stolen-together" if event.privacy.keeps_together else "stolen")
    yield Said("venue-encrypted" if encrypted else "venue-plain")
    yield Said("neighbours")
    yield Said("alike")


def _phone(fetches_elsewhere: bool) -> Iterator[Said]:
    yield Said("cookie")
    yield Said("log")
    yield Said("elsewhere" if fetches_elsewhere else "only-here")


def _questions(event: Event) -> Iterator[Question]:
    return (question for _, question, _ in event.every_question())


def _cells(question: Question) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*question.all_cells(), *question.text_fields())))


def _offers(event: Event) -> bool:
    """Whether any answer can be signed."""
    return any(question.signable(cell) for question in _questions(event) for cell in _cells(question))


def _groups(event: Event) -> tuple[WorkingGroup, ...]:
    """The working groups that a signed answer can go to, in the event's order."""
    ids = {
        group
        for _, question, groups in event.every_question()
        for cell in _cells(question)
        if question.signable(cell)
        for group in question.groups(cell) or groups
    }
    return tuple(group for group in event.working_groups if group.id in ids)
