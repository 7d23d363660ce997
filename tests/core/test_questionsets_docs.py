"""docs/questionsets.md explains the format by example; every example in it loads, and every key is explained."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from polling.core.event import ContactFields, EventFile, Privacy, QuestionSet, SessionPlan, WorkingGroup
from polling.core.files.loading import LoadingFailed, load_event, load_rehearsal
from polling.core.questions import TYPES
from polling.core.questions.base import Question
from polling.core.questions.options import Option
from polling.core.rehearsal import Counts, Signers

PAGE = (Path(__file__).parents[2] / "docs" / "questionsets.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml\n# (\S+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def example(name: str) -> list[str]:
    return [text for title, text in EXAMPLES if title == name]


@pytest.fixture
def team_day(tmp_path: Path) -> Path:
    folder = tmp_path / "team-day"
    folder.mkdir()
    for name, text in EXAMPLES:
        if name.startswith("team-day/"):
            (tmp_path / name).write_text(text, encoding="utf-8")
    return folder


def with_questions(folder: Path, questions: str) -> tuple[Question, ...]:
    """The questions of the running example, with these in place of its first set."""
    (folder / "arrival.yaml").write_text(f"set: arrival\ntitle: Arriving\nquestions:\n{questions}", encoding="utf-8")
    return load_event(folder).question_set("arrival").questions


def test_every_example_is_marked_with_what_it_is() -> None:
    assert len(EXAMPLES) == PAGE.count("```yaml\n")
    kinds = {name.split("/")[0] for name, _ in EXAMPLES}
    assert kinds == {"team-day", "questions", "wrong"}


def test_the_running_example_loads_with_its_rehearsal(team_day: Path) -> None:
    event = load_event(team_day)
    assert [session.id for session in event.sessions] == ["opening", "workshop"]
    assert load_rehearsal(team_day, event).participants == 24


@pytest.mark.parametrize("questions", example("questions"))
def test_an_example_of_questions_loads(team_day: Path, questions: str) -> None:
    assert with_questions(team_day, questions)


@pytest.mark.parametrize("question_type", TYPES)
def test_every_type_has_an_example(team_day: Path, question_type: type[Question]) -> None:
    examples = [question for text in example("questions") for question in with_questions(team_day, text)]
    assert [question for question in examples if type(question) is question_type]


def test_the_wrong_example_gets_the_messages_that_are_printed(team_day: Path) -> None:
    [wrong] = example("wrong")
    (team_day / "wrong.yaml").write_text(wrong, encoding="utf-8")
    printed = PAGE.split(wrong)[1].split("```\n")[2].splitlines()
    with pytest.raises(LoadingFailed) as failed:
        load_event(team_day)
    assert [str(problem).removeprefix(f"{team_day}/") for problem in failed.value.problems] == printed


def tables() -> Iterator[set[str]]:
    """The keys that each table of the page explains."""
    for table in re.findall(r"(?:^\|.*\n)+", PAGE, re.MULTILINE):
        yield set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))


@pytest.mark.parametrize(
    "model",
    [EventFile, SessionPlan, Privacy, ContactFields, WorkingGroup, QuestionSet, Question, Option, Counts, Signers],
)
def test_a_table_explains_every_key(model: type[BaseModel]) -> None:
    assert set(model.model_fields) in list(tables())
