"""The rows that every format holds: a line per cell of each closed poll, and a line per text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from polling.core.event import Event
from polling.core.questions.base import percent_of
from polling.core.results.outcomes import Outcome
from polling.core.words import say

Value = str | int | None

RESULTS_HEADER = (
    "event",
    "session",
    "kind",
    "set",
    "question",
    "round",
    "type",
    "cell",
    "text",
    "count",
    "respondents",
    "percent",
)
TEXTS_HEADER = ("event", "session", "kind", "set", "question", "round", "cell", "text")


def result_rows(event: Event, outcomes: Sequence[Outcome]) -> Iterator[tuple[Value, ...]]:
    """A line per cell. Empty and withheld look alike: no count, no base, no percentage. A question without
    cells (an open answer) has one line, which holds its respondents."""
    language = event.languages[0]
    for outcome in outcomes:
        question, published = outcome.question, outcome.published
        if not question.answerable:
            continue
        begin = (event.event, outcome.session.id, outcome.session.kind, *outcome.key, question.type)
        base = None if published.cells is None or not published.base else published.base
        for cell in question.all_cells():
            count = published.cells.get(cell, 0) if published.cells is not None and base else None
            percent = percent_of(count, base) if count is not None and base else None
            yield (*begin, cell, say(question.cell_name(cell), language), count, base, percent)
        if not question.all_cells():
            yield (*begin, "", "", None, base, None)


def text_rows(event: Event, outcomes: Sequence[Outcome]) -> Iterator[tuple[Value, ...]]:
    """A line per text. Where a room gave few, they don't say which room it was."""
    for outcome in outcomes:
        room = (outcome.session.id, outcome.session.kind) if outcome.names_room else ("", "")
        for text in outcome.texts:
            yield (event.event, *room, *outcome.key, text.cell, text.text)


def in_order(rows: Iterator[tuple[Value, ...]]) -> list[tuple[Value, ...]]:
    """Texts of rooms that aren't named, apart from any order of rooms that could name them."""
    return sorted(rows, key=lambda row: tuple(str(value).casefold() for value in row))
