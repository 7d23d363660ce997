"""The tables that every format writes: one list, so that a file, a sheet and a part of JSON can't differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from polling.core.results.books import Books
from polling.export.beside_rows import BY_HAND_HEADER, NOTES_HEADER, by_hand_rows, note_rows
from polling.export.erased_rows import ERASED_HEADER, erased_rows
from polling.export.funnel_rows import FUNNEL_HEADER, funnel_rows
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


class Table(NamedTuple):
    """A header and its rows, under a name."""

    name: str
    header: Sequence[str]
    rows: Iterable[Sequence[Value]]


def tables(books: Books) -> list[Table]:
    """All that is told of an event, in the order in which a workbook has it."""
    event, outcomes = books.event, books.outcomes
    told = [
        Table("results", RESULTS_HEADER, result_rows(event, outcomes)),
        Table("texts", TEXTS_HEADER, in_order(text_rows(event, outcomes))),
        Table("rolled-up", ROLLED_UP_HEADER, rolled_up_rows(event, outcomes)),
        Table("segments", SEGMENTS_HEADER, segment_rows(event, outcomes)),
    ]
    if books.funnels:
        told.append(Table("funnel", FUNNEL_HEADER, funnel_rows(books)))
    if books.by_hand:
        told.append(Table("by-hand", BY_HAND_HEADER, by_hand_rows(books)))
    if books.notes:
        told.append(Table("notes", NOTES_HEADER, note_rows(books)))
    if books.erased:
        told.append(Table("erased", ERASED_HEADER, erased_rows(books)))
    if books.respondents is not None:
        told.append(Table("respondents", respondents_header(books.respondents), respondent_rows(books.respondents)))
    return told
