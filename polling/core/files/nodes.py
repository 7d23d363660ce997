"""YAML text → nodes that know where they stand. Reads a small, harmless part of YAML: keys, lists, texts, numbers.

PyYAML's events are read one at a time, so that a file that is too deep, too big or a bomb is given up before it
is built. Nothing is ever expanded: anchors, aliases and tags are refused, duplicate keys too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from polling.core.files.problems import Problem, clipped
from polling.core.files.scalars import Scalar, Unquoted, plain_scalar, quoted, takes_for
from polling.core.files.text import MAX_DEPTH, Unreadable, syntax_problem, text_of

MAX_NODES = 20_000
MAX_PROBLEMS = 50

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNUSABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass
class Node:
    """Something in a file, and its place."""

    line: int
    column: int

    def value(self) -> Any:
        """The node as plain Python values."""
        return None


@dataclass
class Hole(Node):
    """Where something stood that was refused already: no second problem is made of it."""


@dataclass
class ScalarNode(Node):
    """A text, number, date, yes or no."""

    text: str
    scalar: Scalar
    commented: bool = False
    """There is nothing but a comment: a '#' without quotes begins one."""

    def value(self) -> Scalar:
        return self.scalar


@dataclass
class ListNode(Node):
    """A list."""

    items: list[Node] = field(default_factory=list)

    def value(self) -> list[Any]:
        return [item.value() for item in self.items]


@dataclass
class MappingNode(Node):
    """Keys and values. `keys` holds where each key stands; `flow`: it is written between { }."""

    flow: bool = False
    entries: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, ScalarNode] = field(default_factory=dict)

    def value(self) -> dict[str, Any]:
        return {key: entry.value() for key, entry in self.entries.items()}

    def rename(self, key: str, better: str) -> None:
        """Reads `key` as `better` from now on."""
        self.entries[better] = self.entries.pop(key)
        self.keys[better] = self.keys.pop(key)

    def drop(self, key: str) -> None:
        """Reads the file as if `key` were not there."""
        del self.entries[key], self.keys[key]


@dataclass
class Reading:
    """What a file holds: its top node, if it can be read at all, and the problems met."""

    node: Node | None
    problems: list[Problem]


def read_yaml(raw: bytes, file: str) -> Reading:
    """The nodes of a file, or why there are none."""
    try:
        text = text_of(raw)
    except Unreadable as unreadable:
        return Reading(None, [Problem(file, unreadable.line, unreadable.column, unreadable.message)])
    builder = _Builder(file, text.splitlines())
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except yaml.YAMLError as error:
        builder.problems.append(syntax_problem(error, text, file))
        return Reading(None, builder.problems)
    except _GivenUp:
        return Reading(None, builder.problems)
    if builder.top is None:
        builder.say(1, 1, "the file is empty: there is nothing in it but comments")
    return Reading(builder.top, builder.problems)


class _GivenUp(Exception):
    """The rest of the file is not read."""


class _Builder:
    """Nodes from events. Keeps its own stack, so that depth costs no recursion."""

    def __init__(self, file: str, lines: list[str]) -> None:
        self.file = file
        self._lines = lines
        self.problems: list[Problem] = []
        self.top: Node | None = None
        self._stack: list[MappingNode | ListNode] = []
        self._pending: list[ScalarNode | None] = []  # the key that waits for its value, per level of the stack
        self._nodes = 0
        self._documents = 0

    def say(self, line: int, column: int, message: str) -> None:
        """Notes a problem; where they pile up, the rest of the file is not worth reading."""
        self.problems.append(Problem(self.file, line, column, message))
        if len(self.problems) == MAX_PROBLEMS:
            raise self._given_up(line, column, "too many problems: the rest of this file was not read")

    def take(self, event: yaml.Event) -> None:
        mark: Any = event.start_mark
        line, column = mark.line + 1, mark.column + 1
        match event:
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    raise self._given_up(
                        line, column, "a second document starts here; a file holds one: take out the '---'"
                    )
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self._stack.pop()
                self._pending.pop()
            case yaml.NodeEvent():
                self._count(line, column)
                self._refuse_extras(event, line, column)
                self._node(event, line, column)

    def _node(self, event: yaml.NodeEvent, line: int, column: int) -> None:
        match event:
            case yaml.ScalarEvent():
                self._attach(self._scalar(event, line, column))
            case yaml.SequenceStartEvent():
                self._enter(ListNode(line, column))
            case yaml.MappingStartEvent():
                self._enter(MappingNode(line, column, flow=bool(event.flow_style)))
            case _:
                self._attach(Hole(line, column))

    def _count(self, line: int, column: int) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise self._given_up(line, column, f"the file holds more than {MAX_NODES} things: too many")
        if len(self._stack) >= MAX_DEPTH:
            raise self._given_up(line, column, f"this is nested more than {MAX_DEPTH} levels deep")

    def _refuse_extras(self, event: yaml.NodeEvent, line: int, column: int) -> None:
        anchor, tag = event.anchor, getattr(event, "tag", None)
        if isinstance(event, yaml.AliasEvent):
            self.say(
                line, column, f"'*{anchor}' repeats another place (an alias), which is not read here: write it out"
            )
        elif anchor is not None:
            self.say(line, column, f"'&{anchor}' (an anchor) is not read here: take it out")
        if tag is not None:
            tag = tag.replace("tag:yaml.org,2002:", "!!")
            self.say(line, column, f"'{tag}' (a tag) is not read here: take it out; for text, use quotes")

    def _scalar(self, event: yaml.ScalarEvent, line: int, column: int) -> ScalarNode:
        text = event.value
        if _UNUSABLE.search(text):
            self.say(line, column, "this text holds a control character that can't be shown: take it out")
            text = _UNUSABLE.sub("?", text)
        scalar = plain_scalar(text) if event.implicit[0] else text
        return ScalarNode(line, column, text, scalar, scalar is None and self._is_commented(line, column))

    def _is_commented(self, line: int, column: int) -> bool:
        return line <= len(self._lines) and self._lines[line - 1][column - 1 :].lstrip().startswith("#")

    def _enter(self, node: MappingNode | ListNode) -> None:
        self._attach(node)
        self._stack.append(node)
        self._pending.append(None)

    def _attach(self, node: Node) -> None:
        if not self._stack:
            self.top = node
            return
        parent, key = self._stack[-1], self._pending[-1]
        if isinstance(parent, ListNode):
            parent.items.append(node)
        elif key is None:
            self._pending[-1] = self._key(node)
        else:
            self._pending[-1] = None
            self._pair(parent, key, node)

    def _key(self, node: Node) -> ScalarNode:
        if not isinstance(node, ScalarNode):
            raise self._given_up(node.line, node.column, "a key can only be a word, as in 'title: …'")
        if node.text == "<<" and isinstance(node.scalar, Unquoted):
            self.say(node.line, node.column, "'<<' (merging) is not read here: write it out")
        elif not isinstance(node.scalar, str):
            self.say(
                node.line, node.column, f"put this key between quotes: {quoted(node.text)}. {takes_for(node.scalar)}"
            )
        return node

    def _pair(self, parent: MappingNode, key: ScalarNode, node: Node) -> None:
        if key.text == "<<":
            return
        if key.text in parent.entries:
            first = parent.keys[key.text]
            self.say(key.line, key.column, f"the key {clipped(key.text)} stands twice; first on line {first.line}")
            return
        parent.entries[key.text] = node
        parent.keys[key.text] = key

    def _given_up(self, line: int, column: int, message: str) -> _GivenUp:
        self.say(line, column, message)
        return _GivenUp()


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it."""
    yield node
    children = node.items if isinstance(node, ListNode) else []
    if isinstance(node, MappingNode):
        children = list(node.entries.values())
    for child in children:
        yield from walk(child)


# reading nodes that may be of any shape


def entry(node: Node | None, key: str) -> Node | None:
    """What stands under `key`, if the node has keys."""
    return node.entries.get(key) if isinstance(node, MappingNode) else None


def items(node: Node | None, key: str) -> list[Node]:
    """The list under `key`, or nothing."""
    found = entry(node, key)
    return found.items if isinstance(found, ListNode) else []


def scalars(node: Node | None) -> list[ScalarNode]:
    """The scalars of a list, or the one scalar."""
    found = node.items if isinstance(node, ListNode) else [node]
    return [item for item in found if isinstance(item, ScalarNode)]


def below(node: Node | None) -> list[tuple[ScalarNode, Node]]:
    """Keys and what stands under them, or nothing."""
    if not isinstance(node, MappingNode):
        return []
    return [(node.keys[key], value) for key, value in node.entries.items()]
