"""One SQLite file: how it is opened, read, written and held. Knows no table."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

PREFIX = "sqlite:///"
BUSY_TIMEOUT = 5.0
"""Seconds that a transaction waits for another process's; then those who wait for it are told to try again."""

_SETTINGS = {  # pragma → what it must answer, or the file would not keep its promises
    "journal_mode = WAL": "wal",
    "synchronous = FULL": None,
    "secure_delete = ON": 1,  # FAST would leave what was deleted readable in free pages
    "foreign_keys = ON": None,
    "temp_store = MEMORY": None,  # what VACUUM copies goes into no other file
}


class DatabaseError(Exception):
    """The database can't be used as asked; the message says what to do about it."""


class Database:
    """The database at `url`. Opening it makes the file if need be, not its tables (see migrations)."""

    def __init__(self, url: str, *, busy_timeout: float = BUSY_TIMEOUT) -> None:
        self.path = _path(url)
        self._busy_timeout = busy_timeout
        self.engine = self._open(url)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view of the database, that can't write. Keep it short: while it lasts, no settle succeeds."""
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction, committed at the end. Beside a running server only the writer's thread does this."""
        with self.engine.connect().execution_options(write=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Holds the database as a server does; raises `DatabaseError` while another process holds it."""
        with self.path.with_name(self.path.name + ".lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise DatabaseError(f"a server is running on {self.path}: stop it first") from None
            yield

    def close(self) -> None:
        """Lets go of the file."""
        self.engine.dispose()

    def _open(self, url: str) -> Engine:
        with suppress(OSError):  # SQLite says better what is wrong with a path
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        engine = create_engine(url, pool_size=10, max_overflow=-1)  # the writer never queues behind readers
        event.listen(engine, "connect", self._set_up)
        event.listen(engine, "begin", _begin)
        try:
            engine.connect().close()
        except DBAPIError as error:
            raise DatabaseError(
                f"{self.path} can't be opened as a database ({error.orig}): "
                "DATABASE_URL should be sqlite:/// and a file in a folder that this program may write to"
            ) from None
        return engine

    def _set_up(self, connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # transactions are begun by `_begin`, and by nobody else
        connection.execute(f"PRAGMA busy_timeout = {int(self._busy_timeout * 1000)}")
        for pragma, expected in _SETTINGS.items():
            connection.execute(f"PRAGMA {pragma}")
            (found,) = connection.execute(f"PRAGMA {pragma.split()[0]}").fetchone()
            if expected is not None and found != expected:
                raise DatabaseError(f"{self.path}: this SQLite does not take {pragma} (it says {found})")


@contextmanager
def looked_at(path: Path) -> Iterator[Connection]:
    """A database that is someone else's: it is read, and neither locked, nor brought up to date, nor touched in any
    other way. Works beside a server that runs on it."""
    is_quiet = not path.with_name(path.name + "-wal").exists()  # nobody writes: its index need not be made either
    address = f"file:{quote(str(path))}?mode=ro{'&immutable=1' if is_quiet else ''}"
    engine = create_engine(PREFIX, creator=lambda: sqlite3.connect(address, uri=True))
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _path(url: str) -> Path:
    name = url.removeprefix(PREFIX)
    if not url.startswith(PREFIX) or not name or name.startswith(":memory:"):
        raise DatabaseError(f"{url} is no SQLite file: DATABASE_URL should be like sqlite:///polling.db")
    return Path(name)


def _begin(connection: Connection) -> None:
    """Writers take the lock at once: one that read first and then wrote would fail whatever the timeout."""
    write = connection.get_execution_options().get("write", False)
    connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if write else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
