"""The certificate of retention: a line per day on which names and addresses of the event were erased, with counts."""

from __future__ import annotations

from collections.abc import Iterator

from polling.core.results.books import Books
from polling.export.rows import Value

ERASED_HEADER = ("event", "day", "contacts", "ideas")


def erased_rows(books: Books) -> Iterator[tuple[Value, ...]]:
    """`ideas`: those that can't be signed any more, since the hash by which they could is erased too."""
    for each in books.erased:
        yield (each.event, each.day.isoformat(), each.contacts, each.ideas)
