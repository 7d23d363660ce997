"""What is left of an event, as files: the list of formats, one module each. Takes the books, which passed the gate."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from polling.core.results.books import Books
from polling.export.csv_files import csv_bytes, csv_files
from polling.export.json_file import json_files
from polling.export.xlsx_files import xlsx_bytes, xlsx_files

Files = Mapping[str, bytes]
"""File name → content."""


Format = Callable[[Books], Files]
"""Writes the books: the files that it makes of them."""

FORMATS: Mapping[str, Format] = {
    "csv": csv_files,
    "json": json_files,
    "xlsx": xlsx_files,
}

__all__ = ["FORMATS", "Files", "csv_bytes", "xlsx_bytes"]
