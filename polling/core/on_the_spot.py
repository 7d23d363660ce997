"""A question as a moderator types it in a form, on the spot: checked by the models of YAML, told in fewer words."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter, ValidationError

from polling.core.event import Place
from polling.core.questions import AnyQuestion
from polling.core.questions.base import Question
from polling.core.questions.options import OptionsQuestion
from polling.core.words import ANY_LANGUAGE, Words, say

_MODEL: TypeAdapter[Any] = TypeAdapter(AnyQuestion)
KINDS = ("choice", "choices", "text", "info")
"""The types that there are."""
LONGEST = 500
"""The most characters of a title, an option or a page's text."""


class Fault(StrEnum):
    """What does not do."""

    EMPTY = "empty"
    TOO_LONG = "too-long"
    NO_OPTIONS = "no-options"
    TOO_MANY_OPTIONS = "too-many-options"
    TWICE = "twice"
    TYPE = "type"


class Faulty(Exception):
    """What was typed is no question yet: field → why."""

    def __init__(self, faults: Mapping[str, Fault]) -> None:
        super().__init__(", ".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class Typed:
    """What stands in the form. `options`: those of a question that is reworded, id → text; `more`: one a line."""

    type: str = "choice"
    title: str = ""
    hint: str = ""
    text: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    more: str = ""
    other: bool = False
    later: bool = False  # the result shows only after closing


def as_typed(question: Question, language: str) -> Typed:
    """The form of a question that is to be reworded."""
    options = {option.id: say(option.text, language) for option in _options(question)}
    text = getattr(question, "text", None)
    hint = say(question.hint, language) if question.hint else ""
    return Typed(question.type, say(question.title, language), hint, say(text, language) if text else "", options)


def new_question(typed: Typed, other: str) -> Question:
    """The question that was typed. `other`: what an option is called under which people write; raises `Faulty`."""
    raw: dict[str, Any] = {"id": "question", "type": typed.type, "title": _line(typed.title)}
    raw["results"] = "after-close" if typed.later else "live"
    if typed.hint.strip():
        raw["hint"] = _line(typed.hint)
    if typed.type in ("choice", "choices"):
        raw["options"] = _new_options(typed.more, ())
        if typed.other:
            raw["options"].append({"id": "other", "text": other, "other": True})
    if typed.type == "info" and typed.text.strip():
        raw["text"] = typed.text.strip()
    return _checked(raw, typed)


def reworded(place: Place, typed: Typed, language: str) -> Question:
    """The question of `place` in the words that were typed; all else of it stays. Words that were left as they are stay
    in all their languages; raises `Faulty`."""
    question = place.question
    raw = {name: value for name, value in question if name not in ("only_if", "options")}
    raw["title"] = _kept(question.title, _line(typed.title), language)
    raw["short"] = question.short if raw["title"] == question.title else None
    raw["hint"] = _kept(question.hint, _line(typed.hint), language) if typed.hint.strip() else None
    raw["working_group"] = question.working_group or place.set.working_group
    if question.divided_by and "/" not in question.divided_by:
        raw["by"] = f"{place.set.set}/{question.divided_by}"
    if "text" in raw:
        raw["text"] = _kept(raw["text"], typed.text.strip(), language) if typed.text.strip() else None
    if isinstance(question, OptionsQuestion):
        stay = [
            {**dict(option), "text": _kept(option.text, words, language)}
            for option in question.options
            if (words := _line(typed.options.get(option.id, "")))
        ]
        raw["options"] = [*stay, *_new_options(typed.more, [option.id for option in question.options])]
        if (most := raw.get("max")) is not None and most > len(raw["options"]):
            raw["max"] = None
    return _checked(raw, typed)


def _options(question: Question) -> Sequence[Any]:
    return question.options if isinstance(question, OptionsQuestion) else ()


def _kept(words: Words | None, typed: str, language: str) -> Words | str:
    return words if words and " ".join(say(words, language).split()) == " ".join(typed.split()) else typed


def _new_options(lines: str, taken: Sequence[str]) -> list[dict[str, Any]]:
    written = [line for each in lines.splitlines() if (line := _line(each))]
    return [{"id": f"o{len(taken) + number}", "text": line} for number, line in enumerate(written, 1)]


def _line(typed: str) -> str:
    """One line, without signs that can't be seen."""
    return " ".join("".join(sign if unicodedata.category(sign) != "Cc" else " " for sign in typed).split())


def _checked(raw: dict[str, Any], typed: Typed) -> Question:
    faults: dict[str, Fault] = {}
    texts = [words if isinstance(words, str) else next(iter(words.values())) for words in _texts(raw)]
    if typed.type not in KINDS:
        raise Faulty({"type": Fault.TYPE})
    if any(len(text) > LONGEST for text in texts):
        faults["more"] = Fault.TOO_LONG
    if len({text.casefold() for text in texts}) < len(texts):
        faults["more"] = Fault.TWICE
    for name in ("title", "hint", "text"):
        words = raw.get(name)
        if isinstance(words, str) and len(words) > LONGEST:
            faults[name] = Fault.TOO_LONG
    try:
        question: Question = _MODEL.validate_python(raw)
    except ValidationError as failed:
        for error in failed.errors(include_url=False, include_input=False):
            name, fault = _told(error)
            faults.setdefault(name, fault)
    if faults:
        raise Faulty(faults)
    return question


def _texts(raw: Mapping[str, Any]) -> list[Any]:
    return [option["text"] for option in raw.get("options", ())]


def _told(error: Mapping[str, Any]) -> tuple[str, Fault]:
    place = [step for step in error["loc"] if step not in (*KINDS, ANY_LANGUAGE)] or ["type"]
    if place[0] == "options":
        fault = {"too_short": Fault.NO_OPTIONS, "too_long": Fault.TOO_MANY_OPTIONS}.get(error["type"], Fault.TOO_LONG)
        return "more", fault
    name = str(place[0]) if place[0] in ("title", "hint", "text") else "type"
    if name == "type":
        return name, Fault.TYPE
    return name, Fault.EMPTY if error["type"] in ("string_too_short", "missing") else Fault.TOO_LONG
