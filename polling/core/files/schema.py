"""The JSON Schema of event.yaml, set files and rehearsal.yaml: editors complete and check while one types."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from polling.core.event import EventFile, QuestionSet
from polling.core.rehearsal import Rehearsal

KINDS: Mapping[str, type[BaseModel]] = {"event": EventFile, "set": QuestionSet, "participants": Rehearsal}
"""The key by which a file tells what it is → what it holds."""


def json_schema() -> dict[str, Any]:
    """One schema for all three kinds of file, told apart by the key that only one of them has."""
    references, shared = models_json_schema([(model, "validation") for model in KINDS.values()])
    definitions = shared["$defs"]
    for definition in definitions.values():
        definition.pop("title", None)
        for field in definition.get("properties", {}).values():
            field.pop("title", None)  # pydantic's, made of the name: says nothing more
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "polling: an event, a question set, or a rehearsal",
        "description": "event.yaml begins with 'event', a question set with 'set', rehearsal.yaml with 'participants'.",
        "type": "object",
        "anyOf": [{"required": [key]} for key in KINDS],
        "allOf": [{"if": {"required": [key]}, "then": references[model, "validation"]} for key, model in KINDS.items()],
        "$defs": definitions,
    }


def schema_text() -> str:
    """The schema as `polling schema` prints it and questionsets/schema.json holds it."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
