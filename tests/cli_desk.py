"""A desk to run commands at: what they say, and their exit status, with an event of two rooms beside them."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from server_process import EVENT, FRUIT, SECRET, free_port, write_event

from polling.cli import main
from polling.store.database import Database

REHEARSAL: Mapping[str, Any] = {
    "participants": 12,
    "sessions": {
        "hall": {
            "fruit": {
                "best": {"respondents": 12, "counts": {"apple": 7, "banana": 4, "cherry": 1}},
                "why": {"respondents": 3, "texts": {"1": ["crisp", "yellow", "=1+1"]}},
            }
        },
        "attic": {"fruit": {"best": {"respondents": 5, "counts": {"apple": 1, "elder": 4}}}},
    },
}


@dataclass(frozen=True)
class Said:
    """What a command said."""

    status: int
    out: str
    err: str

    @property
    def last(self) -> str:
        """The last line, which says why where it failed."""
        return (self.err or self.out).splitlines()[-1]


@dataclass(frozen=True)
class Desk:
    """A place to run commands in, with the event `burst` of two rooms."""

    place: Path
    environment: dict[str, str]

    def run(self, *arguments: str, typed: str = "", **environment: str) -> Said:
        """Runs a command in this process, in its environment alone."""
        streams = (io.StringIO(), io.StringIO())
        with pytest.MonkeyPatch.context() as patch:
            for name in [name for name in os.environ if name.startswith("POLLING_")]:
                patch.delenv(name)
            for name, value in (self.environment | environment).items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["polling", *arguments])
            patch.setattr(sys, "stdin", io.StringIO(typed))
            patch.setattr(sys, "stdout", streams[0])
            patch.setattr(sys, "stderr", streams[1])
            with pytest.raises(SystemExit) as ended:
                main()
        code = ended.value.code
        return Said(code if isinstance(code, int) else 0, *(stream.getvalue() for stream in streams))

    def rehearse(self) -> Said:
        """Has robots play the event, and leaves what they answered as if it were the real database."""
        said = self.run("rehearse", "burst", "--play", "--fast", "--keep")
        (self.place / "polling.rehearsal.db").rename(self.database_path)
        return said

    @property
    def database_path(self) -> Path:
        return self.place / "polling.db"

    def database(self) -> Database:
        return Database(self.environment["DATABASE_URL"])

    def tamper(self, statement: str) -> None:
        """What nobody should do to a database."""
        database = self.database()
        with database.write() as connection:
            connection.exec_driver_sql(statement)
        database.close()


def make_desk(place: Path) -> Desk:
    attic = {"id": "attic", "kind": "break-out", "title": "Attic", "sets": ["fruit"]}
    hall = {"id": "hall", "kind": "plenary", "title": "Hall", "sets": ["fruit"]}
    event = {**EVENT, "sessions": [hall, attic], "privacy": {"smallest_group": 2}}
    folder = write_event(place / "questionsets", event, FRUIT)
    (folder / "rehearsal.yaml").write_text(yaml.safe_dump(dict(REHEARSAL)))
    environment = {
        "DATABASE_URL": f"sqlite:///{place / 'polling.db'}",
        "POLLING_QUESTIONSETS": str(place / "questionsets"),
        "POLLING_SECRET": SECRET,
        "POLLING_HOST": "127.0.0.1",
        "POLLING_PUBLIC_URL": "https://poll.example",
        "PORT": str(free_port()),
    }
    return Desk(place, environment)


def copy_of(desk: Desk, place: Path) -> Desk:
    """Another desk with what is in the first one's database."""
    copy = make_desk(place)
    for path in desk.place.glob("polling.db*"):
        shutil.copy(path, place / path.name)
    return copy
