"""What must fit together between a question and the earlier ones that decide whether it is asked (`only_if`), within a
set. Works on nodes, so that it also sees files with other mistakes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from polling.core.files.nodes import MappingNode, Node, ScalarNode, entry, items, scalars
from polling.core.files.problems import Problem, clipped, meant


def skip_problems(sets: Mapping[str, Node]) -> Iterator[Problem]:
    """Every 'only_if' that leads to no earlier question with options in its set, or to options that it doesn't have."""
    for file, question_set in sets.items():
        asked = [(name, node) for node in items(question_set, "questions") if (name := _id(node)) is not None]
        for number, (name, node) in enumerate(asked):
            before, others = dict(asked[:number]), dict(asked)
            for key, options in _conditions(node):
                yield from (_at(file, *told) for told in _misfit(name, key, options, before, others))


def skip_warnings(sets: Mapping[str, Node]) -> Iterator[Problem]:
    """Every 'only_if' in a set whose file doesn't let participants set the pace: nobody skips a question there, unless
    the moderator switches."""
    for file, question_set in sets.items():
        pace = entry(question_set, "pace")
        if isinstance(pace, ScalarNode) and pace.text == "participant":
            continue
        for node in items(question_set, "questions"):
            for key, _ in _conditions(node):
                told = "'only_if' holds where participants set the pace: write 'pace: participant' at the set"
                yield _at(file, key, f"{told}, else everyone is asked this")


def _misfit(
    question: str, key: ScalarNode, options: Node, before: Mapping[str, Node], others: Mapping[str, Node]
) -> Iterator[tuple[Node, str]]:
    deciding = before.get(key.text)
    if deciding is None:
        yield key, _not_there(question, key.text, before, others)
        return
    if entry(deciding, "options") is None:
        yield key, f"{clipped(key.text)} has no options to choose from: 'only_if' names a question that has"
        return
    known = [name for each in items(deciding, "options") if (name := _id(each)) is not None]
    for option in scalars(options):
        if option.text and option.text not in known:
            yield option, f"{clipped(key.text)} has no option {clipped(option.text)}{meant(option.text, known)}"


def _not_there(name: str, wanted: str, before: Mapping[str, Node], others: Mapping[str, Node]) -> str:
    if wanted == name:
        return f"{clipped(wanted)} is this question itself: 'only_if' names an earlier one of this set"
    if wanted in others:
        return f"{clipped(wanted)} is put later: 'only_if' names an earlier question of this set"
    return f"there is no earlier question {clipped(wanted)} in this set{meant(wanted, list(before))}"


def _conditions(question: Node) -> Iterator[tuple[ScalarNode, Node]]:
    given = entry(question, "only_if")
    if isinstance(given, MappingNode):
        for key, options in given.entries.items():
            yield given.keys[key], options


def _id(node: Node) -> str | None:
    name = entry(node, "id")
    return name.text if isinstance(name, ScalarNode) and isinstance(name.scalar, str) else None


def _at(file: str, node: Node, message: str) -> Problem:
    return Problem(file, node.line, node.column, message)
