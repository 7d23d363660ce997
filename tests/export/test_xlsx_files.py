"""Workbooks hold the same facts as the other files, and no formula or link."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from read_xlsx import parts, rows, sheet_names

from polling.core.event import Event
from polling.core.poll import PollKey
from polling.core.results.books import Books
from polling.core.results.outcomes import Outcome, Text, outcome
from polling.core.tally import Tally
from polling.export import FORMATS, xlsx_bytes

HOSTILE = [
    "=1+1",
    "+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    " =1",
    "\x00=1",
    '=cmd|"/c calc"!A0',
    "https://x.example",
    "{=1}",
    "1e9",
]
EVENT = Event.model_validate(
    {
        "event": "day",
        "title": "A day",
        "sessions": [{"id": "hall", "kind": "plenary", "title": "Hall", "sets": ["one"]}],
        "sets": [
            {
                "set": "one",
                "title": "One",
                "questions": [
                    {
                        "id": "colour",
                        "type": "choice",
                        "title": "Which?",
                        "options": [{"id": "red", "text": "Red"}, {"id": "blue", "text": "Blue"}],
                    },
                    {"id": "why", "type": "text", "title": "Why?"},
                ],
            }
        ],
    }
)


def outcomes(colour: Tally, *texts: str) -> list[Outcome]:
    return [
        outcome(EVENT, "hall", PollKey("one", "colour"), colour, ()),
        outcome(EVENT, "hall", PollKey("one", "why"), Tally(12), [Text("1", text) for text in texts]),
    ]


def results(colour: Tally, *texts: str) -> bytes:
    return FORMATS["xlsx"](Books(EVENT, outcomes(colour, *texts)))["results.xlsx"]


def test_a_workbook_holds_the_facts_of_the_csv_files_and_numbers_stay_numbers() -> None:
    tally = Tally(8, {"red": 5, "blue": 3})
    book, files = results(tally, "so", "because"), FORMATS["csv"](Books(EVENT, outcomes(tally, "so", "because")))
    assert sheet_names(book) == ["results", "texts", "rolled-up", "segments"]
    for number, name in ((1, "results.csv"), (2, "texts.csv")):
        expected = list(csv.reader(io.StringIO(files[name].decode(), newline="")))
        found = [
            ["" if c is None else f"{c:g}" if isinstance(c, float) else c for c in row] for row in rows(book, number)
        ]
        assert [row + [""] * (len(expected[0]) - len(row)) for row in found] == expected
    assert rows(book)[1][9:] == [5.0, 8.0, 63.0]


@pytest.mark.promise("S08")
def test_nothing_that_someone_typed_is_a_formula_a_link_or_a_number() -> None:
    book = xlsx_bytes({"list": (["answer"], [[text] for text in HOSTILE])})
    assert [row[0] for row in rows(book)[1:]] == [text.replace("\x00", "") for text in HOSTILE]
    everything = "".join(parts(book).values())
    assert "<f>" not in everything
    assert "<f " not in everything
    assert "<hyperlink" not in everything


@pytest.mark.promise("S08")
@settings(max_examples=60)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=5))
def test_every_text_survives_but_for_what_xml_can_not_hold(texts: list[str]) -> None:
    book = xlsx_bytes({"list": (["answer", "n"], [[text, 1] for text in texts])})
    assert "<f" not in parts(book)["xl/worksheets/sheet1.xml"]
    unkept = [chr(n) for n in (*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF)]
    expected = ["".join(sign for sign in text if sign not in unkept) for text in texts]
    found = [(row[0] or "") for row in rows(book)[1:]]
    assert [str(text).replace("\r\n", "\n").replace("\r", "\n") for text in found] == [
        text.replace("\r\n", "\n").replace("\r", "\n") for text in expected
    ]


@pytest.mark.promise("P16")
def test_a_workbook_holds_no_time_and_is_the_same_each_time() -> None:
    assert results(Tally(8, {"red": 8}), "so") == results(Tally(8, {"red": 8}), "so")
    assert "2000-01-01T00:00:00Z" in parts(results(Tally()))["docProps/core.xml"]


@pytest.mark.promise("P11")
@pytest.mark.parametrize("format", FORMATS)
def test_empty_and_withheld_look_alike_in_every_file(format: str) -> None:
    empty, small = (FORMATS[format](Books(EVENT, outcomes(tally))) for tally in (Tally(), Tally(4, {"red": 4})))
    assert empty == small
