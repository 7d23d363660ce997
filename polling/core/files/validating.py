"""Nodes → models: every complaint of pydantic as a problem at its place, in plain words.

A misspelt key is read as the one that was meant (and told), so that what stands below it is checked in the same pass.
"""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from polling.core.files.complaints import sentence
from polling.core.files.nodes import Hole, ListNode, MappingNode, Node, ScalarNode
from polling.core.files.problems import Problem, clipped, listed, nearest

M = TypeVar("M", bound=BaseModel)
Step = str | int


def validate(model: type[M], node: Node, file: str, context: Mapping[str, Any]) -> tuple[M | None, list[Problem]]:
    """The model that the node holds, if it does, and all that is wrong with it."""
    problems: list[Problem] = []
    while True:
        try:
            return model.model_validate(node.value(), context=dict(context)), problems
        except ValidationError as failed:
            errors: list[Any] = failed.errors(include_url=False, include_input=False)
        mended = _mend(model, node, errors, file)
        if not mended:
            return None, problems + [problem for error in errors for problem in _told(node, error, file)]
        problems += mended


def _mend(model: type[BaseModel], top: Node, errors: list[Any], file: str) -> list[Problem]:
    """Puts right what can be guessed, and tells it."""
    missing: dict[tuple[Step, ...], list[str]] = {}
    for error in errors:
        if error["type"] == "missing":
            missing.setdefault(error["loc"][:-1], []).append(str(error["loc"][-1]))
    problems = []
    for error in errors:
        *above, key = error["loc"] or ("",)
        parent = find(top, above)
        if error["type"] != "extra_forbidden":
            problems += _mend_type(top, error, file)
        elif isinstance(parent, MappingNode) and key in parent.entries:
            wanted = missing.get(tuple(above), [])
            problems.append(_unknown_key(parent, str(key), model_at(model, above), wanted, file))
    return problems


def _mend_type(top: Node, error: Any, file: str) -> list[Problem]:
    """A misspelt `type`, as key or as value."""
    match error["type"]:
        case "union_tag_not_found":
            parent, tag = find(top, error["loc"]), error["ctx"]["discriminator"].strip("'")
            if isinstance(parent, MappingNode) and (key := nearest(tag, parent.entries)):
                place = parent.keys[key]
                parent.rename(key, tag)
                return [Problem(file, place.line, place.column, f"unknown key {key!r}; did you mean {tag!r}?")]
        case "union_tag_invalid":
            tag = error["ctx"]["discriminator"].strip("'")
            node = find(top, [*error["loc"], tag])
            known = [name.strip(" '") for name in error["ctx"]["expected_tags"].split(",")]
            near = nearest(error["ctx"]["tag"], known)
            if isinstance(node, ScalarNode) and near:
                problem = Problem(file, node.line, node.column, f"unknown {tag} {node.text!r}; did you mean {near!r}?")
                node.scalar = node.text = near
                return [problem]
    return []


def _unknown_key(
    parent: MappingNode, key: str, here: type[BaseModel] | None, missing: Sequence[str], file: str
) -> Problem:
    place, value = parent.keys[key], parent.entries[key]
    known = [name for name in here.model_fields if name not in parent.entries] if here else []
    if parent.flow and isinstance(value, ScalarNode) and value.scalar is None:  # {text: one, two}
        parent.drop(key)
        hint = "a text with a comma in it needs quotes between { }"
    elif better := nearest(key, [name for name in missing if name in known]) or nearest(key, known):
        parent.rename(key, better)
        hint = f"did you mean {better!r}?"
    else:
        parent.drop(key)
        twin = nearest(key, here.model_fields) if here else None
        hint = (
            f"{twin!r} is here already" if twin else f"expected {listed(known)}" if known else "nothing more fits here"
        )
    return Problem(file, place.line, place.column, f"unknown key {clipped(key)}; {hint}")


def _told(top: Node, error: Any, file: str) -> list[Problem]:
    if error["type"] == "faults":  # what a model itself found: places below it, and sentences
        found = []
        for path, message in error["ctx"]["faults"]:
            node = find(top, [*error["loc"], *path])
            found.append(Problem(file, node.line, node.column, message))
        return found
    node = find(top, error["loc"])
    if isinstance(node, Hole) or (error["type"] == "too_short" and _is_long_enough(node, error["ctx"]["min_length"])):
        return []
    return [Problem(file, node.line, node.column, sentence(error, node))]


def _is_long_enough(node: Node, least: int) -> bool:
    """Whether a list is called too short only since what stands in it is wrong, which is told there."""
    return isinstance(node, ListNode) and len(node.items) >= least


def find(top: Node, loc: Sequence[Step]) -> Node:
    """The node at a place that pydantic names; the nearest above it where it isn't there.
    Steps that stand in no file (the tag of a union, '*' of words) are passed over."""
    here = top
    for step in loc:
        if isinstance(here, MappingNode) and step in here.entries:
            here = here.entries[str(step)]
        elif isinstance(here, ListNode) and isinstance(step, int) and step < len(here.items):
            here = here.items[step]
    return here


def model_at(model: type[BaseModel], loc: Sequence[Step]) -> type[BaseModel] | None:
    """The model that holds the place `loc`, so that its fields can be suggested."""
    here: Any = model
    for step in loc:
        here = _below(here, step)
    members = [member for member in _members(here) if _is_model(member)]
    return members[0] if len(members) == 1 else None


def _below(annotation: Any, step: Step) -> Any:
    for member in _members(annotation):
        if _is_model(member):
            field = member.model_fields.get(str(step))
            if field is not None:
                return field.annotation
            if step in _tags(member):
                return member
        elif get_origin(member) in (tuple, dict, Mapping, types.MappingProxyType):
            return get_args(member)[1 if isinstance(step, str) else 0]
    return None


def _members(annotation: Any) -> list[Any]:
    """What an annotation may be: without `Annotated` and `None`, the members of a union apart."""
    if get_origin(annotation) is Annotated:
        return _members(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return [member for part in get_args(annotation) for member in _members(part)]
    return [] if annotation in (None, type(None)) else [annotation]


def _tags(model: type[BaseModel]) -> tuple[Any, ...]:
    field = model.model_fields.get("type")
    return get_args(field.annotation) if field and get_origin(field.annotation) is Literal else ()


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
