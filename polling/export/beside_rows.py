"""The rows of what moderators wrote beside polls: counts by hand, and their notes."""

from __future__ import annotations

from collections.abc import Iterator

from polling.core.results.books import Books
from polling.core.words import say
from polling.export.rows import Value

BY_HAND_HEADER = ("event", "session", "set", "question", "round", "way", "cell", "text", "count", "people", "percent")
NOTES_HEADER = ("event", "session", "set", "question", "round", "note")


def by_hand_rows(books: Books) -> Iterator[tuple[Value, ...]]:
    """A line per cell of each count by hand. These people are in no other table."""
    language = books.event.languages[0]
    for session, poll, counted in books.by_hand:
        question = books.event.question(poll)
        begin = (books.event.event, session, *poll, counted.way)
        for cell in question.all_cells():
            name = say(question.cell_name(cell), language)
            yield (*begin, cell, name, counted.count(cell), counted.people, counted.percent(cell))
        if not question.all_cells():
            yield (*begin, "", "", None, counted.people, None)


def note_rows(books: Books) -> Iterator[tuple[Value, ...]]:
    """A line per note: the questions raised in a room."""
    for session, poll, text in books.notes:
        yield (books.event.event, session, *poll, text)
