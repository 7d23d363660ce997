"""`polling check`, `schema` and `new`, as an organiser runs them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from polling.cli import app
from polling.core.files.loading import load_event, load_rehearsal
from polling.core.files.schema import schema_text

ROOT = Path(__file__).parents[2]
BROKEN = sorted(path for path in (ROOT / "tests" / "events").iterdir() if path.is_dir())


@pytest.fixture
def questionsets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "questionsets"
    monkeypatch.setenv("POLLING_QUESTIONSETS", str(folder))
    monkeypatch.setenv("COLUMNS", "120")
    return folder


def run(*arguments: str) -> tuple[int, list[str]]:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, [line.rstrip() for line in result.output.splitlines()]


@pytest.mark.parametrize("folder", BROKEN, ids=lambda folder: folder.name)
def test_check_prints_every_problem_with_its_place_and_then_how_many(folder: Path) -> None:
    expected = (folder / "expected.txt").read_text(encoding="utf-8").splitlines()
    problems = [f"{folder}/{line}" for line in expected if not line.startswith("warning: ")]
    warnings = [f"{folder}/{line[9:]}" for line in expected if line.startswith("warning: ")]
    status, lines = run("check", str(folder))
    assert status == 1
    assert lines[: len(problems)] == problems
    assert [line.replace(": warning: ", ": ") for line in lines[len(problems) : -1]] == warnings
    files = len({line.split(":")[0] for line in problems})
    plural = ("" if len(problems) == 1 else "s", "" if files == 1 else "s")
    assert lines[-1] == f"{len(problems)} problem{plural[0]} in {files} file{plural[1]}"


def test_check_gives_an_overview_of_an_event_without_problems(questionsets: Path) -> None:
    shutil.copytree(ROOT / "questionsets" / "retro", questionsets / "retro")
    expected = [
        "retro: Team retrospective",
        "session  kind     title     sets       questions",
        "team     plenary  Everyone  look-back          3",
        "No problems: 1 session; 1 question set; 3 questions; in en; rehearsal.yaml with 8 participants",
    ]
    assert run("check", "retro") == (0, expected)
    assert run("check", str(questionsets / "retro")) == (0, expected)


DIVIDED = """set: look-back
title: Looking back
questions:
  - id: role
    type: choice
    segment: true
    title: Role?
    options: [{id: making, text: A}, {id: deciding, text: B}, {id: asking, text: C}]
  - {id: next, type: choice, by: role, title: Next?, options: [{id: a, text: A}]}
"""
REHEARSED = """participants: 60
sessions:
  team:
    look-back:
      role: {respondents: 57, counts: {making: 40, deciding: 12, asking: 5}}
      next: {respondents: 60, counts: {a: 60}}
