"""CSV for spreadsheets. Nobody's words become a formula: every text cell is quoted and made inert."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from polling.core.results.books import Books
from polling.export.rows import Value
from polling.export.tables import tables

_FORMULA_SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20"
_STARTS_FORMULA = re.compile(rf"(^|[;\t\r\n|])(?=\s*[{_FORMULA_SIGNS}])")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def inert(text: str) -> str:
    """The text with an apostrophe wherever a spreadsheet could begin a formula: at its start, or after what
    another locale takes for a separator. Control characters, which some programs skip, are left out."""
    clean = _CONTROLS.sub("", text)
    return _STARTS_FORMULA.sub(r"\1'", clean)


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """A CSV file in UTF-8. Numbers stay numbers."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([inert(value) if isinstance(value, str) else "" if value is None else value for value in row])
    return out.getvalue().encode()


def csv_files(books: Books) -> dict[str, bytes]:
    """A file for each table: results.csv, texts.csv, rolled-up.csv, segments.csv and so on."""
    return {f"{table.name}.csv": csv_bytes(table.header, table.rows) for table in tables(books)}
