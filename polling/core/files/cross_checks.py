"""What must fit together across an event's files. Works on nodes, so that it also sees files with other mistakes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import PurePath
from typing import get_args

from polling.core.event import SPOT, TAKEN_SESSIONS, Language
from polling.core.files.nodes import ListNode, MappingNode, Node, ScalarNode, entry, items, scalars, walk
from polling.core.files.problems import Problem, clipped, meant

Files = Mapping[str, Node]
"""File → its top node; those that could be read."""


def languages_of(event: Node) -> tuple[str, ...]:
    """The languages that event.yaml declares, as far as they can be read."""
    declared = entry(event, "languages")
    if declared is None:
        return ("en",)
    return tuple(name.text for name in scalars(declared) if name.text in get_args(Language))


def event_problems(file: str, folder: str, event: Node, sets: Files) -> Iterator[Problem]:
    """What event.yaml says that does not fit with itself, its folder, or the set files."""
    yield from _named_after(file, event, "event", folder, "the folder is called")
    yield from twins(file, event)
    yield from _taken_addresses(file, event)
    yield from _missing_sets(file, event, sets)
    yield from _contacts_without_care(file, event, sets)
    yield from _signed_after_erasure(file, event)


def _taken_addresses(file: str, event: Node) -> Iterator[Problem]:
    for session in items(event, "sessions"):
        name = entry(session, "id")
        if isinstance(name, ScalarNode) and name.text in TAKEN_SESSIONS:
            yield _at(file, name, f"a session can't be called {name.text!r}: the hall's screen has that address")


def set_problems(file: str, question_set: Node, event: Node | None) -> Iterator[Problem]:
    """What a set file says that does not fit with itself, its name, or event.yaml."""
    yield from _named_after(file, question_set, "set", PurePath(file).stem, "the file is called")
    name = entry(question_set, "set")
    if isinstance(name, ScalarNode) and name.text.startswith(SPOT):
        yield _at(
            file, name, f"a set can't begin with {SPOT!r}: so are called those that moderators add to on the spot"
        )
    yield from twins(file, question_set)
    if event is not None:
        yield from _groups(file, question_set, event)


def unused_sets(event: Node, sets: Files) -> Iterator[Problem]:
    """Set files that no session runs: no mistake, but worth a word."""
    used = {name.text for session in items(event, "sessions") for name in scalars(entry(session, "sets"))}
    for file, question_set in sets.items():
        if PurePath(file).stem not in used:
            yield _at(file, question_set, "no session runs this question set")


def _named_after(file: str, node: Node, key: str, name: str, is_called: str) -> Iterator[Problem]:
    given = entry(node, key)
    if isinstance(given, ScalarNode) and given.text and given.text != name:
        yield _at(file, given, f"{key}: {clipped(given.text)} does not fit: {is_called} {name!r}; let them be the same")


def twins(file: str, top: Node) -> Iterator[Problem]:
    """Ids that stand twice in one list: of sessions, sets, groups, questions or options."""
    for node in walk(top):
        if isinstance(node, ListNode):
            yield from _twins_in(file, node)


def _twins_in(file: str, node: ListNode) -> Iterator[Problem]:
    first: dict[str, Node] = {}
    for item in node.items:
        name = entry(item, "id") if isinstance(item, MappingNode) else item
        if not isinstance(name, ScalarNode) or name.scalar is None:
            continue
        if name.text in first:
            line = first[name.text].line
            yield _at(file, name, f"{clipped(name.text)} stands twice in this list; first on line {line}")
        first.setdefault(name.text, name)


def _missing_sets(file: str, event: Node, sets: Files) -> Iterator[Problem]:
    known = [PurePath(name).stem for name in sets]
    for session in items(event, "sessions"):
        for name in scalars(entry(session, "sets")):
            if isinstance(name.scalar, str) and name.text and name.text not in known:
                yield _at(file, name, f"there is no file {name.text + '.yaml'!r} for this set{meant(name.text, known)}")


def _groups(file: str, question_set: Node, event: Node) -> Iterator[Problem]:
    known = [name.text for group in items(event, "working_groups") for name in scalars(entry(group, "id"))]
    for routed in walk(question_set):
        for group in scalars(entry(routed, "working_group")):
            if isinstance(group.scalar, str) and group.text not in known:
                hint = meant(group.text, known) if known else "; event.yaml has no working_groups"
                yield _at(file, group, f"there is no working group {clipped(group.text)} in event.yaml{hint}")
    if entry(question_set, "working_group") is None:
        for question in items(question_set, "questions"):
            if entry(question, "working_group") is None:
                yield from _offers_to_nobody(file, question)


def _offers_to_nobody(file: str, question: Node) -> Iterator[Problem]:
    """The first offer of a question that no working group stands behind; its own `working_group` is not there."""
    of_all = _offered(question)
    for place in items(question, "options") or [question]:
        offer = of_all or _offered(place)
        if offer is not None and entry(place, "working_group") is None:
            message = "'contact: offer' needs 'working_group: …', here or in the question or its set: who writes back?"
            yield _at(file, offer, message)
            return


def _offered(place: Node) -> Node | None:
    contact = entry(place, "contact")
    return contact if isinstance(contact, ScalarNode) and contact.text == "offer" else None


def _offer(question: Node) -> Node | None:
    """Where a question offers contact: itself, or one of its options."""
    return next((offered for node in walk(question) if (offered := _offered(node)) is not None), None)


def _contacts_without_care(file: str, event: Node, sets: Files) -> Iterator[Problem]:
    offers = [
        (set_file, offer)
        for set_file, question_set in sets.items()
        for question in items(question_set, "questions")
        if (offer := _offer(question)) is not None
    ]
    if not offers:
        return
    privacy = entry(event, "privacy")
    set_file, offer = offers[0]
    why = f"since contact is offered ({PurePath(set_file).name}, line {offer.line})"
    for key, example in (("contacts_until", "2027-03-01"), ("controller", "the organisation that answers for them")):
        given = entry(privacy, key) if privacy else None
        if given is None or (isinstance(given, ScalarNode) and given.scalar is None):
            yield _at(file, privacy or event, f"privacy needs '{key}: {example}', {why}")


def _signed_after_erasure(file: str, event: Node) -> Iterator[Problem]:
    """A name that is given after all names were erased would be kept for good."""
    privacy = entry(event, "privacy")
    ends, erased = (_day(entry(privacy, key)) for key in ("late_signature_until", "contacts_until"))
    if ends is not None and erased is not None and ends[1] > erased[1]:
        told = f"late_signature_until: {ends[1]} is after contacts_until, {erased[1]} (line {erased[0].line})"
        yield _at(file, ends[0], f"{told}: by then all names are erased; take that day or an earlier one")


def _day(node: Node | None) -> tuple[Node, date] | None:
    """A day as written; None where there is none that can be read."""
    if not isinstance(node, ScalarNode):
        return None
    try:
        return node, date.fromisoformat(node.text)
    except ValueError:
        return None


def _at(file: str, node: Node, message: str) -> Problem:
    return Problem(file, node.line, node.column, message)
