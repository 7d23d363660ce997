"""Planned times that don't add up: no mistake, but worth a word."""

from __future__ import annotations

from collections.abc import Iterator

from polling.core.event import Event
from polling.core.files.nodes import Node, entry, items
from polling.core.files.problems import Problem, listed
from polling.core.running_order import planned

MOST_NAMED = 3


def plan_warnings(file: str, top: Node, event: Event) -> Iterator[Problem]:
    """Sessions that say when they start, but have questions without `minutes`."""
    for node, session in zip(items(top, "sessions"), event.sessions, strict=True):
        starts = entry(node, "starts")
        without = planned(event, session.id).without_minutes
        if starts is not None and without:
            names = listed([question.id for question in without], MOST_NAMED)
            message = f"planned times are told from here on, but no 'minutes' for {names}: they count as none"
            yield Problem(file, starts.line, starts.column, message)