"""


def divided(questionsets: Path, least: int, rehearsal: str | None) -> None:
    shutil.copytree(ROOT / "questionsets" / "retro", questionsets / "retro")
    folder = questionsets / "retro"
    (folder / "look-back.yaml").write_text(DIVIDED)
    event = (folder / "event.yaml").read_text()
    (folder / "event.yaml").write_text(event.replace("smallest_group: 1", f"smallest_group: {least}"))
    (folder / "rehearsal.yaml").unlink()
    if rehearsal:
        (folder / "rehearsal.yaml").write_text(rehearsal)


@pytest.mark.promise("P14")
@pytest.mark.parametrize(
    ("options", "people", "sizes", "warning"),
    [
        (
            (),
            60,
            "making 40, deciding 12, asking 5, (without) 3",
            "fewer than 10 in asking, (without), which would not be shown by itself; deciding would hide it too, "
            "since nothing may follow by subtraction",
        ),
        (
            ("--participants", "24"),
            24,
            "making 16, deciding 5, asking 2, (without) 1",
            "fewer than 10 in deciding, asking, (without): nothing would be shown by segment",
        ),
        (("--participants", "240"), 240, "making 160, deciding 48, asking 20, (without) 12", None),
    ],
)
def test_check_says_how_many_to_expect_in_each_segment_and_warns_of_small_ones(
    questionsets: Path, options: tuple[str, ...], people: int, sizes: str, warning: str | None
) -> None:
    divided(questionsets, 5, REHEARSED)
    status, lines = run("check", "retro", *options)
    assert status == 0
    told = [
        f"Results by segment, as far as can be expected of {people} participants:",
        f"  team/look-back/next by look-back/role: {sizes}",
    ]
    assert lines[4:] == told + ([f"  warning: {warning}"] if warning else [])


@pytest.mark.promise("P14")
def test_check_knows_no_sizes_without_a_rehearsal_or_a_number_and_no_small_ones_among_friends(
    questionsets: Path,
) -> None:
    divided(questionsets, 1, None)
    assert run("check", "retro")[1][4:] == [
        "Results by segment: say how many people you expect with --participants, or in rehearsal.yaml."
    ]
    assert run("check", "retro", "--participants", "9")[1][5:] == [
        "  team/look-back/next by look-back/role: making 3, deciding 3, asking 3"
    ]


def test_check_says_what_is_odd_without_being_wrong(questionsets: Path) -> None:
    shutil.copytree(ROOT / "questionsets" / "retro", questionsets / "retro")
    text = (questionsets / "retro" / "look-back.yaml").read_text(encoding="utf-8")
    (questionsets / "retro" / "spare.yaml").write_text(text.replace("set: look-back", "set: spare"), encoding="utf-8")
    status, lines = run("check", "retro")
    assert status == 0
    assert lines[0] == f"{questionsets}/retro/spare.yaml:2:1: warning: no session runs this question set"


def test_check_takes_a_folder_from_where_one_stands(questionsets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT / "questionsets" / "retro")
    assert run("check", ".")[0] == 0
    monkeypatch.chdir(ROOT / "questionsets")
    assert run("check", "retro")[0] == 0


def test_check_of_an_unknown_event_suggests_the_near_one(questionsets: Path) -> None:
    (questionsets / "team-day").mkdir(parents=True)
    assert run("check", "teamday") == (
        1,
        [f"{questionsets}/teamday:1:1: there is no such folder; did you mean 'team-day'?", "1 problem in 1 file"],
    )


def test_schema_prints_the_schema_and_nothing_else() -> None:
    result = CliRunner().invoke(app, ["schema"])
    assert result.exit_code == 0
    assert result.output == schema_text()
    assert json.loads(result.output)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_new_makes_an_event_that_checks_and_rehearses(questionsets: Path) -> None:
    status, lines = run("new", "spring-retro")
    assert status == 0
    assert lines == [f"Made {questionsets}/spring-retro. Change its files, then: polling check spring-retro"]
    event = load_event(questionsets / "spring-retro")
    template = load_event(ROOT / "questionsets" / "retro")
    assert event == template.model_copy(update={"event": "spring-retro"})
    assert load_rehearsal(questionsets / "spring-retro", event).participants == 8
    assert (questionsets / "schema.json").read_text(encoding="utf-8") == schema_text()
    assert run("check", "spring-retro")[0] == 0


def test_new_keeps_what_is_there(questionsets: Path) -> None:
    assert run("new", "team-day")[0] == 0
    (questionsets / "team-day" / "event.yaml").write_text("mine", encoding="utf-8")
    (questionsets / "schema.json").write_text("mine", encoding="utf-8")
    assert run("new", "team-day") == (1, [f"{questionsets}/team-day is there already: nothing was changed"])
    assert (questionsets / "team-day" / "event.yaml").read_text(encoding="utf-8") == "mine"
    assert run("new", "other-day")[0] == 0
    assert (questionsets / "schema.json").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("name", ["Team day", "../team", "team_day", "-team", "team-", "", "é", "t" * 61])
def test_new_refuses_a_name_that_is_no_id(questionsets: Path, name: str) -> None:
    status, lines = run("new", "--", name)
    assert status == 1
    assert lines == [f"{name!r} can't be an event's id: small letters, digits and hyphens, such as 'spring-retro'"]
    assert not questionsets.exists()


def test_new_says_why_it_cannot_make_a_folder(questionsets: Path) -> None:
    questionsets.write_text("a file stands here", encoding="utf-8")
    assert run("new", "team-day") == (1, [f"{questionsets}/team-day can't be made: Not a directory"])
