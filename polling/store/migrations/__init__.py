"""The tables and their changes, run from code: at start, and by `polling migrate`."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError

from polling.store.database import Database, DatabaseError


def migrate(database: Database) -> None:
    """Brings the tables to what this version of the program needs; does nothing where they are."""
    with database.write() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise DatabaseError(
                f"{database.path} can't be brought up to date ({error}): was it made by a newer version of the program?"
            ) from None
