"""Someone else's database, looked at: read, and not touched."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from polling.core.links import Link
from polling.store.database import Database, looked_at
from polling.store.links import adopt_links, kept_links
from polling.store.migrations import migrate

LINK = Link("day", "moderator", "hall", generation=2)


def made(path: Path) -> Database:
    database = Database(f"sqlite:///{path}")
    migrate(database)
    with database.write() as connection:
        adopt_links(connection, [LINK])
    return database


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("name", ["polling.db", "a day #1 & 100%.db"])
def test_a_database_that_nobody_has_open_is_read_and_left_as_it_is_to_the_byte(tmp_path: Path, name: str) -> None:
    made(tmp_path / name).close()
    before = files(tmp_path)
    with looked_at(tmp_path / name) as connection:
        assert kept_links(connection, "day") == [LINK]
    assert files(tmp_path) == before


def test_beside_a_server_what_is_committed_is_seen_and_nothing_can_be_written(tmp_path: Path) -> None:
    database = made(tmp_path / "polling.db")
    with database.lock():
        assert (tmp_path / "polling.db-wal").exists()
        with looked_at(tmp_path / "polling.db") as connection:
            assert kept_links(connection, "day") == [LINK]
            with pytest.raises(OperationalError, match="readonly"):
                connection.execute(text("DELETE FROM link"))
    database.close()
