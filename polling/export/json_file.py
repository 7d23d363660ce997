"""JSON with the same facts as the CSV files."""

from __future__ import annotations

import json
from collections.abc import Sequence

from polling.core.event import Event
from polling.core.results.outcomes import Outcome
from polling.core.results.respondents import Respondents
from polling.export.rows import (
    RESULTS_HEADER,
    ROLLED_UP_HEADER,
    SEGMENTS_HEADER,
    TEXTS_HEADER,
    in_order,
    respondent_rows,
    respondents_header,
    result_rows,
    rolled_up_rows,
    segment_rows,
    text_rows,
)


def json_files(event: Event, outcomes: Sequence[Outcome], respondents: Respondents | None = None) -> dict[str, bytes]:
    """results.json: the event, its results (an object per cell), the same over all rooms and by segment, its texts; of
    a pseudonymous event its respondents too."""
    document: dict[str, object] = {
        "event": event.event,
        "title": dict(event.title),
        "results": [dict(zip(RESULTS_HEADER, row, strict=True)) for row in result_rows(event, outcomes)],
        "rolled-up": [dict(zip(ROLLED_UP_HEADER, row, strict=True)) for row in rolled_up_rows(event, outcomes)],
        "segments": [dict(zip(SEGMENTS_HEADER, row, strict=True)) for row in segment_rows(event, outcomes)],
        "texts": [dict(zip(TEXTS_HEADER, row, strict=True)) for row in in_order(text_rows(event, outcomes))],
    }
    if respondents is not None:
        header = respondents_header(respondents)
        document["respondents"] = [dict(zip(header, row, strict=True)) for row in respondent_rows(respondents)]
    return {"results.json": (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()}
