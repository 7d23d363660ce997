"""What differs between an event in force and what it would become, as a preview tells it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel

from polling.core.event import Event, QuestionSet
from polling.core.questions.base import Question

Asked = tuple[str, str]
"""A set and a question in it."""

PLANNING = frozenset({"script", "minutes", "timer", "short"})
"""What of a question is for who runs the room, and not part of what is asked."""


@dataclass(frozen=True)
class Begun:
    """How far a question is: the highest round of it that was opened anywhere, and the sessions that opened one."""

    round: int
    sessions: frozenset[str]


class What(StrEnum):
    """What an edit does to a part of an event."""

    ADDED = "added"
    REMOVED = "removed"
    ENDED = "ended"  # it was asked: it is asked no more, and its results stay
    REWORDED = "reworded"
    NEW_ROUND = "new-round"  # it was asked: in other words it is another round
    BACK = "back"  # as it was asked
    PLANNED = "planned"  # what only who runs the room sees of it
    ORDER = "order"
    CHANGED = "changed"  # a setting, or one of a session or set


class Kind(StrEnum):
    """What a change is about."""

    SETTING = "setting"
    SESSION = "session"
    SET = "set"
    QUESTION = "question"


@dataclass(frozen=True)
class Change:
    """One thing that differs. `place`: as files name it; `before` and `after` the questions, `fields` what of it."""

    kind: Kind
    what: What
    place: str
    before: Question | None = None
    after: Question | None = None
    round: int = 1  # in which it is asked next
    fields: tuple[str, ...] = ()


def as_asked(question: Question) -> Mapping[str, object]:
    """All of a question that an answer is an answer to."""
    return {name: value for name, value in question if name not in PLANNING}


def changes_between(before: Event, after: Event, begun: Mapping[Asked, Begun]) -> tuple[Change, ...]:
    """All that differs."""
    return (
        *_settings(before, after),
        *_sessions(before, after),
        *_sets(before, after),
        *(change for each in after.sets for change in _questions(before, after, each.set, begun)),
    )


def _settings(before: Event, after: Event) -> Iterator[Change]:
    for name in ("title", "intro", "languages", "accent", "day", "break_outs", "working_groups"):
        if getattr(before, name) != getattr(after, name):
            yield Change(Kind.SETTING, What.CHANGED, name)
    for name in _differing(before.privacy, after.privacy):
        yield Change(Kind.SETTING, What.CHANGED, f"privacy.{name}")


def _differing(before: BaseModel, after: BaseModel) -> tuple[str, ...]:
    return tuple(name for name in type(before).model_fields if getattr(before, name) != getattr(after, name))


def _sessions(before: Event, after: Event) -> Iterator[Change]:
    old, new = ({session.id: session for session in event.sessions} for event in (before, after))
    yield from (Change(Kind.SESSION, What.ADDED, name) for name in new if name not in old)
    yield from (Change(Kind.SESSION, What.REMOVED, name) for name in old if name not in new)
    for name in (name for name in new if name in old and old[name] != new[name]):
        yield Change(Kind.SESSION, What.CHANGED, name, fields=_differing(old[name], new[name]))
    if _reordered(list(old), list(new)):
        yield Change(Kind.SETTING, What.ORDER, "sessions")


def _sets(before: Event, after: Event) -> Iterator[Change]:
    old, new = ({each.set: each for each in event.sets} for event in (before, after))
    yield from (Change(Kind.SET, What.ADDED, name) for name in new if name not in old)
    yield from (Change(Kind.SET, What.REMOVED, name) for name in old if name not in new)
    for name in (name for name in new if name in old):
        fields = tuple(each for each in _differing(old[name], new[name]) if each != "questions")
        if fields:
            yield Change(Kind.SET, What.CHANGED, name, fields=fields)
        if _reordered(*([question.id for question in each.questions] for each in (old[name], new[name]))):
            yield Change(Kind.SET, What.ORDER, name)


def _reordered(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether what is in both stands in another order."""
    return [name for name in old if name in new] != [name for name in new if name in old]


def _questions(before: Event, after: Event, set_id: str, begun: Mapping[Asked, Begun]) -> Iterator[Change]:
    old, new = (_by_id(event, set_id) for event in (before, after))
    for name in old:
        if name not in new:
            what = What.ENDED if (set_id, name) in begun else What.REMOVED
            yield Change(Kind.QUESTION, what, f"{set_id}/{name}", before=old[name])
    for name, question in new.items():
        was, round = old.get(name), after.first_round(set_id, name)
        what_of_it = _what(was, question, before.first_round(set_id, name), round)
        if what_of_it is not None:
            fields = _differing_fields(was, question) if was is not None else ()
            yield Change(Kind.QUESTION, what_of_it, f"{set_id}/{name}", was, question, round, fields)


def _what(was: Question | None, question: Question, old_round: int, round: int) -> What | None:
    if round < old_round:
        return What.BACK
    if was is None:
        return What.ADDED
    if round > old_round:
        return What.NEW_ROUND
    if as_asked(was) != as_asked(question):
        return What.REWORDED
    return What.PLANNED if was != question else None


def _differing_fields(was: Question, question: Question) -> tuple[str, ...]:
    old, new = dict(was), dict(question)
    return tuple(name for name in {**old, **new} if old.get(name) != new.get(name))


def _by_id(event: Event, set_id: str) -> dict[str, Question]:
    found: QuestionSet | None = next((each for each in event.sets if each.set == set_id), None)
    return {} if found is None else {question.id: question for question in found.questions}
