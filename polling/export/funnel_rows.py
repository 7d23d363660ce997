"""The rows of the funnel: a line per closed question, with those who registered, came, joined and answered."""

from __future__ import annotations

from collections.abc import Iterator

from polling.core.results.books import Books
from polling.export.rows import RESULTS_HEADER, Value

FUNNEL_HEADER = (*RESULTS_HEADER[:7], "registered", "present", "joined", "answered", "percent")


def funnel_rows(books: Books) -> Iterator[tuple[Value, ...]]:
    """`percent`: of the phones that joined, how many answered. What is not known, empty or withheld looks alike."""
    for each in books.funnels:
        begin = (books.event.event, each.session, each.kind, *each.key, each.question.type)
        yield (*begin, *each.steps, each.percent)
