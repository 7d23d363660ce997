"""Words of an event in its languages: a title, a text, the name of an option."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

ANY_LANGUAGE = "*"
"""The key of words that an event gives once, for all its languages."""


def _one_for_all(value: Any) -> Any:
    if isinstance(value, str):
        return {ANY_LANGUAGE: value}
    if not isinstance(value, Mapping):
        raise PydanticCustomError("words_type", "expected a text, or one for each language")
    return value


def _in_each_language(value: Mapping[str, str], info: ValidationInfo) -> Mapping[str, str]:
    """While an event is loaded: words are there in all its languages, and in no other."""
    declared = (info.context or {}).get("languages", ())
    faults: list[tuple[tuple[str, ...], str]] = []
    if declared and ANY_LANGUAGE not in value:
        missing = [language for language in declared if language not in value]
        if missing:
            faults.append(((), f"the words in {' and '.join(map(repr, missing))} are missing here"))
        for language in value:
            if language not in declared:
                faults.append(((language,), f"{language!r} is no language of this event: it has {', '.join(declared)}"))
    if faults:
        raise PydanticCustomError("faults", "words do not fit the event's languages", {"faults": faults})
    return value


Words = Annotated[
    Mapping[str, Annotated[str, Field(min_length=1, max_length=4000)]],
    BeforeValidator(_one_for_all),
    AfterValidator(_in_each_language),
    Field(min_length=1),
    WithJsonSchema(
        {
            "description": "One text for all languages, or one per language: {nl: …, en: …}",
            "anyOf": [
                {"type": "string", "minLength": 1},
                {
                    "type": "object",
                    "minProperties": 1,
                    "propertyNames": {"pattern": "^[a-z]{2}$"},
                    "additionalProperties": {"type": "string", "minLength": 1},
                },
            ],
        }
    ),
]


def say(words: Mapping[str, str], language: str) -> str:
    """The words in `language`; else those for all languages; else the first ones there are."""
    found = words.get(language) or words.get(ANY_LANGUAGE)
    return found if found is not None else next(iter(words.values()))
