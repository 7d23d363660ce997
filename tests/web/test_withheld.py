"""What is too small to show: in words on every page, and in files no different from what nobody answered."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_stage import EVENT, come_in, said
from read_xlsx import rows
from signing_stage import MOOD, USE_CASES, Stage, serving, site_behind
from starlette.testclient import TestClient

from polling.core.poll import PollKey, Verb

TOO_FEW = 4


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with serving(tmp_path, smallest_group=TOO_FEW + 1) as made:
        come_in(made, "organiser")
        yield made


def answered(client: TestClient, number: int, poll: PollKey = MOOD, pick: str = "good") -> None:
    """A closed and shown poll with so many answers."""
    stage = Stage(site_behind(client).database)
    stage.command(Verb.OPEN, poll)
    for phone in range(number):
        stage.vote(phone, poll, pick)
    stage.command(Verb.CLOSE, poll)


def pages(client: TestClient) -> dict[str, str]:
    """What phone, screen and moderator are told."""
    code = site_behind(client).hall.code(EVENT, "plenary")
    paths = {"phone": f"/p/{code}", "screen": f"/s/{EVENT}/plenary", "moderator": f"/m/{EVENT}/plenary"}
    return {role: client.get(path).text for role, path in paths.items()}


@pytest.mark.promise("P11")
@pytest.mark.parametrize("number", [0, 1, TOO_FEW])
def test_every_page_says_in_words_that_a_small_result_is_not_shown(client: TestClient, number: int) -> None:
    answered(client, number)
    for role, page in pages(client).items():
        assert "Fewer than 5 answers: the result is not shown" in said(page), role
        assert "100%" not in page.replace("<small>%</small>", "%"), role


@pytest.mark.promise("P11")
def test_from_the_smallest_group_on_it_is_shown(client: TestClient) -> None:
    answered(client, TOO_FEW + 1)
    for role, page in pages(client).items():
        assert "is not shown" not in said(page), role
        assert "100%" in said(page).replace(" %", "%"), role


def results(client: TestClient) -> tuple[list[list[str]], list[list[object]], list[dict[str, object]]]:
    """The three files' rows."""
    base = f"/o/{EVENT}/export/results"
    table = list(csv.reader(io.StringIO(client.get(f"{base}.csv").text)))
    return (
        table,
        [list(row) for row in rows(client.get(f"{base}.xlsx").content)],
        client.get(f"{base}.json").json()["results"],
    )


@pytest.mark.promise("P11")
def test_in_files_what_is_withheld_looks_like_what_nobody_answered(tmp_path: Path) -> None:
    found = []
    for number in (0, TOO_FEW):
        with serving(tmp_path / str(number), smallest_group=TOO_FEW + 1) as client:
            come_in(client, "organiser")
            answered(client, number, USE_CASES, "cranes")
            found.append(results(client))
    assert found[0] == found[1]
    assert all(row[9:12] == ["", "", ""] for row in found[0][0][1:])
    assert all(row["count"] is row["respondents"] is row["percent"] is None for row in found[0][2])


def test_the_organiser_is_told_what_the_files_leave_out(client: TestClient) -> None:
    assert "Groups of fewer than 5 are left out" in said(client.get(f"/o/{EVENT}/results").text)
