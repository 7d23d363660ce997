"""The schema for editors is made from the models, and agrees with what is loaded."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from polling.core.files.schema import json_schema, schema_text
from polling.core.questions import TYPES

ROOT = Path(__file__).parents[2]
QUESTIONSETS = ROOT / "questionsets"
SHIPPED = sorted(QUESTIONSETS.glob("*/*.yaml"))
SCHEMA = json_schema()
KINDS: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
}


def complaints(schema: dict[str, Any], value: Any) -> Iterator[str]:
    """What is wrong with `value` by `schema`: the part of JSON Schema that ours is written in."""
    if "$ref" in schema:
        yield from complaints(SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")], value)
    for part in schema.get("allOf", ()):
        holds = "if" not in part or not any(complaints(part["if"], value))
        yield from complaints(part.get("then", part) if holds else {}, value)
    for key in ("anyOf", "oneOf"):
        fitting = [part for part in schema.get(key, ()) if not any(complaints(part, value))]
        if key in schema and not (len(fitting) == 1 if key == "oneOf" else fitting):
            yield f"{value!r} fits none of {key}"
    if "const" in schema and value != schema["const"]:
        yield f"{value!r} is not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{value!r} is not one of {schema['enum']}"
    if "required" in schema and "type" not in schema:
        yield from _object(schema, value)
    if "type" in schema:
        yield from _typed(schema, value)


def _typed(schema: dict[str, Any], value: Any) -> Iterator[str]:
    kind = schema["type"]
    if kind == "null":
        if value is not None:
            yield f"{value!r} is not null"
    elif not isinstance(value, KINDS[kind]) or (isinstance(value, bool) and kind != "boolean"):
        yield f"{value!r} is not of type {kind}"
    elif kind == "object":
        yield from _object(schema, value)
    elif kind == "array":
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            yield f"{len(value)} items"
        for item in value:
            yield from complaints(schema["items"], item)
    elif kind == "string":
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
            yield f"{value!r} is too short or too long"
        if "pattern" in schema and not re.search(schema["pattern"], value):
            yield f"{value!r} does not match"
    elif not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield f"{value!r} is too small or too large"


def _object(schema: dict[str, Any], value: dict[str, Any]) -> Iterator[str]:
    yield from (f"{key!r} is missing" for key in schema.get("required", ()) if key not in value)
    if len(value) < schema.get("minProperties", 0):
        yield "no keys"
    properties, others = schema.get("properties", {}), schema.get("additionalProperties", {})
    for key, entry in value.items():
        yield from complaints({"type": "string", **schema.get("propertyNames", {})}, key)
        if key in properties:
            yield from complaints(properties[key], entry)
        elif others is False:
            yield f"unknown key {key!r}"
        else:
            yield from complaints(others, entry)


def as_editors_read(text: str) -> Any:
    """YAML's values as editors have them: a date is a text."""
    return json.loads(json.dumps(yaml.safe_load(text), default=lambda day: datetime.date.isoformat(day)))


def test_the_file_beside_the_events_is_the_schema_of_the_models() -> None:
    assert (QUESTIONSETS / "schema.json").read_text(encoding="utf-8") == schema_text()


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_file_that_comes_with_polling_points_to_the_schema_and_fits_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.splitlines()[0] == "# yaml-language-server: $schema=../schema.json"
    assert list(complaints(SCHEMA, as_editors_read(text))) == []


@pytest.mark.parametrize("name", ["misspelt-keys", "shapes", "limits", "unquoted"])
def test_editors_complain_of_what_does_not_load(name: str) -> None:
    for path in (ROOT / "tests" / "events" / name).glob("*.yaml"):
        value = yaml.safe_load(path.read_text(encoding="utf-8").replace("2027-02-30", "'2027-02-30'"))
        assert any(complaints(SCHEMA, value)), path


def test_a_file_that_does_not_say_what_it_is_does_not_fit() -> None:
    assert list(complaints(SCHEMA, {"title": "A"})) == ["{'title': 'A'} fits none of anyOf"]


def test_every_question_type_is_in_it_by_its_name() -> None:
    union = SCHEMA["$defs"]["QuestionSet"]["properties"]["questions"]["items"]["discriminator"]["mapping"]
    names = [question_type.model_json_schema()["properties"]["type"]["const"] for question_type in TYPES]
    assert sorted(union) == sorted(names)
    for reference in union.values():
        assert SCHEMA["$defs"][reference.removeprefix("#/$defs/")]["additionalProperties"] is False


def test_every_reference_leads_somewhere() -> None:
    references = set(re.findall(r'"\$ref": "#/\$defs/(\w+)"', schema_text()))
    assert references == set(SCHEMA["$defs"])
