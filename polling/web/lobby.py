"""The screen in the hall: how to join, how many are in, and the rooms while people are on their way to them."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from polling.core.regions.lobby import lobby_view
from polling.live.lobby import Lobby
from polling.web.access import require
from polling.web.regions import numbered, regions
from polling.web.site import language_of, site_of
from polling.web.staff import event_of


async def page(request: Request) -> Response:
    """GET /s/EVENT."""
    lobby = _lobby(request)
    state = await lobby.fresh()
    language = language_of(request, lobby.event)
    html = site_of(request).renderer.render(
        "presenter/hall.html", language, **numbered(lobby), view=lobby_view(state), here=f"/s/{lobby.event.event}"
    )
    return HTMLResponse(html)


async def fetch(request: Request) -> Response:
    """GET /s/EVENT/regions."""
    return await regions(request, "hall", _lobby(request))


def _lobby(request: Request) -> Lobby:
    event = event_of(request)
    require(request, "presenter", event)
    return site_of(request).hall.lobby(event.event)


routes = [
    Route("/s/{event}", page, methods=["GET"]),
    Route("/s/{event}/regions", fetch, methods=["GET"]),
]
