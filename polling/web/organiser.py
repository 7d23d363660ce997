"""The organiser's pages: all sessions at once, links and sheets to hand out, the exports."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from polling.core.errors import Code, Refused
from polling.core.event import Event
from polling.core.event_state import Audience, EventCommand, EventVerb
from polling.export import FORMATS
from polling.store.books import books
from polling.store.retention import Certificate, certificates
from polling.web.access import require
from polling.web.commanding import command_event
from polling.web.regions import numbered, regions
from polling.web.site import Site, language_of, site_of
from polling.web.staff import doors, event_of, file_to_keep, link, who


async def page(request: Request) -> Response:
    """GET /o/EVENT."""
    site, event = site_of(request), _event(request)
    overview = site.hall.overview(event.event)
    view = await overview.fresh_rooms()
    return _html(
        request,
        "organiser/event.html",
        **numbered(overview),
        view=view,
        doors=doors(site, event),
        organiser_link=link(site, "organiser", event.event),
        me_link=f"{site.settings.base_url}/me",
        certificates=await asyncio.to_thread(_certificates, site, event),
        group_links={group.id: link(site, "working-group", event.event, group.id) for group in event.working_groups},
        changed=event.event in site.changed,
        weakened=site.changed.get(event.event, ()),
    )


async def fetch(request: Request) -> Response:
    """GET /o/EVENT/regions."""
    event = _event(request)
    return await regions(request, "organiser", site_of(request).hall.overview(event.event))


async def sheet(request: Request) -> Response:
    """GET /o/EVENT/sheet: an A4 for each door; with `?for=staff` one for each moderator."""
    event = _event(request)
    staff = request.query_params.get("for") == "staff"
    return _html(request, "organiser/sheet.html", event=event, doors=doors(site_of(request), event), staff=staff)


async def command(request: Request) -> Response:
    """POST /o/EVENT/command: an organiser's command, carried out or refused."""
    event = event_of(request)
    giver = require(request, "organiser", event)
    async with request.form(max_files=0, max_fields=10) as form:
        asked = _asked({name: value for name, value in form.items() if isinstance(value, str)})
    outcome = await command_event(site_of(request), event, asked, who(site_of(request), giver))
    if outcome.code is not None:
        raise Refused(outcome.code, revision=outcome.revision)
    return RedirectResponse(f"/o/{event.event}", 303)


def _asked(fields: Mapping[str, str]) -> EventCommand:
    numbers = {name: int(value) if value.isdecimal() else None for name, value in fields.items()}
    try:
        verb, audience = EventVerb(fields["verb"]), Audience(fields.get("audience", Audience.MODERATORS))
    except (KeyError, ValueError):
        raise Refused(Code.MALFORMED) from None
    session, to, text = (fields.get(name, "") for name in ("session", "to", "text"))
    heads = (numbers.get("registered"), numbers.get("present"))
    id = fields.get("id") or secrets.token_hex(16)
    return EventCommand(id[:64], verb, numbers.get("based_on"), session, to, audience, text, *heads)


async def export(request: Request) -> Response:
    """GET /o/EVENT/export/FILE: results.xlsx, results.csv, texts.csv or results.json, of closed polls."""
    event, name = _event(request), request.path_params["file"]
    content = await asyncio.to_thread(_exported, site_of(request), event, name)
    if content is None:
        raise HTTPException(404)
    return file_to_keep(f"{event.event}-{name}", content)


def _event(request: Request) -> Event:
    event = event_of(request)
    require(request, "organiser", event)
    return event


def _certificates(site: Site, event: Event) -> list[Certificate]:
    with site.database.read() as connection:
        return certificates(connection, event.event)


def _exported(site: Site, event: Event, name: str) -> bytes | None:
    with site.database.read() as connection:
        kept = books(connection, event)
    for files in (write(kept) for write in FORMATS.values()):
        if name in files:
            return files[name]
    return None


def _html(request: Request, template: str, /, *, event: Event, **values: object) -> Response:
    language = language_of(request, event)
    return HTMLResponse(site_of(request).renderer.render(template, language, event=event, **values))


routes = [
    Route("/o/{event}", page, methods=["GET"]),
    Route("/o/{event}/regions", fetch, methods=["GET"]),
    Route("/o/{event}/command", command, methods=["POST"]),
    Route("/o/{event}/sheet", sheet, methods=["GET"]),
    Route("/o/{event}/export/{file}", export, methods=["GET"]),
]
