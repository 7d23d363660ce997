"""The tables: the migrations make exactly what the code says, and what the privacy promises rest on."""

from __future__ import annotations

import sqlite3
from importlib import import_module

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlmodel import SQLModel

from polling.store.database import Database, DatabaseError
from polling.store.migrations import migrate

import_module("polling.store.reset")  # it knows every table, so that SQLModel does


def test_the_migrations_make_the_tables_that_the_code_describes(database: Database) -> None:
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


@pytest.mark.promise("P02")
@pytest.mark.parametrize("table", ["ballot", "tally", "idea", "contact"])
def test_what_participants_leave_has_no_rowid_that_numbers_it(database: Database, table: str) -> None:
    with database.read() as connection:
        sql = connection.execute(text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": table}).scalar()
    assert sql is not None
    assert sql.replace("\n", " ").rstrip().endswith("WITHOUT ROWID")


@pytest.mark.promise("P04")
def test_a_ballot_has_nothing_but_poll_key_revision_cells_and_one_label(database: Database) -> None:
    raw = sqlite3.connect(database.path)
    columns = raw.execute("SELECT name, type FROM pragma_table_info('ballot')").fetchall()
    raw.close()
    assert columns == [
        ("poll_id", "INTEGER"),
        ("voter_key", "BLOB"),
        ("revision", "INTEGER"),
        ("cells", "VARCHAR"),
        ("label", "VARCHAR"),
        ("out", "VARCHAR"),  # its cells as they were when the result was out (docs/decisions/0009-no-subtraction.md)
    ]


def test_migrating_again_changes_nothing(database: Database) -> None:
    before = schema(database)
    migrate(database)
    assert schema(database) == before


def test_a_database_of_a_newer_program_is_refused(database: Database) -> None:
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseError, match="made by a newer version"):
        migrate(database)


def schema(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.execute(text("SELECT sql FROM sqlite_master ORDER BY name")).scalars())
