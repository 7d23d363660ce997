"""What is left of an event, as files: the list of formats, one module each. Takes outcomes, which passed the gate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from polling.core.event import Event
from polling.core.results.outcomes import Outcome
from polling.export.csv_files import csv_bytes, csv_files
from polling.export.json_file import json_files
from polling.export.xlsx_files import xlsx_bytes, xlsx_files

Files = Mapping[str, bytes]
"""File name → content."""

FORMATS: Mapping[str, Callable[[Event, Sequence[Outcome]], Files]] = {
    "csv": csv_files,
    "json": json_files,
    "xlsx": xlsx_files,
}

__all__ = ["FORMATS", "Files", "csv_bytes", "xlsx_bytes"]
