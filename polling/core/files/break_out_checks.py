"""What must fit together between the rules that lead people to their break-out and the questions and sessions that they
name. Works on nodes, so that it also sees files with other mistakes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePath

from polling.core.files.nodes import Node, ScalarNode, entry, items, scalars
from polling.core.files.problems import Problem, clipped, meant


def break_out_problems(file: str, event: Node, sets: Mapping[str, Node]) -> Iterator[Problem]:
    """Every rule that goes by a question or an option that there isn't, by a question that is put in break-outs only
    (so that nobody has answered it in time), or that leads to no break-out."""
    break_outs = entry(event, "break_outs")
    for rule in items(break_outs, "rules") if break_outs is not None else ():
        for node, message in (*_answer(rule, event, sets), *_session(rule, event)):
            yield Problem(file, node.line, node.column, message)


def _answer(rule: Node, event: Node, sets: Mapping[str, Node]) -> Iterator[tuple[Node, str]]:
    answer = entry(rule, "answer")
    if not isinstance(answer, ScalarNode) or not answer.text:
        return
    asked = dict(_asked(sets))
    question = asked.get(answer.text)
    if question is None:
        yield (
            answer,
            f"there is no question {clipped(answer.text)}{meant(answer.text, list(asked))}",
        )
        return
    if entry(question, "options") is None:
        yield answer, f"{clipped(answer.text)} has no options to choose from: a rule goes by one that has"
        return
    known = [option.text for each in items(question, "options") for option in scalars(entry(each, "id"))]
    for option in scalars(entry(rule, "any_of")):
        if option.text and option.text not in known:
            yield option, f"{clipped(answer.text)} has no option {clipped(option.text)}{meant(option.text, known)}"
    if answer.text.partition("/")[0] not in _put_before(event):
        yield (
            answer,
            f"{clipped(answer.text)} is put in no plenary: nobody has answered it by then",
        )


def _session(rule: Node, event: Node) -> Iterator[tuple[Node, str]]:
    session = entry(rule, "session")
    if not isinstance(session, ScalarNode) or not session.text:
        return
    kinds: dict[str, str] = {}
    for each in items(event, "sessions"):
        kinds |= {name.text: _text(entry(each, "kind")) for name in scalars(entry(each, "id"))}
    rooms = [name for name, kind in kinds.items() if kind == "break-out"]
    if session.text not in kinds:
        yield session, f"there is no session {clipped(session.text)}{meant(session.text, rooms)}"
    elif session.text not in rooms:
        yield session, f"{clipped(session.text)} is no break-out{meant(session.text, rooms)}"


def _put_before(event: Node) -> set[str]:
    """The sets that are run before people go to their break-outs."""
    plenaries = [each for each in items(event, "sessions") if _text(entry(each, "kind")) == "plenary"]
    return {name.text for each in plenaries for name in scalars(entry(each, "sets"))}


def _asked(sets: Mapping[str, Node]) -> Iterator[tuple[str, Node]]:
    for file, node in sets.items():
        for question in items(node, "questions"):
            for name in scalars(entry(question, "id")):
                yield f"{PurePath(file).stem}/{name.text}", question


def _text(node: Node | None) -> str:
    return node.text if isinstance(node, ScalarNode) else ""
