"""Robots play a set at the participants' own pace: opened once, answered through, closed once."""

from __future__ import annotations

from pathlib import Path

import yaml
from cli_desk import Desk, make_desk

from polling.core.poll import Verb
from polling.store.database import Database


def commands(desk: Desk) -> list[tuple[str, str]]:
    """What was done in the hall, in order."""
    database = Database(f"sqlite:///{desk.place / 'polling.rehearsal.db'}")
    with database.read() as connection:
        rows = connection.exec_driver_sql("SELECT verb, poll FROM command WHERE session = 'hall' ORDER BY at").all()
    database.close()
    return [(str(verb), str(poll)) for verb, poll in rows]


def test_robots_answer_a_whole_set_that_is_opened_once_and_closed_once(tmp_path: Path) -> None:
    desk = make_desk(tmp_path)
    file = desk.place / "questionsets" / "burst" / "fruit.yaml"
    file.write_text(yaml.safe_dump({**yaml.safe_load(file.read_text()), "pace": "participant"}))
    for _ in range(2):  # a second time all is asked anew
        said = desk.run("rehearse", "burst", "--play", "--fast", "--keep")
        assert (said.status, said.err) == (0, "")
        assert said.last == "burst: 20 answers planned, 20 counted in 2 sessions, no difference with the rehearsal."
    done = commands(desk)
    assert [verb for verb, _ in done].count(Verb.OPEN) == 1
    assert [verb for verb, _ in done].count(Verb.CLOSE) == 1
    assert [poll for verb, poll in done if verb == Verb.REVEAL] == ["fruit/best/1", "fruit/why/1"]
