"""What is kept: bring the tables up to date, count again, seal, forget, export."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from polling.cli.common import EVENT_HELP, Failed, confirm, out, plural, settings, stored
from polling.core.poll import State
from polling.export import FORMATS
from polling.store.database import Database
from polling.store.migrations import migrate as bring_up_to_date
from polling.store.polls import poll_states, polls_to_seal
from polling.store.reading import outcomes
from polling.store.reset import reset as forget
from polling.store.sealing import Difference
from polling.store.sealing import recount as count_again
from polling.store.sealing import seal as seal_polls
from polling.store.writer import Writer

EventArgument = Annotated[str, typer.Argument(metavar="EVENT", help=EVENT_HELP)]


def migrate() -> None:
    """Bring the database's tables to what this version needs."""
    database = Database(settings().database_url)
    try:
        bring_up_to_date(database)
    finally:
        database.close()
    out.print(f"{database.path} is up to date.", markup=False)


def recount(event: EventArgument) -> None:
    """Count unsealed ballots anew and check sealed sums against their digest; exit 1 on any difference."""
    with stored(event) as (database, found), database.read() as connection:
        states = poll_states(connection, found.event)
        differences = count_again(connection, found.event)
    for difference in differences:
        out.print(_in_words(difference), markup=False)
    told = ", ".join(f"{states.count(state)} {state}" for state in sorted(set(states)))
    if differences:
        raise Failed(
            f"{found.event}: {plural(len(differences), 'difference')} in {plural(len(states), 'poll')} ({told})"
        )
    out.print(f"{found.event}: no difference in {plural(len(states), 'poll')} ({told or 'none yet'}).", markup=False)


def _in_words(difference: Difference) -> str:
    place = f"{difference.session}/{difference.poll}" + (f"/{difference.cell}" if difference.cell else "")
    if difference.counted is None:
        return f"{place}: sealed, and its sums are not those of its digest"
    what = "" if difference.cell else " respondents"
    return f"{place}: kept {difference.kept}{what}, counted {difference.counted}"


def seal(event: EventArgument) -> None:
    """Seal all closed polls: their ballots are deleted, their sums stay. Refused while a server runs."""
    with stored(event) as (database, found), database.lock():
        with database.read() as connection:
            wanted = polls_to_seal(connection, math.inf, found)
            still_open = poll_states(connection, found.event).count(State.OPEN)
        writer = Writer(database)
        sealed = writer.run(seal_polls, wanted) if wanted else []
        writer.settle_now()
        differences = [difference for seal in sealed for difference in seal.differences]
    for difference in differences:
        out.print(_in_words(difference), markup=False)
    done = sum(seal.sealed for seal in sealed)
    if differences:
        raise Failed(f"{found.event}: {done} of {plural(len(sealed), 'poll')} sealed; the others keep their ballots")
    if still_open:
        raise Failed(
            f"{found.event}: {plural(done, 'poll')} sealed; {still_open} still open: close first, then seal again"
        )
    out.print(f"{found.event}: {plural(done, 'poll')} sealed; their ballots are gone.", markup=False)


def reset(
    event: EventArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Go on without asking.")] = False,
) -> None:
    """Delete all that is kept of an event: answers, texts, names, sessions. Refused while a server runs."""
    with stored(event) as (database, found), database.lock():
        confirm(f"All answers, texts and names of {found.event} in {database.path} will be deleted.", found.event, yes)
        forget_all(database, found.event)
    out.print(f"{found.event} is as if it had never been held here.", markup=False)


def forget_all(database: Database, event_id: str) -> None:
    """Deletes the event, and makes the file forget its bytes too."""
    with database.write() as connection:
        forget(connection, event_id)
    if not Writer(database).settle_now():
        raise Failed(
            f"{event_id} is deleted, but not yet from the bytes of {database.path}, which is being read: do it again"
        )


def export(
    event: EventArgument,
    format: Annotated[str, typer.Option("--format", metavar="csv|json", help="csv, or json.")] = "csv",
    output: Annotated[Path, typer.Option("--output", metavar="DIR", help="The folder to write to.")] = Path("."),
) -> None:
    """Write the results of closed polls as files. Runs beside a server."""
    if format not in FORMATS:
        raise Failed(f"there is no format {format}: it is one of {', '.join(FORMATS)}")
    with stored(event) as (database, found):
        with database.read() as connection:
            closed = outcomes(connection, found)
        files = FORMATS[format](found, closed)
    try:
        output.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (output / name).write_bytes(content)
            out.print(f"{output / name}  {plural(len(content), 'byte')}", markup=False)
    except OSError as error:
        raise Failed(f"{output} can't be written to: {error.strerror or error}") from None
    out.print(f"{found.event}: {plural(len(closed), 'closed poll')} exported.", markup=False)
