"""The application: the only place that knows everyone. Settings → store → live → web, and what is done on a commit."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import date
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import BaseRoute

from polling.core.any_day import still_to_come
from polling.core.errors import Refused
from polling.core.event import Event
from polling.core.files.loading import EVENT_FILE, LoadingFailed, load_event
from polling.core.keys import Keys
from polling.core.poll import Verb
from polling.live.hall import Hall
from polling.live.links import Links
from polling.live.own_pace import PaceSettler
from polling.live.retention import Retention
from polling.live.sealing import Sealer
from polling.live.timing import Timekeeper
from polling.live.watching import Edits
from polling.rendering import Renderer
from polling.settings import Settings, SettingsError, server_keys
from polling.store.database import Database, DatabaseError
from polling.store.events import Kept, keep_event
from polling.store.links import LinkOrder, LinkUse
from polling.store.migrations import migrate
from polling.store.revisions import TakeIn
from polling.store.sessions import SessionCommand
from polling.store.settle import Settler
from polling.store.writer import Writer
from polling.web import (
    access,
    asking,
    attendance,
    audit,
    beside,
    changes,
    choosing,
    control,
    errors,
    health,
    links,
    lobby,
    me,
    moderator,
    organiser,
    participant,
    presenter,
    printed,
    privacy,
    run_of_show,
    signing,
    socket,
    static,
    working_group,
)
from polling.web.guard import Guard
from polling.web.health import Health
from polling.web.site import Site

log = logging.getLogger(__name__)

ROUTES: Sequence[BaseRoute] = [
    route
    for module in (
        socket,
        access,
        participant,
        choosing,
        signing,
        me,
        privacy,
        moderator,
        asking,
        beside,
        lobby,
        presenter,
        organiser,
        control,
        changes,
        attendance,
        links,
        audit,
        printed,
        run_of_show,
        working_group,
        health,
        static,
    )
    for route in module.routes
]
SMALLEST_PACKED = 1000
"""Bytes of an answer below which packing it gains nothing."""


LAST_SETTLE = 2.0
"""Seconds that the end waits for the file to forget; the next start settles too."""


class StartFailed(Exception):
    """The server can't start; the message says why, and the remedy."""


def create_app(settings: Settings, *, rehearsal: bool = False, any_day: bool = False) -> Starlette:
    """The ASGI application. It opens the database when it starts; `app.state.failure` says why it could not.
    `rehearsal`: every page says so. `any_day`: dates of events that are past are taken as still to come."""
    renderer = Renderer(settings.assets, rehearsal=rehearsal)
    elsewhere = [url for url in (renderer.htmx_url,) if url.startswith("https://")]
    fonts = [renderer.font_url] if renderer.font_url else []

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        try:
            async with at_work(settings, renderer, any_day=any_day) as site:
                app.state.site = site
                yield
        except (DatabaseError, SettingsError) as error:
            app.state.failure = str(error)
            raise StartFailed(str(error)) from None

    app = Starlette(
        routes=list(ROUTES),
        middleware=[
            Middleware(Guard, settings=settings, scripts=elsewhere, fonts=fonts),
            Middleware(GZipMiddleware, minimum_size=SMALLEST_PACKED),
        ],
        exception_handlers=errors.handlers,
        lifespan=lifespan,
    )
    app.state.failure = None
    return app


@asynccontextmanager
async def at_work(settings: Settings, renderer: Renderer, *, any_day: bool = False) -> AsyncIterator[Site]:
    """The site, from an open database to a flushed one. Raises `DatabaseError` or `SettingsError` at the start."""
    keys = server_keys(settings)
    database = Database(settings.database_url)
    try:
        with database.lock():
            kept = await asyncio.to_thread(_keep_events, settings, database, keys, any_day)
            hall = Hall(database, renderer, keys, settings.base_url, epoch=secrets.token_hex(4))
            for each in kept:
                hall.add(each.event)
            writer = Writer(database)
            edits = Edits(settings.questionsets, partial(_as_served, any_day=any_day))
            for each in kept:
                edits.taken_in(each.event.event, each.file_hash)
            settler, in_force = Settler(writer.settle), Links(database)
            site = Site(settings, keys, database, writer, settler, hall, in_force, renderer, Health(), edits)
            async with _running(site):
                yield site
    finally:
        database.close()


@asynccontextmanager
async def _running(site: Site) -> AsyncIterator[None]:
    site.writer.on_commit = lambda items: _committed(site, items)
    site.writer.start(asyncio.get_running_loop())
    sealer = Sealer(site.database, site.writer, site.settler, site.hall, site.clock)
    await site.hall.start()
    await site.links.renew()
    for event_id in site.hall.events:
        await site.edits.look(event_id)
        site.hall.overview(event_id).edited = partial(site.edits.told, event_id)
    site.settler.ask()  # a process that was killed may have left the order of its last answers behind
    retention = Retention(site.database, site.writer, site.settler, site.clock)
    timekeeper, pace = Timekeeper(site.hall, site.writer), PaceSettler(site.hall, site.settler)
    tasks = [asyncio.create_task(each.run()) for each in (site.settler, sealer, retention, timekeeper, pace)]
    tasks.append(asyncio.create_task(site.links.run(site.hall.events.get, site.clock)))
    tasks.append(asyncio.create_task(site.edits.run(lambda: site.hall.events)))
    site.health.at_work()
    log.info("serving %s at %s", ", ".join(site.hall.events) or "no event", site.settings.base_url)
    try:
        yield
    finally:
        site.health.stopping()
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await site.hall.stop()
        with suppress(Refused, TimeoutError):
            await asyncio.wait_for(site.writer.settle(), LAST_SETTLE)
        await site.writer.stop()


def _committed(site: Site, items: Sequence[Any]) -> None:
    """After each commit: rooms show it; a close, and whatever is no answer and no command, is settled soon."""
    site.hall.committed(items)
    site.links.committed(items)
    for item in items:
        if isinstance(item, TakeIn) and item.after is not None:
            site.edits.taken_in(item.event_id, item.files.content_hash)
        if isinstance(item, (LinkOrder, LinkUse)):  # about staff, who leave no order that must be forgotten
            continue
        is_command = isinstance(item, SessionCommand)
        if (is_command and item.command.verb is Verb.CLOSE) or not (is_command or hasattr(item, "ballot")):
            site.settler.ask()


def _keep_events(settings: Settings, database: Database, keys: Keys, any_day: bool) -> list[Kept]:
    """The events in force, and whether their files say something else. A broken one is told and left out."""
    migrate(database)
    kept = []
    for event in _load_events(settings):
        with database.write() as connection:
            found = keep_event(connection, _as_served(event, any_day=any_day), keys.fingerprint())
        if found.changed:
            log.warning("%s: its files were edited after the first answer; the edit is left out", event.event)
        if found.weakened:
            log.warning("%s: the edit would weaken anonymity: %s", event.event, ", ".join(found.weakened))
        kept.append(found)
    return kept


def _as_served(event: Event, *, any_day: bool) -> Event:
    """An event as its files say; in a rehearsal with its dates still to come."""
    return still_to_come(event, date.today()) if any_day else event


def _load_events(settings: Settings) -> list[Event]:
    folders = sorted(path.parent for path in settings.questionsets.glob(f"*/{EVENT_FILE}"))
    if not folders:
        log.warning("no event in %s: set POLLING_QUESTIONSETS", settings.questionsets)
    events = []
    for folder in folders:
        try:
            events.append(load_event(folder))
        except LoadingFailed as failed:
            for problem in failed.problems:
                log.error("%s", problem)
            log.error("%s is left out: it has errors", folder.name)
    return events
