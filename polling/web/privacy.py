"""/privacy: what is kept of people and what is not, in plain words, from the settings in force. Needs no cookie."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from polling.core.event import Event
from polling.core.notice import notice
from polling.web.site import is_https, language_of, site_of


async def statement(request: Request) -> Response:
    """GET /privacy/EVENT."""
    event = site_of(request).hall.events.get(request.path_params["event"])
    if event is None:
        raise HTTPException(404)
    return _page(request, event)


async def in_general(request: Request) -> Response:
    """GET /privacy: the event's own statement where there is one event. Of several it tells no names."""
    events = list(site_of(request).hall.events)
    if len(events) == 1:
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"/privacy/{events[0]}{query}", 303)
    return _page(request, None)


def _page(request: Request, event: Event | None) -> Response:
    site = site_of(request)
    language = language_of(request, event)
    values: dict[str, object] = {"here": "/privacy", "modes": site.hall.modes}
    if event is not None:
        elsewhere = site.renderer.htmx_url.startswith("https://")
        parts = notice(event, encrypted=is_https(request), fetches_elsewhere=elsewhere)
        values = {"event": event, "here": f"/privacy/{event.event}", "notice": parts}
    return HTMLResponse(site.renderer.render("privacy/page.html", language, **values))


routes = [
    Route("/privacy", in_general, methods=["GET"]),
    Route("/privacy/{event}", statement, methods=["GET"]),
]
