"""What must fit together between segment questions and the questions that are divided by them, over all files of an
event. Works on nodes, so that it also sees files with other mistakes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from polling.core.files.nodes import Node, ScalarNode, entry, items, scalars
from polling.core.files.problems import Problem, clipped, meant


@dataclass(frozen=True)
class _Asked:
    """A question where it stands."""

    file: str
    node: Node
    number: int  # its place in its set

    @property
    def is_segment(self) -> bool:
        marked = entry(self.node, "segment")
        return isinstance(marked, ScalarNode) and marked.scalar is True


def segment_problems(event: Node | None, sets: Mapping[str, Node]) -> Iterator[Problem]:
    """Every 'by' that leads to no segment question, to one that nobody is asked, or that is put later in its set."""
    asked = dict(_asked(sets))
    run = {name.text for session in items(event, "sessions") for name in scalars(entry(session, "sets"))}
    for name, question in asked.items():
        by = entry(question.node, "by")
        if isinstance(by, ScalarNode) and isinstance(by.scalar, str) and by.text:
            segment = by.text if "/" in by.text else f"{name.partition('/')[0]}/{by.text}"
            told = list(_misfit(question, by, segment, asked))
            yield from told
            if not told and event is not None and segment.partition("/")[0] not in run:
                yield _at(question, by, f"no session runs the set of {clipped(by.text)}: nobody would have its labels")


def _misfit(question: _Asked, by: ScalarNode, segment: str, asked: Mapping[str, _Asked]) -> Iterator[Problem]:
    found = asked.get(segment)
    segments = [name for name, each in asked.items() if each.is_segment]
    if found is None:
        known = [*segments, *(name.partition("/")[2] for name in segments if name.startswith(_set_of(question) + "/"))]
        yield _at(question, by, f"there is no question {clipped(by.text)} to divide this one by{meant(by.text, known)}")
    elif not found.is_segment:
        yield _at(question, by, f"{clipped(by.text)} is no segment: write 'segment: true' at that question, a choice")
    elif found.file == question.file and found.number >= question.number:
        yield _at(question, by, f"{clipped(by.text)} is put later: a segment has to be asked before what it divides")


def _asked(sets: Mapping[str, Node]) -> Iterator[tuple[str, _Asked]]:
    for file, node in sets.items():
        for number, question in enumerate(items(node, "questions")):
            name = entry(question, "id")
            if isinstance(name, ScalarNode):
                yield f"{PurePath(file).stem}/{name.text}", _Asked(file, question, number)


def _set_of(question: _Asked) -> str:
    return PurePath(question.file).stem


def _at(question: _Asked, node: Node, message: str) -> Problem:
    return Problem(question.file, node.line, node.column, message)
