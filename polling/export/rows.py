"""The rows that every format holds: a line per cell of each closed poll, and a line per text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from polling.core.event import Event
from polling.core.questions.base import percent_of
from polling.core.results.outcomes import Outcome
from polling.core.results.respondents import Respondents
from polling.core.results.rollup import roll_up
from polling.core.results.withholding import OTHERS, Published
from polling.core.words import say

Value = str | int | None

RESULTS_HEADER = (
    "event",
    "session",
    "kind",
    "set",
    "question",
    "round",
    "type",
    "cell",
    "text",
    "count",
    "respondents",
    "percent",
    "moved_into",
)
SEGMENTS_HEADER = (*RESULTS_HEADER[:7], "by", "label", *RESULTS_HEADER[7:])
ROLLED_UP_HEADER = (
    "event",
    "set",
    "question",
    "type",
    "cell",
    "text",
    "count",
    "respondents",
    "percent",
    "rooms",
    "since",
)
TEXTS_HEADER = ("event", "session", "kind", "set", "question", "round", "cell", "text")


def result_rows(event: Event, outcomes: Sequence[Outcome]) -> Iterator[tuple[Value, ...]]:
    """A line per cell. Empty and withheld look alike: no count, no base, no percentage. A question without
    cells (an open answer) has one line, which holds its respondents. "moved_into": the room that this one moved into;
    its results stay its own."""
    language = event.languages[0]
    for outcome in outcomes:
        question, published = outcome.question, outcome.published
        if not question.answerable:
            continue
        begin = (event.event, outcome.session.id, outcome.session.kind, *outcome.key, question.type)
        for cell in question.all_cells():
            yield (
                *begin,
                cell,
                say(question.cell_name(cell), language),
                *_numbers(published, cell),
                outcome.moved_into,
            )
        if not question.all_cells():
            yield (*begin, "", "", None, published.base or None, None, outcome.moved_into)


def segment_rows(event: Event, outcomes: Sequence[Outcome]) -> Iterator[tuple[Value, ...]]:
    """A line per segment and cell of each question that is divided by one, and for all other respondents together
    ("*"). What is withheld, empty, or not sealed yet looks alike."""
    language = event.languages[0]
    for outcome in outcomes:
        question, segment = outcome.question, event.segment_of(outcome.key)
        if segment is None:
            continue
        begin = (event.event, outcome.session.id, outcome.session.kind, *outcome.key, question.type, segment)
        for label in (*event.segment(segment).all_cells(), OTHERS):
            for cell in question.all_cells():
                name = say(question.cell_name(cell), language)
                yield (*begin, label, cell, name, *_numbers(outcome.segments.get(label), cell), outcome.moved_into)


def rolled_up_rows(event: Event, outcomes: Sequence[Outcome]) -> Iterator[tuple[Value, ...]]:
    """A line per cell of each question, added up over the rooms that may be shown. "since": the first round that was
    asked in these words; a question that was asked again in other words is another one."""
    language = event.languages[0]
    for total in roll_up(outcomes):
        question, base = total.question, total.base or None
        begin = (event.event, total.set, question.id, question.type)
        for cell in question.all_cells():
            count = total.cells.get(cell, 0) if base else None
            percent = percent_of(total.cells.get(cell, 0), base) if base else None
            yield (
                *begin,
                cell,
                say(question.cell_name(cell), language),
                count,
                base,
                percent,
                total.rooms,
                total.since,
            )
        if question.answerable and not question.all_cells():
            yield (*begin, "", "", None, base, None, total.rooms, total.since)


def _numbers(published: Published | None, cell: str) -> tuple[int | None, int | None, int | None]:
    """Count, respondents and percentage, where they may be told."""
    if published is None or published.cells is None or not published.base:
        return None, None, None
    count = published.cells.get(cell, 0)
    return count, published.base, percent_of(count, published.base)


def text_rows(event: Event, outcomes: Sequence[Outcome]) -> Iterator[tuple[Value, ...]]:
    """A line per text. Where a room gave few, they don't say which room it was."""
    for outcome in outcomes:
        room = (outcome.session.id, outcome.session.kind) if outcome.names_room else ("", "")
        for text in outcome.texts:
            yield (event.event, *room, *outcome.key, text.cell, text.text)


def in_order(rows: Iterator[tuple[Value, ...]]) -> list[tuple[Value, ...]]:
    """Texts of rooms that aren't named, apart from any order of rooms that could name them."""
    return sorted(rows, key=lambda row: tuple(str(value).casefold() for value in row))


def respondents_header(respondents: Respondents) -> tuple[str, ...]:
    """A number drawn for this file alone, and a column for each poll."""
    return ("respondent", *(f"{poll.session.id}/{poll.key}" for poll in respondents.polls))


def respondent_rows(respondents: Respondents) -> Iterator[tuple[Value, ...]]:
    """A line per respondent of a pseudonymous event: the cells that were chosen in each poll, with a space between. An
    answer in words says only that it is there. Empty and withheld look alike."""
    for number, row in enumerate(respondents.rows, 1):
        yield (number, *(None if chosen is None else " ".join(chosen) or "answered" for chosen in row))
