"""What a text without quotes means in YAML: text, a number, a date, a yes-or-no, or what no field here holds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

import yaml
from yaml.resolver import Resolver

_RESOLVER: Any = Resolver()


@dataclass(frozen=True)
class Unquoted:
    """A plain scalar that YAML takes for something that no field here holds (12:30:45, 0x1F, 1_000)."""

    text: str


Scalar = str | bool | int | float | date | Unquoted | None


def plain_scalar(text: str) -> Scalar:
    """What a text without quotes stands for."""
    tag = _RESOLVER.resolve(yaml.ScalarNode, text, (True, False)).removeprefix("tag:yaml.org,2002:")
    match tag:
        case "str":
            return text
        case "null":
            return None
        case "bool":
            return text.lower() in ("yes", "true", "on")
        case "int" if re.fullmatch(r"[0-2]?[0-9]:[0-5][0-9]", text):
            return text  # a time of the day, as people write it; YAML 1.1 counts to the base of sixty here
        case "int" if re.fullmatch(r"-?(0|[1-9][0-9]{0,14})", text):
            return int(text)
        case "float" if re.fullmatch(r"-?[0-9]{1,15}\.[0-9]{1,15}", text):
            return float(text)
        case "timestamp" if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
            try:
                return date.fromisoformat(text)
            except ValueError:
                return Unquoted(text)
    return Unquoted(text)


def quoted(text: str) -> str:
    """A text between the quotes that make it text in YAML."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def takes_for(scalar: Scalar) -> str:
    """Why quotes are needed: what YAML makes of the text without them."""
    match scalar:
        case bool():
            kind = "a yes-or-no"
        case int() | float():
            kind = "a number"
        case date():
            kind = "a date"
        case None:
            kind = "nothing"
        case _:
            kind = "a number or a time"
    return f"Without them YAML takes it for {kind}, not for text"
