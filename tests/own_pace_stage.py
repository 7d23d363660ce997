"""An event of which one set is at the participants' own pace: a page, questions that are asked of some, and a text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from polling.core.event import Event
from polling.core.poll import PollKey

EVENT: Mapping[str, Any] = {
    "event": "walk",
    "title": {"en": "The garden", "nl": "De tuin"},
    "languages": ["en", "nl"],
    "privacy": {"smallest_group": 1, "contacts_until": "2099-03-01", "controller": "The Fair Foundation"},
    "working_groups": [{"id": "garden", "title": {"en": "Garden", "nl": "Tuin"}, "purpose": "plan it"}],
    "sessions": [{"id": "hall", "kind": "plenary", "title": {"en": "Hall", "nl": "Zaal"}, "sets": ["fruit", "after"]}],
}
FRUIT: Mapping[str, Any] = {
    "set": "fruit",
    "title": {"en": "About your garden", "nl": "Over uw tuin"},
    "pace": "participant",
    "questions": [
        {
            "id": "read",
            "type": "info",
            "title": {"en": "Before you begin", "nl": "Voor u begint"},
            "text": "Take it easy.",
        },
        {
            "id": "grow",
            "type": "choice",
            "title": {"en": "Do you grow fruit?", "nl": "Kweekt u fruit?"},
            "options": [
                {"id": "now", "text": {"en": "Now", "nl": "Nu"}},
                {"id": "later", "text": {"en": "Later", "nl": "Later"}},
                {"id": "never", "text": {"en": "Never", "nl": "Nooit"}},
            ],
        },
        {
            "id": "what",
            "type": "choices",
            "title": {"en": "What do you grow?", "nl": "Wat kweekt u?"},
            "only_if": {"grow": ["now"]},
            "max": 2,
            "working_group": "garden",
            "options": [
                {"id": "now", "text": {"en": "Apples", "nl": "Appels"}, "contact": "offer"},
                {"id": "pear", "text": {"en": "Pears", "nl": "Peren"}},
                {"id": "own", "text": {"en": "Something else", "nl": "Iets anders"}, "other": True},
            ],
        },
        {
            "id": "why",
            "type": "choice",
            "title": {"en": "What holds you back?", "nl": "Wat houdt u tegen?"},
            "only_if": {"grow": ["later", "never"]},
            "options": [{"id": "space", "text": "Space"}, {"id": "time", "text": "Time"}],
        },
        {
            "id": "idea",
            "type": "text",
            "title": {"en": "What would help?", "nl": "Wat zou helpen?"},
            "contact": "offer",
            "working_group": "garden",
        },
    ],
}
AFTER: Mapping[str, Any] = {
    "set": "after",
    "title": "After it",
    "questions": [
        {
            "id": "mood",
            "type": "choice",
            "title": "And now?",
            "options": [{"id": "a", "text": "A"}, {"id": "b", "text": "B"}],
        }
    ],
}
READ, GROW, WHAT, WHY, IDEA = (PollKey("fruit", name) for name in ("read", "grow", "what", "why", "idea"))
MOOD = PollKey("after", "mood")


def whole() -> Event:
    """The event with its sets."""
    return Event.model_validate({**EVENT, "sets": [dict(FRUIT), dict(AFTER)]})
