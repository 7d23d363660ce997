"""Pydantic's errors as sentences for people who write YAML."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from polling.core.files.nodes import ListNode, MappingNode, Node, ScalarNode
from polling.core.files.problems import clipped, meant
from polling.core.files.scalars import quoted, takes_for


def sentence(error: Mapping[str, Any], node: Node) -> str:
    """What is wrong at `node`, what was expected, and the near miss."""
    write = _SENTENCES.get(error["type"])
    if write is None:
        message = str(error["msg"])
        return message[:1].lower() + message[1:]
    return write(error, error.get("ctx", {}), node)


def _found(node: Node) -> str:
    match node:
        case MappingNode():
            return "found keys with values"
        case ListNode():
            return "found a list"
        case ScalarNode(commented=True):
            return "but a '#' without quotes begins a comment: put quotes around the text"
        case ScalarNode(scalar=None):
            return "but there is nothing here"
        case ScalarNode():
            return f"found {clipped(node.text)}"
    return "found something else"


def _missing(error: Mapping[str, Any], ctx: Mapping[str, Any], node: Node) -> str:
    if not isinstance(node, MappingNode):
        return f"expected {error['loc'][-1]!r}"
    name = next((node.entries[key] for key in ("id", "set", "event") if key in node.entries), None)
    of = f" of {clipped(name.text)}" if isinstance(name, ScalarNode) and name.text else ""
    return f"{error['loc'][-1]!r}{of} is missing"


def _text(error: Mapping[str, Any], ctx: Mapping[str, Any], node: Node) -> str:
    if isinstance(node, ScalarNode) and node.scalar is not None:
        return f"put this text between quotes: {quoted(node.text)}. {takes_for(node.scalar)}"
    return f"expected a text, {_found(node)}"


def _words(error: Mapping[str, Any], ctx: Mapping[str, Any], node: Node) -> str:
    if isinstance(node, ScalarNode) and node.scalar is not None:
        return _text(error, ctx, node)
    return f"expected a text, or one for each language (en: …), {_found(node)}"


def _pattern(error: Mapping[str, Any], ctx: Mapping[str, Any], node: Node) -> str:
    text = node.text if isinstance(node, ScalarNode) else ""
    if ctx["pattern"].startswith("^#"):
        return f"{clipped(text)} is no colour: expected six signs after a '#', between quotes, as \"#d9480f\""
    plain = unicodedata.normalize("NFKD", text[:60]).encode("ascii", "ignore").decode().lower()
    suggestion = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    example = f", such as {suggestion!r}" if suggestion else ""
    return f"{clipped(text)} can't be an id: expected small letters, digits and hyphens between them{example}"


def _literal(error: Mapping[str, Any], ctx: Mapping[str, Any], node: Node) -> str:
    known = re.findall(r"'([^']*)'", ctx["expected"])
    if isinstance(node, ScalarNode) and node.scalar is not None:
        return f"{clipped(node.text)} is not possible here{meant(node.text, known)}"
    return f"expected {ctx['expected']}, {_found(node)}"


def _tag_missing(error: Mapping[str, Any], ctx: Mapping[str, Any], node: Node) -> str:
    return f"{ctx['discriminator']} is missing: what type of question is this?"


def _tag_unknown(error: Mapping[str, Any], ctx: Mapping[str, Any], node: Node) -> str:
    tag = ctx["discriminator"].strip("'")
    entry = node.entries.get(tag) if isinstance(node, MappingNode) else None
    return f"the {tag} of this question is not known: expected one of {ctx['expected_tags']}" + (
        f", {_found(entry)}" if entry else ""
    )


def _expected(what: str) -> Callable[[Mapping[str, Any], Mapping[str, Any], Node], str]:
    return lambda error, ctx, node: f"expected {what}, {_found(node)}"


def _limit(words: str, name: str) -> Callable[[Mapping[str, Any], Mapping[str, Any], Node], str]:
    return lambda error, ctx, node: f"expected a number of {words} {ctx[name]:g}, {_found(node)}"


def _too_long(error: Mapping[str, Any], ctx: Mapping[str, Any], node: Node) -> str:
    return f"there are {ctx['actual_length']} of these: {ctx['max_length']} is the most"


def _text_too_long(error: Mapping[str, Any], ctx: Mapping[str, Any], node: Node) -> str:
    length = len(node.text) if isinstance(node, ScalarNode) else "too many"
    return f"this text has {length} characters: {ctx['max_length']} is the most"


_SENTENCES: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any], Node], str]] = {
    "missing": _missing,
    "string_type": _text,
    "string_too_short": lambda error, ctx, node: "this text is empty",
    "string_too_long": _text_too_long,
    "string_pattern_mismatch": _pattern,
    "literal_error": _literal,
    "words_type": _words,
    "dict_type": _expected("keys with values"),
    "model_type": _expected("keys with values ('id: …')"),
    "model_attributes_type": _expected("keys with values ('id: …')"),
    "union_tag_not_found": _tag_missing,
    "union_tag_invalid": _tag_unknown,
    "tuple_type": _expected("a list, as [a, b] or with '- ' on each line"),
    "too_short": lambda error, ctx, node: "this is empty: expected at least one",
    "too_long": _too_long,
    "bool_type": _expected("true or false"),
    "int_type": _expected("a whole number"),
    "int_from_float": _expected("a whole number"),
    "float_type": _expected("a number"),
    "float_parsing": _expected("a number"),
    "greater_than_equal": _limit("at least", "ge"),
    "less_than_equal": _limit("at most", "le"),
    "date_type": _expected("a day that exists, as 2027-03-01"),
    "date_parsing": _expected("a day that exists, as 2027-03-01"),
    "date_from_datetime_parsing": _expected("a day that exists, as 2027-03-01"),
    "date_from_datetime_inexact": _expected("a day that exists, as 2027-03-01"),
}
