"""`polling sheets` and `polling cards`: PDF files on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from cli_desk import Desk, make_desk
from read_pdf import codes, pages, words


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return make_desk(tmp_path)


def test_the_sheets_hold_the_codes_that_links_prints(desk: Desk) -> None:
    file = desk.place / "doors.pdf"
    said = desk.run("sheets", "burst", "-o", str(file))
    assert (said.status, said.last) == (0, f"{file}: 3 sheets.")
    links = json.loads(desk.run("links", "burst", "--json").out)
    found = pages(file.read_bytes())
    assert [set(codes(page)) for page in found] == [{link["url"]} for link in links if link["role"] == "participant"], (
        "each its own"
    )
    assert not desk.database_path.exists(), "nothing is opened for it"


def test_the_moderators_links_are_printed_only_when_asked_for_and_said_to_be_private(desk: Desk) -> None:
    file = desk.place / "doors.pdf"
    desk.run("sheets", "burst", "-o", str(file))
    assert "Keep this sheet private" not in "".join(words(page) for page in pages(file.read_bytes()))
    said = desk.run("sheets", "burst", "--staff", "-o", str(file))
    assert said.last.endswith("2 sheets. Whoever scans one can run that session: keep them private.")
    links = json.loads(desk.run("links", "burst", "--json").out)
    for page, session in zip(pages(file.read_bytes()), ("hall", "attic"), strict=True):
        assert "Keep this sheet private" in words(page)
        ways = {link["url"] for link in links if link["session"] == session and link["role"] != "participant"}
        assert set(codes(page)) == ways


def test_cards_are_dealt_over_the_break_outs_and_told(desk: Desk) -> None:
    file = desk.place / "cards.pdf"
    said = desk.run("cards", "burst", "--number", "12", "-o", str(file))
    assert (said.status, said.last) == (0, f"{file}: 12 cards (attic 12).")
    assert [words(page).count("Your break-out") for page in pages(file.read_bytes())] == [6, 6]


def test_without_a_file_s_name_it_is_named_after_the_event(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(desk.place)
    assert desk.run("sheets", "burst", "--language", "nl").status == 0
    assert "Doe mee" in words(pages((desk.place / "burst-sheets.pdf").read_bytes())[0])


def test_what_can_t_be_printed_is_told_in_a_line(desk: Desk) -> None:
    said = desk.run("sheets", "burst", "-o", str(desk.place / "no" / "where.pdf"))
    assert (said.status, "can't be written to" in said.last) == (1, True)
    assert "there is no language fr" in desk.run("sheets", "burst", "--language", "fr").last
    path = desk.place / "questionsets" / "burst" / "event.yaml"
    event = yaml.safe_load(path.read_text())
    path.write_text(yaml.safe_dump({**event, "sessions": event["sessions"][:1]}))
    assert desk.run("cards", "burst").last == "polling: burst has no break-outs to send people to"
