"""Whether the server lives, and whether it can do its work: for platforms and operators."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route


@dataclass
class Health:
    """What stands in the way of work now. An empty `state` is a server at work."""

    state: str = "starting"

    def at_work(self) -> None:
        """Started: the database is open and the rooms are read."""
        self.state = ""

    def stopping(self) -> None:
        """Takes no more work."""
        self.state = "stopping"


async def healthz(request: Request) -> PlainTextResponse:
    """The process answers."""
    return PlainTextResponse("ok\n")


async def readyz(request: Request) -> JSONResponse:
    """200 while it can take answers, else 503 and why. What is only to be known is among the warnings: a settle
    that waits for a reader is no reason to send people away."""
    site = getattr(request.app.state, "site", None)
    if site is None:
        return JSONResponse({"ready": False, "reasons": ["starting"], "warnings": []}, 503)
    reasons = [site.health.state] if site.health.state else []
    reasons += [] if site.writer.alive else ["the writer has stopped"]
    warnings = []
    if site.settler.owed:
        warnings.append("unsettled: the database file still tells the order of answers; it is tried again")
    edited = [event for event in site.hall.events if site.edits.is_news(event)]
    warnings += [f"{event}: its files were edited; what runs is as before, see /o/{event}/changes" for event in edited]
    return JSONResponse({"ready": not reasons, "reasons": reasons, "warnings": warnings}, 503 if reasons else 200)


routes = [Route("/healthz", healthz), Route("/readyz", readyz)]
