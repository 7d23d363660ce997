"""The run of show: all sessions with their planned times, what runs side by side, and the moderators' scripts."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from polling.core.running_order import clock, planned, timetable
from polling.web.access import require
from polling.web.site import language_of, site_of
from polling.web.staff import event_of


async def page(request: Request) -> Response:
    """GET /o/EVENT/run: to be read and printed by the organiser."""
    event = event_of(request)
    require(request, "organiser", event)
    plans = [planned(event, session.id) for session in event.sessions]
    values = {"event": event, "plans": plans, "blocks": timetable(plans), "clock": clock}
    return HTMLResponse(site_of(request).renderer.render("organiser/run.html", language_of(request, event), **values))


routes = [Route("/o/{event}/run", page, methods=["GET"])]
