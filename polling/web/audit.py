"""The list of commands for the organiser: who did what, about which question, when, and whether it was done."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from polling.core.event import Event
from polling.core.links import places
from polling.export import csv_bytes
from polling.store.command_rows import Given, commands_given
from polling.web.access import require
from polling.web.audit_words import Wording
from polling.web.moments import moment, moment_in_words
from polling.web.site import Site, language_of, site_of
from polling.web.staff import event_of, file_to_keep

PAGE_LENGTH = 100
LAST_PAGE = 10_000
WHOLE = "-"
"""In the place of a session's id: what was done with the event as a whole."""
HEADER = ("at", "who", "session", "session_title", "verb", "what", "about", "question", "outcome")


@dataclass(frozen=True)
class Told:
    """A command in words. `refused`: why it was not done, "" if it was."""

    when: str
    at: str
    who: str
    what: str
    session: str
    question: str
    refused: str


async def page(request: Request) -> Response:
    """GET /o/EVENT/audit: the newest first. `?session=`: of one session, `-` for the event; `?page=` goes back."""
    site, event = site_of(request), _event(request)
    language, session = language_of(request, event), _session(request, event)
    number = _page(request)
    given = await _given(site, event, session, (number - 1) * PAGE_LENGTH, PAGE_LENGTH + 1)
    words = Wording(event, [link for place in places(event) for link in site.links.of(event.event, *place)], language)
    html = site.renderer.render(
        "links/audit.html",
        language,
        event=event,
        lines=[_told(site, words, each) for each in given[:PAGE_LENGTH]],
        chosen=request.query_params.get("session", "") if session is not None else "",
        page=number,
        older=len(given) > PAGE_LENGTH,
    )
    return HTMLResponse(html, headers={"cache-control": "no-store"})


async def file(request: Request) -> Response:
    """GET /o/EVENT/audit.csv: the whole list, the oldest first, or that of one session."""
    site, event = site_of(request), _event(request)
    language, session = language_of(request, event), _session(request, event)
    words = Wording(event, [link for place in places(event) for link in site.links.of(event.event, *place)], language)
    given = await _given(site, event, session, 0, None)
    rows = [_row(site, words, each) for each in reversed(given)]
    return file_to_keep(f"{event.event}-audit.csv", csv_bytes(HEADER, rows))


def _told(site: Site, words: Wording, each: Given) -> Told:
    return Told(
        when=moment_in_words(site, each.at, words.language, seconds=True) if each.at else "",
        at=moment(site, each.at).isoformat(timespec="seconds") if each.at else "",
        who=words.who(each.who),
        what=words.what(each),
        session=words.session(each.session),
        question=words.question(each),
        refused=words.refused(each),
    )


def _row(site: Site, words: Wording, each: Given) -> tuple[str, ...]:
    told = _told(site, words, each)
    place = (each.session, told.session, each.verb, told.what)
    return (told.at, told.who, *place, each.about, told.question, each.code or "done")


async def _given(site: Site, event: Event, session: str | None, start: int, most: int | None) -> Sequence[Given]:
    def read() -> Sequence[Given]:
        with site.database.read() as connection:
            return commands_given(connection, event.event, session, start=start, most=most)

    return await asyncio.to_thread(read)


def _session(request: Request, event: Event) -> str | None:
    asked = request.query_params.get("session", "")
    if asked == WHOLE:
        return ""
    return asked if asked in {session.id for session in event.sessions} else None


def _page(request: Request) -> int:
    asked = request.query_params.get("page", "1")
    return min(max(int(asked), 1), LAST_PAGE) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 1


def _event(request: Request) -> Event:
    event = event_of(request)
    require(request, "organiser", event)
    return event


routes = [
    Route("/o/{event}/audit", page, methods=["GET"]),
    Route("/o/{event}/audit.csv", file, methods=["GET"]),
]
