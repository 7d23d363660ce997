"""The planned running order: clock times from a start and minutes, and what runs side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from polling.core.event import Event
from polling.core.files.loading import load_event, read
from polling.core.running_order import clock, planned, planned_start, timetable

ROEM = Path(__file__).parent.parent.parent / "questionsets" / "roem-ii"


def question_set(name: str, *minutes: float | None) -> dict[str, Any]:
    questions = [
        {"id": f"q{number}", "type": "text", "title": "?"} | ({"minutes": each} if each else {})
        for number, each in enumerate(minutes)
    ]
    return {"set": name, "title": name, "questions": questions}


SETS = (question_set("short", 5), question_set("long", 10, 2.5, 7.5), question_set("open", None, 5))


def event(**sessions: tuple[str | None, Sequence[str]]) -> Event:
    """Sessions: name → when it starts, and its sets."""
    described = [
        {"id": name, "kind": "break-out", "title": name, "sets": list(sets)} | ({"starts": starts} if starts else {})
        for name, (starts, sets) in sessions.items()
    ]
    return Event.model_validate({"event": "day", "title": "Day", "sessions": described, "sets": list(SETS)})


def shown(event: Event, session: str) -> list[str]:
    return ["" if step.begins is None else clock(step.begins) for step in planned(event, session).steps]


def test_a_question_begins_at_the_session_s_start_and_the_minutes_of_those_before_it() -> None:
    found = event(room=("13:50", ["short", "long"]))
    assert shown(found, "room") == ["13:50", "13:55", "14:05", "14:07"]
    plan = planned(found, "room")
    assert (plan.minutes, plan.questions) == (25, 4)
    assert [clock(moment) for moment in (plan.begins, plan.ends) if moment is not None] == ["13:50", "14:15"]
    assert [planned_start(found, "room", place) for place in found.running_order("room")] == [830, 835, 845, 847.5]


def test_without_a_start_there_are_minutes_and_no_times() -> None:
    plan = planned(event(room=(None, ["short", "long"])), "room")
    assert (plan.begins, plan.ends, plan.minutes) == (None, None, 25)
    assert {step.begins for step in plan.steps} == {None}


def test_a_question_without_minutes_takes_none_and_is_told() -> None:
    found = event(room=("09:00", ["open", "short"]))
    assert shown(found, "room") == ["09:00", "09:00", "09:05"]
    assert [question.id for question in planned(found, "room").without_minutes] == ["q0"]


def test_past_midnight_the_clock_begins_anew() -> None:
    assert shown(event(room=("23:55", ["long"])), "room") == ["23:55", "00:05", "00:07"]


def test_what_runs_at_the_same_time_stands_side_by_side() -> None:
    found = event(
        a=("10:00", ["short", "long"]), b=("10:00", ["long"]), late=("10:25", ["short"]), idle=(None, ["long"])
    )
    first, second = timetable([planned(found, session.id) for session in found.sessions])
    assert [plan.session.id for plan in first.sessions] == ["a", "b"]
    told = [
        (clock(row.begins), [cell and (cell.chapter and cell.chapter.set.set, cell.rows) for cell in row.cells])
        for row in first.rows
    ]
    assert told == [
        ("10:00", [("short", 1), ("long", 2)]),
        ("10:05", [("long", 2), None]),
        ("10:20", [None, (None, 1)]),
    ]
    assert (clock(first.ends), [plan.session.id for plan in second.sessions]) == ("10:25", ["late"])


def test_every_column_of_the_timetable_is_filled_to_its_end() -> None:
    found = load_event(ROEM)
    blocks = timetable([planned(found, session.id) for session in found.sessions])
    assert [len(block.sessions) for block in blocks] == [1, 10]
    for block in blocks:
        for column in range(len(block.sessions)):
            cells = [cell for row in block.rows if (cell := row.cells[column])]
            assert sum(cell.rows for cell in cells) == len(block.rows)


def test_roem_ii_s_sessions_fit_in_their_hours() -> None:
    found = load_event(ROEM)
    for session in found.sessions:
        plan = planned(found, session.id)
        assert not plan.without_minutes
        assert plan.begins is not None
        assert plan.ends is not None
        assert clock(plan.begins) == ("13:30" if session.kind == "plenary" else "14:30")
        assert plan.ends <= (14.5 if session.kind == "plenary" else 15.5) * 60
        assert all(step.question.timer is None or not step.question.timer.closes for step in plan.steps)


@pytest.mark.parametrize(("starts", "warned"), [("'13:30'", 1), (None, 0)])
def test_a_start_with_questions_without_minutes_is_worth_a_word(
    tmp_path: Path, starts: str | None, warned: int
) -> None:
    folder = tmp_path / "day"
    folder.mkdir()
    session = "{id: hall, kind: plenary, title: Hall, " + (f"starts: {starts}, " if starts else "") + "sets: [open]}"
    (folder / "event.yaml").write_text(f"event: day\ntitle: Day\nsessions:\n  - {session}\n")
    (folder / "open.yaml").write_text(yaml.safe_dump(question_set("open", None, 5)))
    found = read(folder)
    assert found.problems == ()
    assert len(found.warnings) == warned
    for warning in found.warnings:
        assert (Path(warning.file).name, warning.line, warning.column) == ("event.yaml", 4, 52)
        assert warning.message.endswith("no 'minutes' for 'q0': they count as none")
