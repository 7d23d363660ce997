"""CSV for spreadsheets. Nobody's words become a formula: every text cell is quoted and made inert."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from polling.core.event import Event
from polling.core.results.outcomes import Outcome
from polling.core.results.respondents import Respondents
from polling.export.rows import (
    RESULTS_HEADER,
    ROLLED_UP_HEADER,
    SEGMENTS_HEADER,
    TEXTS_HEADER,
    Value,
    in_order,
    respondent_rows,
    respondents_header,
    result_rows,
    rolled_up_rows,
    segment_rows,
    text_rows,
)

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


def csv_files(event: Event, outcomes: Sequence[Outcome], respondents: Respondents | None = None) -> dict[str, bytes]:
    """results.csv, rolled-up.csv, segments.csv and texts.csv; of a pseudonymous event respondents.csv too."""
    files = {
        "results.csv": csv_bytes(RESULTS_HEADER, result_rows(event, outcomes)),
        "rolled-up.csv": csv_bytes(ROLLED_UP_HEADER, rolled_up_rows(event, outcomes)),
        "segments.csv": csv_bytes(SEGMENTS_HEADER, segment_rows(event, outcomes)),
        "texts.csv": csv_bytes(TEXTS_HEADER, in_order(text_rows(event, outcomes))),
    }
    if respondents is not None:
        files["respondents.csv"] = csv_bytes(respondents_header(respondents), respondent_rows(respondents))
    return files
