"""The database file: how it is opened, and what it refuses."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from polling.store.database import Database, DatabaseError
from polling.store.settle import Settler, settle

INSERT = "INSERT INTO event (id, hash, file_hash, content, secret_fingerprint) VALUES ('e', 'h', 'h', 'c', 's')"


def pragma(database: Database, name: str, *, write: bool = False) -> object:
    with database.write() if write else database.read() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


@pytest.mark.promise("P08")
@pytest.mark.parametrize("write", [True, False])
def test_the_settings_that_the_promises_rest_on_are_read_back(database: Database, write: bool) -> None:
    names = ("journal_mode", "synchronous", "secure_delete", "foreign_keys", "temp_store", "query_only")
    assert [pragma(database, name, write=write) for name in names] == ["wal", 2, 1, 1, 2, 0 if write else 1]


def test_reading_can_not_write(database: Database) -> None:
    with database.read() as connection, pytest.raises(OperationalError, match="readonly"):
        connection.execute(text(INSERT))


def test_a_read_is_one_view_whatever_is_written_meanwhile(database: Database) -> None:
    count = text("SELECT count(*) FROM event")
    with database.read() as reader:
        assert reader.execute(count).scalar() == 0
        with database.write() as writer:
            writer.execute(text(INSERT))
        assert reader.execute(count).scalar() == 0
    with database.read() as reader:
        assert reader.execute(count).scalar() == 1


def test_a_write_that_fails_leaves_nothing(database: Database) -> None:
    with suppress(ZeroDivisionError), database.write() as connection:
        connection.execute(text(INSERT))
        raise ZeroDivisionError
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM event")).scalar() == 0


def test_only_its_owner_can_read_the_file(database: Database) -> None:
    assert stat.S_IMODE(database.path.stat().st_mode) == 0o600


def test_a_server_holds_its_database_alone(database: Database) -> None:
    other = Database(f"sqlite:///{database.path}")
    with database.lock(), pytest.raises(DatabaseError, match=r"a server is running on .*: stop it first"), other.lock():
        pass
    with other.lock():
        pass
    other.close()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///", "mysql://host/polling", ""])
def test_another_kind_of_database_is_refused_with_the_remedy(url: str) -> None:
    with pytest.raises(DatabaseError, match="should be like sqlite:///polling"):
        Database(url)


def test_a_path_that_can_not_be_opened_is_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match=r"missing/polling.db can't be opened .* this program may write to"):
        Database(f"sqlite:///{tmp_path}/missing/polling.db")


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.db").write_text("Dear all, " * 500)
    with pytest.raises(DatabaseError, match="file is not a database"):
        Database(f"sqlite:///{tmp_path}/letter.db")


# settling


def test_settling_empties_the_wal(database: Database) -> None:
    wal = database.path.with_name(database.path.name + "-wal")
    assert wal.stat().st_size > 0
    with database.engine.connect() as connection:
        assert settle(connection)
    assert wal.stat().st_size == 0


def test_settling_beside_a_reader_says_that_it_is_not_done(database: Database) -> None:
    other = sqlite3.connect(database.path, isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM event").fetchall()
    with database.engine.connect() as connection:
        assert not settle(connection)
        other.execute("COMMIT")
        assert settle(connection)
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 100
    other.close()


async def test_what_could_not_be_settled_is_owed_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Settler, "FIRST", 0.001)
    tries: list[bool] = []
    settled = asyncio.Event()

    async def settle_at_the_third_try() -> bool:
        tries.append(settler.owed)
        if len(tries) >= 3:
            asyncio.get_running_loop().call_soon(settled.set)
        return len(tries) >= 3

    settler = Settler(settle_at_the_third_try)
    async with asyncio.timeout(5):
        running = asyncio.create_task(settler.run())
        await asyncio.sleep(0.01)
        assert (tries, settler.owed) == ([], False)
        settler.ask()
        settler.ask()
        await settled.wait()
        assert (tries, settler.owed) == ([True, True, True], False)
        settled.clear()
        settler.ask()
        await settled.wait()
        assert (tries, settler.owed) == ([True] * 4, False)
    running.cancel()


async def test_what_is_asked_while_settling_is_owed_after_it() -> None:
    tries: list[bool] = []
    done = asyncio.Event()

    async def settle_and_be_asked_again() -> bool:
        tries.append(settler.owed)
        if len(tries) == 1:
            settler.ask()
        else:
            asyncio.get_running_loop().call_soon(done.set)
        return True

    settler = Settler(settle_and_be_asked_again)
    async with asyncio.timeout(5):
        running = asyncio.create_task(settler.run())
        settler.ask()
        await done.wait()
    assert (tries, settler.owed) == ([True, True], False)
    running.cancel()
