"""What commands share: settings, the event that is meant, the database, and asking before something is lost."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from polling.cli.authoring import event_folder
from polling.core.event import Event
from polling.core.files.problems import nearest
from polling.settings import Settings, load_settings
from polling.store.database import Database, DatabaseError
from polling.store.events import event_in_force, known_events
from polling.store.migrations import migrate

EVENT_HELP = "A folder, or an event's id under POLLING_QUESTIONSETS."

out = Console(highlight=False, soft_wrap=True)


class Failed(Exception):
    """The command can't do what was asked; the message, its last line, says why and what to do."""


def settings() -> Settings:
    """The settings of this environment; raises `SettingsError`."""
    return load_settings(os.environ)


def event_id(event: str) -> str:
    """The id of EVENT on a command line: the folder bears it."""
    return event_folder(event).resolve().name


@contextmanager
def stored(event: str) -> Iterator[tuple[Database, Event]]:
    """The database, and the event as it is in force there. Works beside a running server."""
    with holding(event) as (database, wanted):
        with database.read() as connection:
            found = event_in_force(connection, wanted)
        assert found is not None
        yield database, found


@contextmanager
def holding(event: str) -> Iterator[tuple[Database, str]]:
    """The database that keeps the event, and its id, whether what is kept can be read or not."""
    chosen, wanted = settings(), event_id(event)
    with opened(chosen) as database:
        with database.read() as connection:
            known = known_events(connection)
        if wanted not in known:
            near = nearest(wanted, known)
            held = f"it holds {', '.join(known)}" if known else "it holds no event"
            hint = f"did you mean {near}?" if near else f"{held} (DATABASE_URL chooses another)"
            raise Failed(f"{database.path} has no event {wanted}: {hint}")
        yield database, wanted


@contextmanager
def opened(chosen: Settings) -> Iterator[Database]:
    """The database that there is, brought up to date unless a server has it, which did so itself."""
    if not chosen.database_path.exists():
        raise Failed(f"there is no database {chosen.database_path} yet: set DATABASE_URL, or start with: polling serve")
    database = Database(chosen.database_url)
    try:
        try:
            with database.lock():
                migrate(database)
        except DatabaseError:
            if not is_served(database):
                raise
        yield database
    finally:
        database.close()


def is_served(database: Database) -> bool:
    """Whether a server is running on this database."""
    try:
        with database.lock():
            return False
    except DatabaseError:
        return True


def confirm(what: str, word: str, yes: bool) -> None:
    """Goes on only when `word` is typed, or --yes was given."""
    if yes:
        return
    out.print(what, markup=False)
    out.print(f"Type {word} to go on: ", end="", markup=False)
    typed = sys.stdin.readline().strip()
    if typed != word:
        raise Failed(f"nothing was changed: {word} was not typed (--yes goes on without asking)")


def plural(number: int, what: str) -> str:
    """1 answer, 2 answers; 1,234 answers."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def existing_secret(chosen: Settings) -> bool:
    """Whether the server's secret is known here, without making one."""
    path = chosen.database_path
    return chosen.secret is not None or path.with_name(path.name + ".secret").exists()


def folder_of(event: str) -> Path:
    """The folder that EVENT means, whole."""
    return event_folder(event).resolve()
