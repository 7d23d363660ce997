"""What is kept: bring the tables up to date, count again, seal, forget, export."""

from __future__ import annotations

import math
import time
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from polling.cli.common import EVENT_HELP, Failed, confirm, holding, out, plural, settings, stored
from polling.core.certificate import Certificate
from polling.core.event import Event
from polling.export import FORMATS
from polling.store.books import books
from polling.store.database import Database
from polling.store.ending import closings, open_polls
from polling.store.migrations import migrate as bring_up_to_date
from polling.store.polls import poll_states, polls_to_seal
from polling.store.reset import reset as forget
from polling.store.retention import Expired, certificates, to_erase
from polling.store.retention import purge as purge_contacts
from polling.store.sealing import Difference
from polling.store.sealing import recount as count_again
from polling.store.sealing import seal as seal_polls
from polling.store.sessions import command
from polling.store.writer import Writer

SETTLES = 40
"""How often settling is tried beside readers, four times a second."""

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
    what += f" of segment {difference.label}" if difference.label else ""
    return f"{place}: kept {difference.kept}{what}, counted {difference.counted}"


def seal(
    event: EventArgument,
    end: Annotated[bool, typer.Option("--end", help="Close first what is still open: the event is over.")] = False,
) -> None:
    """Seal all closed polls: their ballots are deleted, their sums stay. Refused while a server runs."""
    with stored(event) as (database, found), database.lock():
        writer = Writer(database)
        closed = _close_all(database, writer, found) if end else 0
        with database.read() as connection:
            wanted = polls_to_seal(connection, math.inf, found)
            still_open = open_polls(connection, found.event)
        sealed = writer.run(seal_polls, wanted) if wanted else []
        writer.settle_now()
        differences = [difference for seal in sealed for difference in seal.differences]
    for difference in differences:
        out.print(_in_words(difference), markup=False)
    for session, key in still_open:
        out.print(f"{session}/{key}: still open", markup=False)
    done = sum(seal.sealed for seal in sealed)
    if differences:
        raise Failed(f"{found.event}: {done} of {plural(len(sealed), 'poll')} sealed; the others keep their ballots")
    told = f"{found.event}: {plural(closed, 'poll')} closed, {done} sealed" if closed else ""
    told = told or f"{found.event}: {plural(done, 'poll')} sealed"
    if still_open:
        raise Failed(f"{told}; {len(still_open)} still open: close first, or with --end, then seal again")
    gone = "their ballots stay (pseudonymous)" if found.privacy.keeps_together else "their ballots are gone"
    out.print(f"{told}; {gone}.", markup=False)


def _close_all(database: Database, writer: Writer, event: Event) -> int:
    """Closes what is open, as the server does when the event's day is past; how many polls it was."""
    with database.read() as connection:
        before = len(open_polls(connection, event.event))
        due = closings(connection, event, time.time())
    if due:
        writer.run(command, due)
    with database.read() as connection:
        return before - len(open_polls(connection, event.event))


def purge(
    event: EventArgument,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how many there are.")] = False,
    early: Annotated[bool, typer.Option("--early", help="Before their day is past, too.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Go on without asking.")] = False,
) -> None:
    """Erase names and addresses whose day (contacts_until) is past. Runs beside a server, which does so by itself."""
    today = date.today()
    with stored(event) as (database, found):
        due = Expired(found.event, today)
        with database.read() as connection:
            there = to_erase(connection, due)
            earlier = certificates(connection, found.event)
        for certificate in earlier:
            out.print(f"{certificate.day}: erased {_erased(certificate)}", markup=False)
        last_day = found.privacy.contacts_until
        is_past = last_day is not None and today > last_day
        if not there or dry_run:
            when = "" if is_past or not there else f", {_kept(last_day)}"
            out.print(f"{found.event}: {_erased(there)} to erase{when}.", markup=False)
            return
        if not is_past and not early:
            out.print(f"{found.event}: {_erased(there)}, {_kept(last_day)}; --early erases them now.", markup=False)
            return
        if not is_past:
            confirm(f"{_erased(there)} of {found.event} will be erased before their day.", found.event, yes)
        (erased,) = Writer(database).run(purge_contacts, [due])
        forget_bytes(database, found.event)
    out.print(f"{found.event}: {_erased(erased)} erased.", markup=False)


def _erased(certificate: Certificate) -> str:
    return f"{plural(certificate.contacts, 'contact')} and {plural(certificate.ideas, 'claim')}"


def _kept(last_day: date | None) -> str:
    return f"kept until the end of {last_day}" if last_day else "kept, since the event names no day (contacts_until)"


def reset(
    event: EventArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Go on without asking.")] = False,
) -> None:
    """Delete all that is kept of an event: answers, texts, names, sessions. Refused while a server runs."""
    with holding(event) as (database, found), database.lock():
        confirm(f"All answers, texts and names of {found} in {database.path} will be deleted.", found, yes)
        forget_all(database, found)
    out.print(f"{found} is as if it had never been held here.", markup=False)


def forget_all(database: Database, event_id: str) -> None:
    """Deletes the event, and makes the file forget its bytes too."""
    with database.write() as connection:
        forget(connection, event_id)
    forget_bytes(database, event_id)


def forget_bytes(database: Database, event_id: str) -> None:
    """Settles, so that what was deleted of an event is in no byte of the file; waits a while for who is reading it."""
    writer = Writer(database)
    for _ in range(SETTLES):
        if writer.settle_now():
            return
        time.sleep(0.25)
    raise Failed(
        f"{event_id} is deleted, but not yet from the bytes of {database.path}, which is being read: do it again"
    )


def export(
    event: EventArgument,
    format: Annotated[str, typer.Option("--format", metavar="csv|json|xlsx", help="csv, json or xlsx.")] = "csv",
    output: Annotated[Path, typer.Option("--output", metavar="DIR", help="The folder to write to.")] = Path("."),
) -> None:
    """Write the results of closed polls as files. Runs beside a server."""
    if format not in FORMATS:
        raise Failed(f"there is no format {format}: it is one of {', '.join(FORMATS)}")
    with stored(event) as (database, found):
        with database.read() as connection:
            kept = books(connection, found)
        files = FORMATS[format](kept)
    try:
        output.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (output / name).write_bytes(content)
            out.print(f"{output / name}  {plural(len(content), 'byte')}", markup=False)
    except OSError as error:
        raise Failed(f"{output} can't be written to: {error.strerror or error}") from None
    out.print(f"{found.event}: {plural(len(kept.outcomes), 'closed poll')} exported.", markup=False)
