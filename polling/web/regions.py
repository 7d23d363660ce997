"""A page's regions by HTTP: the values of its first paint, and the way round where no WebSocket gets through."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from polling.core.event_state import Audience
from polling.core.regions.notice import notice_of
from polling.live.frame import REGIONS, Body, Frame, html_body, json_body
from polling.live.lobby import Lobby
from polling.live.overview import Overview
from polling.live.room import Room
from polling.web.errors import wants_json
from polling.web.site import language_of, site_of


def numbered(watched: Room | Overview | Lobby) -> dict[str, Any]:
    """What each region's template is given beside its `view`. Right after `fresh()`, so that number and state agree."""
    numbers = {"epoch": watched.epoch, "revision": watched.revision, "clock": clock()}
    if isinstance(watched, Overview):
        return {**watched.facts, **numbers}
    notices = {audience.value: notice_of(watched.state.whole, audience) for audience in Audience}
    return {**watched.facts, **numbers, "notices": notices}


def clock() -> float:
    """The server's own clock, which timers end by; it never jumps."""
    return round(time.monotonic(), 2)


async def regions(request: Request, role: str, watched: Room | Overview | Lobby) -> Response:
    """All regions of the role's page as they are now: HTML one after the other, or JSON frames in a list."""
    state = await watched.fresh()
    revision, facts = watched.revision, {**watched.facts, "epoch": watched.epoch}
    if wants_json(request):
        bodies = [json_body(each, facts, each.view(state)) for each in REGIONS[role]]
        return Response(f"[{','.join(_texts(role, revision, bodies))}]", 200, _told(), "application/json")
    language = language_of(request, watched.event)
    renderer = site_of(request).renderer
    bodies = await asyncio.to_thread(
        lambda: [html_body(renderer, each, language, facts, each.view(state)) for each in REGIONS[role]]
    )
    return HTMLResponse("\n".join(_texts(role, revision, bodies)), 200, _told())


def _told() -> dict[str, str]:
    return {"Polling-Clock": str(clock())}


def _texts(role: str, revision: int, bodies: Sequence[Body]) -> list[str]:
    return [Frame(each.name, revision, body).text for each, body in zip(REGIONS[role], bodies, strict=True)]
