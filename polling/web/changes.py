"""The organiser's page of edited files: what they would change, what can't be, what is wrong; and one press to take
them in."""

from __future__ import annotations

import secrets

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from polling.core.errors import Code, Refused
from polling.core.event import Event
from polling.live.watching import Found
from polling.rendering import sentence
from polling.store.revisions import TakeIn, revise_events
from polling.web.access import require
from polling.web.edited import standing
from polling.web.errors import status_of
from polling.web.organiser import shown
from polling.web.site import language_of, site_of
from polling.web.staff import event_of, who

ID_LENGTH = 64


async def page(request: Request) -> Response:
    """GET /o/EVENT/changes. `?done=`: they were taken in by the press before this page."""
    event = event_of(request)
    require(request, "organiser", event)
    return await _page(request, event)


async def take_in(request: Request) -> Response:
    """POST /o/EVENT/changes: takes in what the page told. Where that has changed since, the page tells it anew."""
    site, event = site_of(request), event_of(request)
    giver = require(request, "organiser", event)
    async with request.form(max_files=0, max_fields=10) as form:
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
    found: Found = await site.edits.look(event.event)
    if found.event is None:
        return await _page(request, event)
    id = f"files-{fields.get('id') or secrets.token_hex(16)}"[:ID_LENGTH]
    asked = TakeIn(id, found.event, fields.get("expected", ""), who(site, giver))
    try:
        await site.writer.do(revise_events, asked)
    except Refused as refused:
        return await _page(request, event, refused)
    return RedirectResponse(f"/o/{event.event}/changes?done=1", 303)


async def _page(request: Request, event: Event, refused: Refused | None = None) -> Response:
    site = site_of(request)
    event = site.hall.events.get(event.event, event)
    told = None
    if refused is not None:
        told = None if refused.code is Code.STALE else sentence(refused.code, language_of(request, event))
    return shown(
        request,
        "organiser/changes.html",
        status_of(refused.code) if refused else 200,
        event=event,
        files=await standing(site, event, look=True),
        id=secrets.token_hex(16),
        done=bool(request.query_params.get("done")) and refused is None,
        stale=refused is not None and refused.code is Code.STALE,
        refused=told,
    )


routes = [
    Route("/o/{event}/changes", page, methods=["GET"]),
    Route("/o/{event}/changes", take_in, methods=["POST"]),
]
