"""`polling practise`: the evening before, moderators practise with their own links, and robots are the hall."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from polling.cli.common import EVENT_HELP, Failed, folder_of, out, plural, settings
from polling.cli.display import print_qr
from polling.cli.handing_out import codes_of, kept_links_of, links_of, print_links
from polling.cli.own_database import database_of_its_own
from polling.cli.running import free_port, serving
from polling.core.event import Event
from polling.core.files.loading import REHEARSAL_FILE, load_event, load_rehearsal
from polling.core.links import Link
from polling.robots.guests import Guests, guests_plan
from polling.robots.plan import Plan
from polling.settings import Settings, server_keys
from polling.store.database import Database
from polling.store.links import adopt_links
from polling.store.migrations import migrate

ENDS = (signal.SIGTERM, signal.SIGHUP)
"""What ends it as Ctrl-C does: the wiping must not be left out because a terminal was closed."""


def practise(
    event: Annotated[str, typer.Argument(metavar="EVENT", help=EVENT_HELP)],
    robots: Annotated[
        int | None, typer.Option(min=0, max=20_000, metavar="N", help="So many; else as rehearsal.yaml says, or 24.")
    ] = None,
    speed: Annotated[
        float, typer.Option(min=0.1, max=1000, metavar="N", help="Robots answer so many times as fast as people.")
    ] = 1,
) -> None:
    """Let moderators practise: serves the event on a database of its own, with robots that answer whatever is opened.

    The links and codes are those of the event itself. Every page says that it is a rehearsal. Ctrl-C ends it; then
    all of it is wiped, and the wiping is checked. The real database is not used.
    """
    folder = folder_of(event)
    found = load_event(folder)
    dealt = _plan(found, folder, robots)
    chosen = settings().model_copy(update={"questionsets": folder.parent})
    chosen = chosen.model_copy(update={"port": _port(chosen)})
    links = kept_links_of(chosen, found.event)
    with (
        _ended_like_ctrl_c(),
        database_of_its_own(chosen, same_links=True) as own,
        contextlib.suppress(KeyboardInterrupt),
        _with_links(own, links),
        serving(own, rehearsal=True) as server,
    ):
        _print_ways_in(found, own, links)
        told = f"{plural(dealt.phones, 'robot')} answer what is opened." if dealt else "There are no robots."
        out.print(f"Practise {found.event} by these links. {told}", markup=False)
        out.print("Nothing of it is kept: Ctrl-C ends it and wipes all.", style="bold")
        asyncio.run(_answer_for_ever(found, dealt, server.url, own, speed))


def _plan(event: Event, folder: Path, robots: int | None) -> Plan | None:
    """Who answers what; None: no robots."""
    if robots == 0:
        return None
    rehearsal = load_rehearsal(folder, event) if os.path.isfile(folder / REHEARSAL_FILE) else None
    return guests_plan(event, rehearsal, robots)


def _port(chosen: Settings) -> int:
    """Where the links lead: behind a public address that is one port and no other."""
    free = free_port(chosen.host, chosen.port)
    if chosen.public_url and free != chosen.port:
        where = f"port {chosen.port}, to which {chosen.public_url} leads,"
        raise Failed(f"{where} is taken: stop the server there while you practise")
    return free


@contextlib.contextmanager
def _with_links(own: Settings, links: list[Link]) -> Iterator[None]:
    """The practice's database, with the links that are in force: also those that were named or replaced."""
    database = Database(own.database_url)
    try:
        migrate(database)
        with database.write() as connection:
            adopt_links(connection, links)
    finally:
        database.close()
    yield


def _print_ways_in(event: Event, own: Settings, kept: list[Link]) -> None:
    links = links_of(event, server_keys(own), own.base_url, kept)
    print_qr(next(link.url for link in links if link.role == "participant"))
    print_links(links)


async def _answer_for_ever(event: Event, dealt: Plan | None, server: str, own: Settings, speed: float) -> None:
    if dealt is None:
        await asyncio.Event().wait()
        return
    guests = Guests(server, dealt, codes_of(event, server_keys(own)), event, speed)
    try:
        await guests.come()
        await guests.until_failure()
    finally:
        await guests.close()


@contextlib.contextmanager
def _ended_like_ctrl_c() -> Iterator[None]:
    before = {each: signal.signal(each, _interrupted) for each in ENDS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _interrupted(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
