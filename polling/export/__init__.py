"""What is left of an event, as files: the list of formats, one module each. Takes outcomes, which passed the gate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from polling.core.event import Event
from polling.core.results.outcomes import Outcome
from polling.core.results.respondents import Respondents
from polling.export.csv_files import csv_bytes, csv_files
from polling.export.json_file import json_files
from polling.export.xlsx_files import xlsx_bytes, xlsx_files

Files = Mapping[str, bytes]
"""File name → content."""


class Format(Protocol):
    """Writes outcomes, and of a pseudonymous event who answered what."""

    def __call__(self, event: Event, outcomes: Sequence[Outcome], respondents: Respondents | None = None, /) -> Files:
        """The files that it is made of."""


FORMATS: Mapping[str, Format] = {
    "csv": csv_files,
    "json": json_files,
    "xlsx": xlsx_files,
}

__all__ = ["FORMATS", "Files", "csv_bytes", "xlsx_bytes"]
