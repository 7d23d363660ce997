"""The organiser's board of all rooms; what is printed and handed out beforehand, and what is taken along afterwards."""

from __future__ import annotations

import asyncio

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from polling.core.certificate import Certificate
from polling.core.event import Event
from polling.core.event_state import EventVerb
from polling.export import FORMATS
from polling.store.books import books
from polling.store.retention import certificates
from polling.web.access import require
from polling.web.regions import numbered, regions
from polling.web.site import Site, language_of, site_of
from polling.web.staff import doors, event_of, file_to_keep, link


async def page(request: Request) -> Response:
    """GET /o/EVENT: the board. `?done=`: what the form before this page did."""
    site, event = site_of(request), organised(request)
    overview = site.hall.overview(event.event)
    view = await overview.fresh()
    done = request.query_params.get("done", "")
    return shown(
        request,
        "organiser/event.html",
        **numbered(overview),
        view=view,
        done=done if done in set(EventVerb) else "",
    )


async def fetch(request: Request) -> Response:
    """GET /o/EVENT/regions."""
    event = organised(request)
    return await regions(request, "organiser", site_of(request).hall.overview(event.event))


async def before(request: Request) -> Response:
    """GET /o/EVENT/before: what is printed and handed out beforehand."""
    return shown(request, "organiser/preparing.html", event=organised(request))


async def results(request: Request) -> Response:
    """GET /o/EVENT/results: exports, the working groups' lists, and what is erased when."""
    site, event = site_of(request), organised(request)
    return shown(
        request,
        "organiser/results.html",
        event=event,
        me_link=f"{site.settings.base_url}/me",
        files=await asyncio.to_thread(_files, site, event),
        certificates=await asyncio.to_thread(_certificates, site, event),
        group_links={group.id: link(site, "working-group", event.event, group.id) for group in event.working_groups},
    )


async def sheet(request: Request) -> Response:
    """GET /o/EVENT/sheet: an A4 for each door; with `?for=staff` one for each moderator."""
    event = organised(request)
    staff = request.query_params.get("for") == "staff"
    return shown(request, "organiser/sheet.html", event=event, doors=doors(site_of(request), event), staff=staff)


async def export(request: Request) -> Response:
    """GET /o/EVENT/export/FILE: results.xlsx, results.csv, texts.csv, results.json and so on, of closed polls."""
    event, name = organised(request), request.path_params["file"]
    files = await asyncio.to_thread(_files, site_of(request), event)
    if name not in files:
        raise HTTPException(404)
    return file_to_keep(f"{event.event}-{name}", files[name])


def organised(request: Request) -> Event:
    """The event of the address, for its organiser only."""
    event = event_of(request)
    require(request, "organiser", event)
    return event


def shown(request: Request, template: str, /, status: int = 200, *, event: Event, **values: object) -> Response:
    """A page of the organiser's."""
    here = request.url.path.removeprefix(f"/o/{event.event}").strip("/")
    language = language_of(request, event)
    page = site_of(request).renderer.render(template, language, event=event, **{"here": here} | values)
    return HTMLResponse(page, status)


def _certificates(site: Site, event: Event) -> list[Certificate]:
    with site.database.read() as connection:
        return certificates(connection, event.event)


def _files(site: Site, event: Event) -> dict[str, bytes]:
    """All exports, by their names."""
    with site.database.read() as connection:
        kept = books(connection, event)
    return {name: content for write in FORMATS.values() for name, content in write(kept).items()}


routes = [
    Route("/o/{event}", page, methods=["GET"]),
    Route("/o/{event}/regions", fetch, methods=["GET"]),
    Route("/o/{event}/before", before, methods=["GET"]),
    Route("/o/{event}/results", results, methods=["GET"]),
    Route("/o/{event}/sheet", sheet, methods=["GET"]),
    Route("/o/{event}/export/{file}", export, methods=["GET"]),
]
