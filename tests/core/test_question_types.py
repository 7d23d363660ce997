"""What every question type owes, over the written list of them. A new type is tested by its line in that list,
its example in docs/questionsets.md, and nothing here."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from polling.core.errors import Code, Refused
from polling.core.files.nodes import read_yaml
from polling.core.questions import TYPES, AnyQuestion
from polling.core.questions.base import Answer, Question, Summary, axis_for, percent_of
from polling.core.questions.options import OTHER_LENGTH
from polling.core.questions.text import TEXT_LENGTH
from polling.core.results.withholding import Standing, withhold
from polling.core.tally import Cells, Tally, tally_of

ROOT = Path(__file__).parents[2]
ADAPTER: TypeAdapter[Question] = TypeAdapter(AnyQuestion)


def documented() -> list[Question]:
    """The examples of docs/questionsets.md."""
    page = (ROOT / "docs" / "questionsets.md").read_text(encoding="utf-8")
    found = re.findall(r"^```yaml\n# questions\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    nodes = [read_yaml(text.encode(), "questionsets.md").node for text in found]
    return [ADAPTER.validate_python(value) for node in nodes if node for value in node.value()]


QUESTIONS = documented()
ANSWERED = [question for question in QUESTIONS if question.answerable]
any_question = st.sampled_from(QUESTIONS)


def question(**value: Any) -> Question:
    return ADAPTER.validate_python({"id": "q", "title": "?"} | value)


def options(*names: str, **more: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"id": name, "text": name.title()} | more.get(name, {}) for name in names]


CHOICE = question(type="choice", options=options("a", "b", "other", other={"other": True}))
CHOICES = question(type="choices", max=2, options=options("a", "b", "c", "none", none={"exclusive": True}))
TEXT = question(type="text", max=2)
INFO = question(type="info")


def refusal(asked: Question, picks: list[str], texts: dict[str, str]) -> Code | None:
    try:
        asked.parse(picks, texts)
    except Refused as refused:
        return refused.code
    return None


def answers(asked: Question) -> st.SearchStrategy[tuple[list[str], dict[str, str]]]:
    """Picks and texts that a form of this question could send; not all of them fit."""
    cells, fields = asked.all_cells(), asked.text_fields()
    return st.tuples(
        st.lists(st.sampled_from(cells), max_size=4) if cells else st.just([]),
        st.dictionaries(st.sampled_from(fields), st.text(max_size=20), max_size=3) if fields else st.just({}),
    )


@st.composite
def cast(draw: st.DrawFn) -> tuple[Question, list[Cells]]:
    """A question and ballots to it, made of answers that fit."""
    asked = draw(st.sampled_from(ANSWERED))
    sent = draw(st.lists(answers(asked), max_size=30))
    return asked, [asked.cells(asked.parse(*answer)) for answer in sent if refusal(asked, *answer) is None]


# what each type has


@pytest.mark.parametrize("question_type", TYPES)
def test_it_is_one_module_with_two_templates_and_a_documented_example(question_type: type[Question]) -> None:
    [name] = question_type.model_json_schema()["properties"]["type"]["const"].split()
    assert question_type.__module__ == f"polling.core.questions.{name}"
    templates = sorted(path.name for path in (ROOT / "templates" / "questions" / name).glob("*.html"))
    assert templates == ["chart.html", "form.html"]
    assert [type(asked) for asked in QUESTIONS if asked.type == name][:1] == [question_type]


@pytest.mark.parametrize("question_type", TYPES)
def test_it_says_what_it_is_for_and_refuses_keys_it_does_not_know(question_type: type[Question]) -> None:
    assert question_type.__doc__
    schema = question_type.model_json_schema()
    assert schema["additionalProperties"] is False
    assert {"id", "type", "title"} <= set(schema["required"])


@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda asked: f"{asked.type}-{asked.id}")
def test_it_is_one_value_that_cannot_be_changed_and_comes_back_from_json(asked: Question) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        setattr(asked, "id", "another")  # noqa: B010 (a type checker refuses it in plain writing)
    assert ADAPTER.validate_json(asked.model_dump_json()) == asked


# answers


@pytest.mark.parametrize("asked", ANSWERED, ids=lambda asked: f"{asked.type}-{asked.id}")
def test_its_example_is_an_answer(asked: Question) -> None:
    picks, texts = asked.example()
    answer = asked.parse(picks, texts)
    assert answer == Answer(picks, texts)
    cells = asked.cells(answer)
    assert set(cells) <= set(asked.all_cells())
    assert all(weight > 0 for weight in cells.values())


@given(asked=any_question, picks=st.lists(st.text(max_size=6), max_size=5), texts=st.dictionaries(st.text(), st.text()))
def test_junk_is_refused_with_a_named_error_or_is_an_answer(
    asked: Question, picks: list[str], texts: dict[str, str]
) -> None:
    code = refusal(asked, picks, texts)
    assert code is None or code in Code
    if picks:
        assert code is not None


@given(asked=st.sampled_from(ANSWERED), data=st.data())
def test_parsing_an_answer_again_changes_nothing(asked: Question, data: st.DataObject) -> None:
    picks, texts = data.draw(answers(asked))
    assume(refusal(asked, picks, texts) is None)
    answer = asked.parse(picks, texts)
    assert asked.parse(answer.picks, answer.texts) == answer
    assert set(answer.texts) <= set(asked.text_fields())


@pytest.mark.parametrize(
    ("asked", "picks", "texts", "code"),
    [
        (CHOICE, [], {}, Code.EMPTY_ANSWER),
        (CHOICE, ["z"], {}, Code.UNKNOWN_OPTION),
        (CHOICE, ["a", "b"], {}, Code.TOO_MANY),
        (CHOICE, ["a"], {"a": "A text"}, Code.UNKNOWN_OPTION),
        (CHOICE, ["other"], {"other": "x" * (OTHER_LENGTH + 1)}, Code.TOO_LONG),
        (CHOICE, ["other"], {"other": "x" * OTHER_LENGTH}, None),
        (CHOICE, ["a", "a"], {}, None),
        (CHOICES, ["a", "b", "c"], {}, Code.TOO_MANY),
        (CHOICES, ["a", "none"], {}, Code.EXCLUSIVE),
        (CHOICES, ["none"], {}, None),
        (CHOICES, ["a", "c"], {}, None),
        (TEXT, [], {}, Code.EMPTY_ANSWER),
        (TEXT, [], {"1": " \n "}, Code.EMPTY_ANSWER),
        (TEXT, [], {"3": "A third"}, Code.UNKNOWN_OPTION),
        (TEXT, ["1"], {"1": "An idea"}, Code.UNKNOWN_OPTION),
        (TEXT, [], {"1": "x" * (TEXT_LENGTH + 1)}, Code.TOO_LONG),
        (TEXT, [], {"1": "x" * TEXT_LENGTH}, None),
        (INFO, [], {}, Code.NOT_A_QUESTION),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_by_its_reason(
    asked: Question, picks: list[str], texts: dict[str, str], code: Code | None
) -> None:
    assert refusal(asked, picks, texts) == code


def test_picks_are_kept_in_the_order_of_the_options_and_texts_cleaned() -> None:
    assert CHOICES.parse(["c", "a"], {}) == Answer(("a", "c"))
    assert CHOICE.parse(["other"], {"other": "  by \n boat "}) == Answer(("other",), {"other": "by boat"})
    assert TEXT.parse([], {"1": " One  idea \r\n on two lines ", "2": ""}) == Answer(
        (), {"1": "One idea\non two lines"}
    )


def test_a_text_under_an_option_that_was_not_chosen_is_left_out() -> None:
    assert CHOICE.parse(["a"], {"other": "half typed"}) == Answer(("a",))


def test_a_ballot_holds_no_text() -> None:
    assert CHOICE.cells(CHOICE.parse(["other"], {"other": "By boat"})) == {"other": 1}
    assert TEXT.cells(TEXT.parse([], {"1": "An idea"})) == {}


# sums


@given(cast=cast(), data=st.data())
def test_ballots_come_to_the_same_tally_in_any_order_and_any_split(
    cast: tuple[Question, list[Cells]], data: st.DataObject
) -> None:
    _, ballots = cast
    whole = tally_of(ballots)
    shuffled = data.draw(st.permutations(ballots))
    cut = data.draw(st.integers(0, len(ballots)))
    assert tally_of(shuffled) == whole
    assert tally_of(shuffled[:cut]) + tally_of(shuffled[cut:]) == whole
    assert whole.respondents == len(ballots)


@given(cast=cast(), smallest_group=st.integers(1, 12))
def test_its_summary_has_a_row_for_each_cell_or_tells_no_numbers(
    cast: tuple[Question, list[Cells]], smallest_group: int
) -> None:
    asked, ballots = cast
    tally = tally_of(ballots)
    summary = asked.summarise(withhold(Standing(tally), is_open=False, smallest_group=smallest_group))
    assert summary.respondents == tally.respondents
    assert tuple(row.cell for row in summary.rows) == asked.all_cells()
    assert [row.name for row in summary.rows] == [asked.cell_name(cell) for cell in asked.all_cells()]
    if tally.respondents < smallest_group:
        assert summary.withheld
        assert {(row.count, row.percent) for row in summary.rows} <= {(None, None)}
    else:
        assert {row.cell: row.count for row in summary.rows if row.count} == tally.cells
        assert [row.percent for row in summary.rows] == [
            percent_of(row.count or 0, tally.respondents) for row in summary.rows
        ]


@given(cast=cast())
def test_robots_can_cast_what_people_did(cast: tuple[Question, list[Cells]]) -> None:
    asked, ballots = cast
    tally = tally_of(ballots)
    dealt = asked.deal(tally.respondents, tally.cells)
    assert len(dealt) == tally.respondents
    again = Tally()
    for picks in dealt:
        _, texts = asked.example()
        again = again.plus(asked.cells(asked.parse(picks, {} if picks else texts)))
    assert again == tally


def test_an_info_page_shows_no_numbers_and_takes_no_name() -> None:
    everything = withhold(Standing(Tally(5, {"a": 5})), is_open=False, smallest_group=1)
    assert INFO.summarise(everything) == Summary(0)
    assert INFO.cells(Answer()) == {}
    assert INFO.all_cells() == INFO.text_fields() == ()
    assert not INFO.signable("1")


def test_a_name_goes_under_an_option_that_offers_it_or_any_of_a_question_that_does() -> None:
    one = question(type="choice", options=options("a", "b", b={"contact": "offer"}))
    all_of_them = question(type="choice", contact="offer", options=options("a", "b"))
    assert [cell for cell in ("a", "b", "z") if one.signable(cell)] == ["b"]
    assert [cell for cell in ("a", "b", "z") if all_of_them.signable(cell)] == ["a", "b"]


# numbers on charts


@pytest.mark.parametrize(
    ("count", "respondents", "percent"), [(0, 0, 0), (1, 8, 13), (1, 3, 33), (2, 3, 67), (38, 130, 29), (64, 107, 60)]
)
def test_percentages_are_whole_and_rounded_half_up(count: int, respondents: int, percent: int) -> None:
    assert percent_of(count, respondents) == percent


@given(largest=st.integers(0, 10_000))
def test_an_axis_has_room_for_the_longest_bar_and_never_shrinks(largest: int) -> None:
    assert axis_for(largest) >= max(largest, 10)
    assert axis_for(largest + 1) >= axis_for(largest)
