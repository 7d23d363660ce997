"""An event that is edited while it runs, as tests of revisions and of pages play with it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from polling.core.event import Event

Files = dict[str, Any]


def options(*names: str) -> list[dict[str, Any]]:
    return [{"id": name, "text": name.title()} for name in names]


FILES: Mapping[str, Any] = {
    "event": "gathering",
    "title": "The gathering",
    "privacy": {"smallest_group": 5},
    "working_groups": [{"id": "one", "title": "One"}, {"id": "two", "title": "Two"}],
    "sessions": [
        {"id": "hall", "kind": "plenary", "title": "Hall", "sets": ["who", "cakes"]},
        {"id": "annex", "kind": "break-out", "title": "Annex", "sets": ["cakes", "tea"]},
    ],
    "sets": [
        {
            "set": "who",
            "title": "Who",
            "questions": [
                {"id": "role", "type": "choice", "title": "Role?", "segment": True, "options": options("a", "b")}
            ],
        },
        {
            "set": "cakes",
            "title": "Cakes",
            "working_group": "one",
            "questions": [
                {"id": "cake", "type": "choice", "title": "Which cake?", "options": options("apple", "plum", "nut")},
                {
                    "id": "when",
                    "type": "choice",
                    "title": "When?",
                    "by": "who/role",
                    "options": options("now", "later"),
                },
                {"id": "why", "type": "text", "title": "Why?", "working_group": "two"},
            ],
        },
        {
            "set": "tea",
            "title": "Tea",
            "questions": [{"id": "tea", "type": "choices", "title": "Teas?", "options": options("green", "black")}],
        },
    ],
}


def event_of(files: Mapping[str, Any]) -> Event:
    return Event.model_validate(files)


def edited(edit: Callable[[Files], object], files: Mapping[str, Any] = FILES) -> Event:
    """The event after someone edited its files."""
    fresh = copy.deepcopy(dict(files))
    edit(fresh)
    return event_of(fresh)


def the_set(files: Files, set_id: str) -> Any:
    return next(each for each in files["sets"] if each["set"] == set_id)


def the_question(files: Files, name: str) -> Any:
    set_id, _, question = name.partition("/")
    return next(each for each in the_set(files, set_id)["questions"] if each["id"] == question)


def without(files: Files, name: str) -> None:
    """Takes a question out."""
    set_id, _, question = name.partition("/")
    asked = the_set(files, set_id)
    asked["questions"] = [each for each in asked["questions"] if each["id"] != question]
