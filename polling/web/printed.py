"""What the organiser prints, as PDF: sheets for the doors, sheets for staff, cards for the break-outs."""

from __future__ import annotations

import asyncio

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from polling.core.cards import MOST_CARDS, deal, how_many
from polling.core.event import Event
from polling.printing.doors import Door
from polling.web.access import require
from polling.web.site import language_of, site_of
from polling.web.staff import doors, event_of


async def sheets(request: Request) -> Response:
    """GET /o/EVENT/sheets.pdf: an A4 for each door; with `?for=staff` one for each moderator, to be kept private."""
    event = _event(request)
    staff = request.query_params.get("for") == "staff"
    ways = _doors(request, event, staff=staff)
    content = await asyncio.to_thread(_sheets, event, ways, language_of(request, event), staff)
    return _shown(f"{event.event}-{'staff' if staff else 'sheets'}.pdf", content)


async def cards(request: Request) -> Response:
    """GET /o/EVENT/cards.pdf: so many cards (`?number=`) that lead to break-outs; 404 where there are none."""
    event = _event(request)
    if not event.break_out_sessions:
        raise HTTPException(404)
    asked = request.query_params.get("number", "")
    number = min(int(asked), MOST_CARDS) if asked.isdecimal() and len(asked) < 9 and int(asked) else how_many(event)
    content = await asyncio.to_thread(
        _cards, event, _doors(request, event, staff=False), number, language_of(request, event)
    )
    return _shown(f"{event.event}-cards.pdf", content)


def _event(request: Request) -> Event:
    event = event_of(request)
    require(request, "organiser", event)
    return event


def _doors(request: Request, event: Event, *, staff: bool) -> list[Door]:
    ways = doors(site_of(request), event)
    private = [(way.moderator, way.presenter) if staff else ("", "") for way in ways]
    return [Door(way.session, way.code, way.join_url, *links) for way, links in zip(ways, private, strict=True)]


def _sheets(event: Event, ways: list[Door], language: str, staff: bool) -> bytes:
    from polling.printing.sheets import sheets_pdf  # not at start: its library takes a while to load

    return sheets_pdf(event, ways, language, staff=staff)


def _cards(event: Event, ways: list[Door], number: int, language: str) -> bytes:
    from polling.printing.cards import cards_pdf  # not at start: its library takes a while to load

    by_room = {way.session.id: way for way in ways if way.session}
    return cards_pdf(event, [by_room[room.id] for room in deal(event, number)], language)


def _shown(name: str, content: bytes) -> Response:
    """A file that the browser shows, to be printed from there. Names hold ids only, so that they need no quoting."""
    headers = {"content-disposition": f'inline; filename="{name}"', "cache-control": "no-store"}
    return Response(content, headers=headers, media_type="application/pdf")


routes = [
    Route("/o/{event}/sheets.pdf", sheets, methods=["GET"]),
    Route("/o/{event}/cards.pdf", cards, methods=["GET"]),
]
