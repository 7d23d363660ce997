"""A page's regions by HTTP: the values of its first paint, and the way round where no WebSocket gets through."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from polling.live.frame import REGIONS, Frame, html_body, json_body
from polling.live.overview import Overview
from polling.live.room import Room
from polling.web.errors import wants_json
from polling.web.site import language_of, site_of


def numbered(watched: Room | Overview) -> dict[str, Any]:
    """What each region's template is given beside its `view`. Right after `fresh()`, so that number and state agree."""
    return {**watched.facts, "epoch": watched.epoch, "revision": watched.revision}


async def regions(request: Request, role: str, watched: Room | Overview) -> Response:
    """All regions of the role's page as they are now: HTML one after the other, or JSON frames in a list."""
    state = await watched.fresh()
    language = language_of(request, watched.event)
    facts = numbered(watched)
    if wants_json(request):
        frames = [
            Frame(each.name, watched.revision, json_body(each, facts, each.view(state))) for each in REGIONS[role]
        ]
        return Response(f"[{','.join(frame.text for frame in frames)}]", media_type="application/json")
    return HTMLResponse(await run_in_threadpool(_html, request, role, language, facts, state))


def _html(request: Request, role: str, language: str, facts: Mapping[str, Any], state: object) -> str:
    renderer = site_of(request).renderer
    revision = facts["revision"]
    frames = [
        Frame(each.name, revision, html_body(renderer, each, language, facts, each.view(state)))
        for each in REGIONS[role]
    ]
    return "\n".join(frame.text for frame in frames)
