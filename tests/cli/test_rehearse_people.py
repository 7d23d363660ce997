"""`polling rehearse --people`: robots with people's timing. What was counted is what they know was acknowledged."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from cli_desk import Desk, make_desk

from polling.core.questions.base import Answer
from polling.robots.people import People
from polling.robots.phone import Told

RESTLESS = (
    "--late",
    "30",
    "--lost",
    "60",
    "--leaving",
    "10",
    "--unsure",
    "50",
    "--speed",
    "60",
    "--participants",
    "60",
)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return make_desk(tmp_path)


def test_what_was_counted_is_what_the_robots_know_was_acknowledged_whatever_became_of_them(desk: Desk) -> None:
    said = desk.run("rehearse", "burst", "--play", "--people", *RESTLESS, "--keep")
    assert (said.status, said.err) == (0, "")
    told = re.search(
        r"^(\d+) came late, (\d+) connections lost, (\d+) left for good, (\d+) answers changed, \d+ answers too late",
        said.out,
        re.MULTILINE,
    )
    assert told
    assert min(int(number) for number in told.groups()) > 0
    sums = re.match(
        r"burst: 100 answers planned, (\d+) counted in 2 sessions; "
        r"no difference with what the robots know was acknowledged\.$",
        said.last,
    )
    assert sums
    assert 20 < int(sums[1]) < 100
    kept = {"DATABASE_URL": f"sqlite:///{desk.place / 'polling.rehearsal.db'}"}
    assert desk.run("recount", "burst", **kept).last == "burst: no difference in 4 polls (4 closed)."


def test_people_without_bad_habits_answer_everything(desk: Desk) -> None:
    calm = ("--late", "0", "--lost", "0", "--leaving", "0", "--unsure", "0", "--speed", "20")
    said = desk.run("rehearse", "burst", "--play", "--people", *calm)
    counted = re.search(r"burst: 20 answers planned, (\d+) counted", said.last)
    assert counted
    assert int(counted[1]) >= 18  # a moderator does not wait for the very slowest


def test_an_answer_that_was_acknowledged_and_not_counted_would_be_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = People._heard

    def one_too_many(self: People, robot: int, session: str, poll: str, answer: Answer, told: Told) -> bool:
        self._poll(session, poll).counted[999] = answer
        return heard(self, robot, session, poll, answer, told)

    monkeypatch.setattr(People, "_heard", one_too_many)
    said = desk.run("rehearse", "burst", "--play", "--people", "--speed", "100")
    assert said.status == 1
    assert re.search(r"\d+ differences with the rehearsal$", said.last)


def test_people_need_robots_that_moderate(desk: Desk) -> None:
    said = desk.run("rehearse", "burst", "--people")
    assert (said.status, said.last.startswith("polling: --people needs --play")) == (1, True)
