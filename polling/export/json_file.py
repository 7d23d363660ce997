"""JSON with the same facts as the CSV files."""

from __future__ import annotations

import json

from polling.core.results.books import Books
from polling.export.tables import tables


def json_files(books: Books) -> dict[str, bytes]:
    """results.json: the event, and under the name of each table an object for each of its rows."""
    document: dict[str, object] = {"event": books.event.event, "title": dict(books.event.title)}
    for table in tables(books):
        document[table.name] = [dict(zip(table.header, row, strict=True)) for row in table.rows]
    return {"results.json": (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()}
