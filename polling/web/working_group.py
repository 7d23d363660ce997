"""A working group's page: its follow-up list, as page and files, and how far it is with each line of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from polling.core.errors import Code, Refused
from polling.core.event import Event, WorkingGroup
from polling.core.follow_up import HEADER, Line, Status
from polling.export import csv_bytes, xlsx_bytes
from polling.store.follow_up import Progress, follow_up, set_status
from polling.store.withdrawals import count_withdrawals
from polling.web.access import PAGES, may, require
from polling.web.site import Site, language_of, site_of
from polling.web.staff import event_of, file_to_keep

Rows = list[tuple[str | int, ...]]

FILES: Mapping[str, Callable[[Rows], bytes]] = {
    "csv": lambda rows: csv_bytes(HEADER, rows),
    "xlsx": lambda rows: xlsx_bytes({"follow-up": (HEADER, rows)}),
}
LINE_LENGTH = 64


async def page(request: Request) -> Response:
    """GET /w/EVENT/GROUP: the list."""
    event, group = _group(request)
    lines, withdrawn = await asyncio.to_thread(_lines_and_withdrawn, site_of(request), event, group)
    language = language_of(request, event)
    html = site_of(request).renderer.render(
        "working_group/list.html",
        language,
        event=event,
        group=group,
        lines=lines,
        withdrawn=withdrawn,
        statuses=tuple(Status),
        may_organise=may(request, "organiser", event.event),
    )
    return HTMLResponse(html, headers={"cache-control": "no-store"})


async def file(request: Request) -> Response:
    """GET /w/EVENT/GROUP/list.csv or list.xlsx: the same list for a spreadsheet."""
    event, group = _group(request)
    kind = request.path_params["kind"]
    if kind not in FILES:
        raise HTTPException(404)
    lines = await asyncio.to_thread(_lines, site_of(request), event, group)
    language = language_of(request, event)
    rows = [row for line in lines for row in line.rows(language)]
    return file_to_keep(f"{event.event}-{group.id}.{kind}", FILES[kind](rows))


async def status(request: Request) -> Response:
    """POST /w/EVENT/GROUP/status: open, taken or answered."""
    event, group = _group(request)
    async with request.form(max_files=0, max_fields=4) as form:
        line, said = form.get("line"), form.get("status")
    if not isinstance(line, str) or len(line) > LINE_LENGTH or said not in tuple(Status):
        raise Refused(Code.MALFORMED)
    progress = Progress(event, group.id, line, Status(str(said)))
    if not await site_of(request).writer.do(set_status, progress):
        raise Refused(Code.UNKNOWN_IDEA)
    return RedirectResponse(f"{PAGES['working-group'].format(event=event.event, session=group.id)}#{line}", 303)


def _group(request: Request) -> tuple[Event, WorkingGroup]:
    event = event_of(request)
    try:
        group = event.working_group(request.path_params["group"])
    except KeyError:
        raise HTTPException(404) from None
    require(request, "working-group", event, group)
    return event, group


def _lines(site: Site, event: Event, group: WorkingGroup) -> tuple[Line, ...]:
    with site.database.read() as connection:
        return follow_up(connection, event, group.id)


def _lines_and_withdrawn(site: Site, event: Event, group: WorkingGroup) -> tuple[tuple[Line, ...], int]:
    with site.database.read() as connection:
        return follow_up(connection, event, group.id), count_withdrawals(connection, event.event, group.id)


routes = [
    Route("/w/{event}/{group}", page, methods=["GET"]),
    Route("/w/{event}/{group}/list.{kind}", file, methods=["GET"]),
    Route("/w/{event}/{group}/status", status, methods=["POST"]),
]
