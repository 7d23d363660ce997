"""The big screen. It shows and does nothing by itself; a clicker moves the session where this browser may do that."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from polling.core.regions.room import timer_view
from polling.core.regions.screen import screen_view
from polling.live.room import Room
from polling.web.access import may, require
from polling.web.regions import numbered, regions
from polling.web.site import language_of, site_of
from polling.web.staff import room_of


async def page(request: Request) -> Response:
    """GET /s/EVENT/SESSION."""
    room = _room(request)
    state = await room.fresh()
    may_command = may(request, "moderator", room.event.event, room.session.id)
    html = site_of(request).renderer.render(
        "presenter/screen.html",
        language_of(request, room.event),
        **numbered(room),
        view=screen_view(state),
        timer=timer_view(state),
        may_command=may_command,
    )
    return HTMLResponse(html)


async def fetch(request: Request) -> Response:
    """GET /s/EVENT/SESSION/regions."""
    return await regions(request, "presenter", _room(request))


def _room(request: Request) -> Room:
    room = room_of(request)
    require(request, "presenter", room.event, room.session)
    return room


routes = [
    Route("/s/{event}/{session}", page, methods=["GET"]),
    Route("/s/{event}/{session}/regions", fetch, methods=["GET"]),
]
