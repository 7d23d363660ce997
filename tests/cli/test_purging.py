"""`polling purge`: counts beforehand, erases when the day is past, and says what was erased before."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from cli_desk import Desk, make_desk
from read_xlsx import sheet_names
from server_process import WHY
from signing_stage import Stage

from polling.core.files.loading import load_event
from polling.core.poll import Verb
from polling.store.events import keep_event
from polling.store.migrations import migrate

CANARY = "canary@example.org"
YESTERDAY, TOMORROW = (date.today() + timedelta(days=days) for days in (-1, 1))


def desk_until(place: Path, last_day: date | None) -> Desk:
    """A desk whose event keeps contacts until `last_day`; one idea is signed, another is not."""
    desk = make_desk(place)
    privacy = {"smallest_group": 1, "contacts_until": last_day, "controller": "The Foundation"}
    folder = desk.place / "questionsets" / "burst"
    file = yaml.safe_load((folder / "event.yaml").read_text())
    (folder / "event.yaml").write_text(yaml.safe_dump(file | {"privacy": privacy}))
    database = desk.database()
    migrate(database)
    event = load_event(folder)
    with database.write() as connection:
        keep_event(connection, event, "a fingerprint")
    stage = Stage(database, event)
    stage.command(Verb.OPEN, WHY, "hall")
    kept = [stage.vote(phone, WHY, texts={"1": f"idea {phone}"}, session="hall") for phone in (1, 2)]
    assert stage.sign(stage.signing(WHY, "1", CANARY, claim=kept[0].claims["1"], session="hall")) == [None]
    database.close()
    return desk


def stored_bytes(desk: Desk) -> bytes:
    return b"".join(path.read_bytes() for path in desk.place.glob("polling.db*"))


@pytest.mark.promise("P09")
def test_a_dry_run_tells_counts_only_and_changes_nothing(tmp_path: Path) -> None:
    desk = desk_until(tmp_path, YESTERDAY)
    said = desk.run("purge", "burst", "--dry-run")
    assert (said.status, said.out) == (0, "burst: 1 contact and 2 claims to erase.\n")
    assert CANARY.encode() in stored_bytes(desk)


@pytest.mark.promise("P08")
def test_after_their_day_contacts_are_erased_down_to_the_bytes_and_a_certificate_remains(tmp_path: Path) -> None:
    desk = desk_until(tmp_path, YESTERDAY)
    said = desk.run("purge", "burst")
    assert (said.status, said.last) == (0, "burst: 1 contact and 2 claims erased.")
    assert CANARY.encode() not in stored_bytes(desk)
    said = desk.run("purge", "burst")
    assert said.status == 0
    assert said.out.splitlines() == [
        f"{date.today()}: erased 1 contact and 2 claims",
        "burst: 0 contacts and 0 claims to erase.",
    ]


@pytest.mark.promise("P09")
def test_every_export_tells_what_was_erased_and_names_nobody(tmp_path: Path) -> None:
    desk = desk_until(tmp_path, YESTERDAY)
    export = ("export", "burst", "--output", str(tmp_path), "--format")
    assert desk.run(*export, "json").status == 0
    assert "erased" not in json.loads((tmp_path / "results.json").read_text())
    assert desk.run("purge", "burst").status == 0
    assert [desk.run(*export, format).status for format in ("json", "csv", "xlsx")] == [0, 0, 0]
    told = json.loads((tmp_path / "results.json").read_text())["erased"]
    assert told == [{"event": "burst", "day": str(date.today()), "contacts": 1, "ideas": 2}]
    with (tmp_path / "erased.csv").open(newline="") as file:
        assert list(csv.DictReader(file)) == [{name: str(value) for name, value in told[0].items()}]
    assert "erased" in sheet_names((tmp_path / "results.xlsx").read_bytes())


def test_before_their_day_contacts_stay_unless_that_is_asked_for_and_confirmed(tmp_path: Path) -> None:
    desk = desk_until(tmp_path, TOMORROW)
    said = desk.run("purge", "burst")
    kept = f"burst: 1 contact and 2 claims, kept until the end of {TOMORROW}; --early erases them now."
    assert (said.status, said.last) == (0, kept)
    assert f"kept until the end of {TOMORROW}." in desk.run("purge", "burst", "--dry-run").last
    refused = desk.run("purge", "burst", "--early", typed="no\n")
    assert (refused.status, refused.last.split(":")[1]) == (1, " nothing was changed")
    assert CANARY.encode() in stored_bytes(desk)
    assert desk.run("purge", "burst", "--early", "--yes").last == "burst: 1 contact and 2 claims erased."
    assert CANARY.encode() not in stored_bytes(desk)


def test_an_event_that_names_no_day_keeps_them_until_they_are_erased_early(tmp_path: Path) -> None:
    desk = desk_until(tmp_path, None)
    assert "the event names no day (contacts_until); --early" in desk.run("purge", "burst").last


def test_it_works_beside_a_server(tmp_path: Path) -> None:
    desk = desk_until(tmp_path, YESTERDAY)
    database = desk.database()
    with database.lock():
        assert desk.run("purge", "burst").last == "burst: 1 contact and 2 claims erased."
    database.close()
