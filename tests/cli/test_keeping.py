"""Commands before, beside and after a server: count again, seal, forget, export."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from cli_desk import Desk, copy_of, make_desk
from read_xlsx import rows, sheet_names

from polling import __version__


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Robots played the event here. Not to be changed."""
    desk = make_desk(tmp_path_factory.mktemp("rehearsed"))
    said = desk.rehearse()
    assert said.status == 0, said
    return desk


@pytest.fixture
def played(rehearsed: Desk, tmp_path: Path) -> Desk:
    """What the robots left behind, to be changed."""
    return copy_of(rehearsed, tmp_path)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Nothing was ever served here."""
    return make_desk(tmp_path)


def test_migrate_makes_the_tables_and_does_nothing_the_second_time(desk: Desk) -> None:
    for _ in range(2):
        said = desk.run("migrate")
        assert (said.status, said.last) == (0, f"{desk.database_path} is up to date.")


@pytest.mark.parametrize("command", ["recount", "seal", "reset", "export"])
def test_without_a_database_a_command_says_so_and_makes_none(desk: Desk, command: str) -> None:
    said = desk.run(command, "burst")
    assert said.status == 1
    assert said.last.startswith(f"polling: there is no database {desk.database_path} yet")
    assert not desk.database_path.exists()


def test_an_event_that_is_not_there_is_told_with_the_near_miss(played: Desk) -> None:
    said = played.run("recount", "bursts")
    assert (said.status, said.last.split(": ")[-1]) == (1, "did you mean burst?")
    assert "it holds burst" in played.run("recount", "wholly-other").last


def test_recount_finds_what_was_tampered_with(played: Desk) -> None:
    said = played.run("recount", "burst")
    assert (said.status, said.last) == (0, "burst: no difference in 4 polls (4 closed).")
    played.tamper("UPDATE tally SET count = count + 1 WHERE cell = 'cherry'")
    said = played.run("recount", "burst")
    assert said.status == 1
    assert said.out.splitlines() == ["hall/fruit/best/1/cherry: kept 2, counted 1"]
    assert said.last == "polling: burst: 1 difference in 4 polls (4 closed)"


def test_recount_takes_the_event_s_folder_too(played: Desk) -> None:
    assert played.run("recount", str(played.place / "questionsets" / "burst")).status == 0


def test_seal_deletes_the_ballots_keeps_the_sums_and_guards_them_by_a_digest(played: Desk) -> None:
    before = exported(played)
    said = played.run("seal", "burst")
    assert (said.status, said.last) == (0, "burst: 4 polls sealed; their ballots are gone.")
    assert played.run("seal", "burst").last == "burst: 0 polls sealed; their ballots are gone."
    assert exported(played) == before
    assert played.run("recount", "burst").last == "burst: no difference in 4 polls (4 sealed)."
    played.tamper("UPDATE tally SET count = count + 1 WHERE cell = 'cherry'")
    said = played.run("recount", "burst")
    assert said.status == 1
    assert said.out.splitlines() == ["hall/fruit/best/1: sealed, and its sums are not those of its digest"]


def test_seal_leaves_a_poll_whose_tally_is_wrong(played: Desk) -> None:
    played.tamper("UPDATE tally SET count = count + 1 WHERE cell = 'cherry'")
    said = played.run("seal", "burst")
    assert said.status == 1
    assert said.last == "polling: burst: 3 of 4 polls sealed; the others keep their ballots"


def test_seal_names_what_is_still_open_and_closes_it_first_with_end(played: Desk) -> None:
    played.tamper("UPDATE poll SET state = 'open', closed = NULL WHERE session = 'attic' AND question = 'best'")
    said = played.run("seal", "burst")
    assert said.status == 1
    assert said.out.splitlines() == ["attic/fruit/best/1: still open"]
    assert said.last == ("polling: burst: 3 polls sealed; 1 still open: close first, or with --end, then seal again")
    assert played.run("seal", "burst", "--end").last == "burst: 1 poll closed, 1 sealed; their ballots are gone."
    assert played.run("recount", "burst").last == "burst: no difference in 4 polls (4 sealed)."


def test_seal_and_reset_refuse_while_a_server_runs_and_recount_and_export_do_not(played: Desk) -> None:
    database = played.database()
    with database.lock():
        for command in ("seal", "reset"):
            said = played.run(command, "burst")
            assert (said.status, said.last.rpartition(": ")[2]) == (1, "stop it first")
        assert played.run("recount", "burst").status == 0
        assert played.run("export", "burst", "--output", str(played.place)).status == 0
    database.close()


def test_reset_asks_for_the_event_s_name_and_then_nothing_is_left(played: Desk) -> None:
    refused = played.run("reset", "burst", typed="yes\n")
    assert (refused.status, refused.last.split(":")[1]) == (1, " nothing was changed")
    assert played.run("recount", "burst").last == "burst: no difference in 4 polls (4 closed)."
    assert played.run("reset", "burst", typed="burst\n").status == 0
    assert played.run("recount", "burst").last.endswith("it holds no event (DATABASE_URL chooses another)")
    assert b"crisp" not in b"".join(path.read_bytes() for path in played.place.glob("polling.db*"))


def test_reset_goes_on_without_asking_with_yes(played: Desk) -> None:
    assert played.run("reset", "burst", "--yes").last == "burst is as if it had never been held here."


def test_export_writes_a_line_per_cell_and_withholds_nothing_that_may_be_shown(played: Desk) -> None:
    said = played.run("export", "burst", "--format", "csv", "--output", str(played.place / "new" / "folder"))
    assert (said.status, said.last) == (0, "burst: 4 closed polls exported.")
    with (played.place / "new" / "folder" / "results.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    header = "event,session,kind,set,question,round,type,cell,text,count,respondents,percent,moved_into"
    assert ",".join(rows[0]) == header
    counts = {(row["session"], row["cell"]): row["count"] for row in rows if row["question"] == "best"}
    assert counts["hall", "apple"] == "7"
    assert counts["attic", "elder"] == "4"
    assert {row["kind"] for row in rows} == {"plenary", "break-out"}
    with (played.place / "new" / "folder" / "texts.csv").open(newline="") as file:
        assert [row["text"] for row in csv.DictReader(file)] == ["'=1+1", "crisp", "yellow"]


def exported(desk: Desk) -> dict[str, object]:
    assert desk.run("export", "burst", "--format", "json", "--output", str(desk.place)).status == 0
    found: dict[str, object] = json.loads((desk.place / "results.json").read_text())
    return found


def test_export_as_json_holds_the_same_facts(played: Desk) -> None:
    results = exported(played)["results"]
    assert isinstance(results, list)
    assert results[0] == {
        "event": "burst",
        "session": "hall",
        "kind": "plenary",
        "set": "fruit",
        "question": "best",
        "round": 1,
        "type": "choice",
        "cell": "apple",
        "text": "Apple",
        "count": 7,
        "respondents": 12,
        "percent": 58,
        "moved_into": "",
    }


def test_export_as_xlsx_holds_a_sheet_for_each_of_the_csv_files(played: Desk) -> None:
    said = played.run("export", "burst", "--format", "xlsx", "--output", str(played.place / "out"))
    assert (said.status, said.err) == (0, "")
    (path,) = (played.place / "out").iterdir()
    content = path.read_bytes()
    assert (path.name, sheet_names(content)) == (
        "results.xlsx",
        ["results", "texts", "rolled-up", "segments", "funnel"],
    )
    assert rows(content)[1][7:] == ["apple", "Apple", 7.0, 12.0, 58.0]


def test_export_refuses_a_format_that_there_is_not_and_a_folder_that_can_t_be(played: Desk) -> None:
    assert (
        played.run("export", "burst", "--format", "pdf").last
        == "polling: there is no format pdf: it is one of csv, json, xlsx"
    )
    (played.place / "a-file").write_text("")
    said = played.run("export", "burst", "--output", str(played.place / "a-file"))
    assert (said.status, bool(re.search(r"a-file can't be written to: ", said.last))) == (1, True)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("POLLING_SECRT", "x", "POLLING_SECRT is no setting: did you mean POLLING_SECRET?"),
        ("PORT", "eighty", "PORT: "),
        ("POLLING_SECRET", "short", "POLLING_SECRET: should be 32 characters or more, made by chance"),
        ("DATABASE_URL", "sqlite:////nowhere/at/all.db", "DATABASE_URL: there is no folder /nowhere/at"),
    ],
)
def test_a_wrong_setting_is_told_by_its_name_on_the_last_line(desk: Desk, name: str, value: str, told: str) -> None:
    said = desk.run("migrate", **{name: value})
    assert said.status == 1
    assert said.last.startswith(f"polling: {told}")
    assert "Traceback" not in said.err


def test_a_command_that_there_is_not_and_a_wrong_option_are_told_on_the_last_line(desk: Desk) -> None:
    assert desk.run("recont").last == "Error: No such command 'recont'. Did you mean 'recount'?"
    assert desk.run("recount").last == "Error: Missing argument 'EVENT'."
    assert desk.run("recont").status == 2


def test_polling_says_its_version_and_what_it_can_do(desk: Desk) -> None:
    assert desk.run("--version").out == f"polling {__version__}\n"
    told = re.findall(r"^  ([a-z]+) +[A-Z]", desk.run("--help").out, re.MULTILINE)
    assert " ".join(told) == (
        "serve demo check schema new migrate assets links sheets cards rehearse practise "
        "recount seal purge reset export"
    )


def test_the_readme_lists_every_command(desk: Desk) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `polling ([a-z]+)[^|]*\|", readme, re.MULTILINE)
    assert listed == re.findall(r"^  ([a-z]+) +[A-Z]", desk.run("--help").out, re.MULTILINE)
