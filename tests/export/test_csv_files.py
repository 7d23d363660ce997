"""Exports are inert (S08), exact, and the same facts in every format."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polling.core.event import Event, SessionPlan
from polling.core.poll import PollKey
from polling.core.results.books import Books
from polling.core.results.outcomes import Outcome, Text, named_together, outcome
from polling.core.tally import Tally
from polling.export import FORMATS, csv_bytes
from polling.export.csv_files import inert

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
                        "options": [{"id": "red", "text": "Red"}, {"id": "blue", "text": "=Blue"}],
                    },
                    {"id": "why", "type": "text", "title": "Why?"},
                ],
            }
        ],
    }
)

OPTIONS = [{"id": name.lower(), "text": name} for name in ("Red", "Blue", "Green")]

HOSTILE = [
    "=1+1",
    "+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "\x00=1",
    "\uff1d1+1",
    "a;=1+1",
    "a\n=1",
    "a\t@x",
    '=cmd|"/c calc"!A0',
]


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def colour(tally: Tally) -> Outcome:
    return outcome(EVENT, "hall", PollKey("one", "colour"), tally, ())


def test_a_result_has_a_line_per_cell_with_count_base_and_percent() -> None:
    rows = read(FORMATS["csv"](Books(EVENT, [colour(Tally(8, {"red": 5, "blue": 3}))]))["results.csv"])
    assert [(row["cell"], row["count"], row["respondents"], row["percent"]) for row in rows] == [
        ("red", "5", "8", "63"),
        ("blue", "3", "8", "38"),
    ]
    header = "event,session,kind,set,question,round,type,cell,text,count,respondents,percent,moved_into"
    assert ",".join(rows[0]) == header


def test_a_withheld_result_looks_like_an_empty_one() -> None:
    small = read(FORMATS["csv"](Books(EVENT, [colour(Tally(4, {"red": 4}))]))["results.csv"])
    empty = read(FORMATS["csv"](Books(EVENT, [colour(Tally())]))["results.csv"])
    assert small == empty
    assert {row["count"] for row in small} == {""}


def test_json_holds_the_same_facts_as_csv() -> None:
    outcomes = [
        colour(Tally(6, {"red": 6})),
        outcome(EVENT, "hall", PollKey("one", "why"), Tally(6), [Text("1", "so")]),
    ]
    rows = read(FORMATS["csv"](Books(EVENT, outcomes))["results.csv"])
    results = json.loads(FORMATS["json"](Books(EVENT, outcomes))["results.json"])["results"]
    assert [
        {key: inert(str(value)) if value is not None else "" for key, value in row.items()} for row in results
    ] == rows


def test_texts_of_a_room_with_few_don_t_name_the_room() -> None:
    few = outcome(EVENT, "hall", PollKey("one", "why"), Tally(3), [Text("1", f"idea {n}") for n in range(3)])
    many = outcome(EVENT, "hall", PollKey("one", "why"), Tally(12), [Text("1", f"idea {n}") for n in range(12)])
    assert {row["session"] for row in read(FORMATS["csv"](Books(EVENT, [few]))["texts.csv"])} == {""}
    assert {row["session"] for row in read(FORMATS["csv"](Books(EVENT, [many]))["texts.csv"])} == {"hall"}


def test_a_room_that_alone_gave_few_texts_is_hidden_behind_the_next_one() -> None:
    why = PollKey("one", "why")
    few, many, more = (
        replace(outcome(EVENT, "hall", why, Tally(n), [Text("1", f"idea {n}")] * n), session=hall_called(room))
        for room, n in (("attic", 3), ("hall", 12), ("dome", 15))
    )
    fewer = replace(few, session=hall_called("cellar"))
    assert [each.names_room for each in named_together(EVENT, [few, many, more])] == [False, False, True]
    assert [each.names_room for each in named_together(EVENT, [many, few, fewer, more])] == [True, False, False, True]
    assert [each.names_room for each in named_together(EVENT, [many, more])] == [True, True]


def hall_called(room: str) -> SessionPlan:
    return EVENT.session("hall").model_copy(update={"id": room})


def test_a_divided_result_has_a_line_per_segment_and_cell_and_one_for_all_others() -> None:
    who = {"id": "role", "type": "choice", "segment": True, "title": "Role", "options": OPTIONS}
    what = {"id": "first", "type": "choices", "by": "role", "title": "First", "options": OPTIONS[:2]}
    event = EVENT.model_validate(
        EVENT.model_dump(mode="json") | {"sets": [{"set": "one", "title": "One", "questions": [who, what]}]}
    )
    labels = {"red": Tally(20, {"red": 8, "blue": 12}), "green": Tally(4, {"red": 3, "blue": 1})}
    whole = sum(labels.values(), Tally(10, {"red": 5, "blue": 5}))
    sealed = outcome(event, "hall", PollKey("one", "first"), whole, (), labels)
    rows = read(FORMATS["csv"](Books(event, [sealed]))["segments.csv"])
    assert [tuple(row.values())[7:-1] for row in rows] == [
        ("one/role", "red", "red", "Red", "8", "20", "40"),
        ("one/role", "red", "blue", "Blue", "12", "20", "60"),
        ("one/role", "blue", "red", "Red", "", "", ""),
        ("one/role", "blue", "blue", "Blue", "", "", ""),
        ("one/role", "green", "red", "Red", "", "", ""),
        ("one/role", "green", "blue", "Blue", "", "", ""),
        ("one/role", "*", "red", "Red", "8", "14", "57"),
        ("one/role", "*", "blue", "Blue", "6", "14", "43"),
    ]
    before = read(
        FORMATS["csv"](Books(event, [outcome(event, "hall", PollKey("one", "first"), whole, ())]))["segments.csv"]
    )
    assert {row["count"] for row in before} == {""}
    assert len(json.loads(FORMATS["json"](Books(event, [sealed]))["results.json"])["segments"]) == len(rows)


@pytest.mark.promise("S08")
@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_begins_a_formula_in_any_locale(text: str) -> None:
    content = csv_bytes(["a", "b"], [[text, 5]]).decode()
    cell = next(csv.DictReader(io.StringIO(content, newline="")))["a"]
    assert not re.search(r"(^|[;\t\r\n|])\s*[=+\-@\uff1d\uff0b\uff0d\uff20]", cell)
    assert content.splitlines()[-1].endswith(",5")


@pytest.mark.promise("S08")
@given(st.text(max_size=60))
def test_a_text_survives_but_for_control_signs_and_apostrophes(text: str) -> None:
    rows = list(csv.reader(io.StringIO(csv_bytes(["a"], [[text]]).decode(), newline="")))
    plain = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", "", text)
    assert rows[1][0].replace("'", "") == plain.replace("'", "")
