"""Attendance: who registered and who came, typed in or counted at the door; and the funnels that come of it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from polling.core.errors import Code, Refused
from polling.core.event import Event, SessionPlan
from polling.core.event_state import Attendance, EventCommand, EventState, EventVerb
from polling.core.results.funnel import Funnel
from polling.rendering import sentence
from polling.store.board_rows import stored_funnels
from polling.store.event_states import event_state
from polling.store.reading import outcomes
from polling.web.access import require
from polling.web.commanding import command_event
from polling.web.errors import status_of
from polling.web.organiser import organised, shown
from polling.web.site import Site, language_of, site_of
from polling.web.staff import event_of, who

MOST_DIGITS = 6
FIELDS = 410
"""Two for each session an event can have, two for the event, and the rest."""
STEPS = frozenset({"1", "5", "-1"})
TRIES = 5
"""Someone else may count at another door at the same moment."""


@dataclass(frozen=True)
class Line:
    """Heads of a session, or of the event as a whole (`session` None), as they are typed. `phones`: seen there now."""

    session: SessionPlan | None
    registered: str
    present: str
    phones: int


async def page(request: Request) -> Response:
    """GET /o/EVENT/attendance; with `?count=SESSION` (empty: the event) the page to count with at a door."""
    site, event = site_of(request), organised(request)
    whole = await asyncio.to_thread(_whole, site, event)
    counted = request.query_params.get("count")
    if counted is not None:
        session = _session(event, counted) if counted else None
        heads = whole.attendance.get(counted, Attendance())
        return shown(request, "organiser/count.html", event=event, session=session, number=heads.present or 0)
    return _page(request, event, whole)


async def save(request: Request) -> Response:
    """POST /o/EVENT/attendance: all that was typed. One that is no number, and nothing is saved."""
    site, event = site_of(request), event_of(request)
    giver = require(request, "organiser", event)
    async with request.form(max_files=0, max_fields=FIELDS) as form:
        fields = {name: value.strip() for name, value in form.items() if isinstance(value, str)}
    whole = await asyncio.to_thread(_whole, site, event)
    try:
        changed = list(_changed(event, whole, fields))
    except Refused as refused:
        return _page(request, event, whole, fields, refused)
    for session, heads in changed:
        asked = EventCommand(secrets.token_hex(16), EventVerb.ATTENDANCE, session=session, **heads.model_dump())
        await command_event(site, event, asked, who(site, giver))
    return RedirectResponse(f"/o/{event.event}/attendance?saved=1", 303)


async def count(request: Request) -> Response:
    """POST /o/EVENT/attendance/count: one more, or a few, at a door. Two who count at once lose nobody."""
    site, event = site_of(request), event_of(request)
    giver = require(request, "organiser", event)
    async with request.form(max_files=0, max_fields=4) as form:
        session, step = str(form.get("session", "")), str(form.get("by", ""))
    if step not in STEPS:
        raise Refused(Code.BAD_NUMBER)
    if session:
        _session(event, session)
    for _ in range(TRIES):
        whole = await asyncio.to_thread(_whole, site, event)
        heads = whole.attendance.get(session, Attendance())
        asked = replace(
            EventCommand(secrets.token_hex(16), EventVerb.ATTENDANCE, whole.revision, session),
            registered=heads.registered,
            present=max(0, (heads.present or 0) + int(step)),
        )
        outcome = await command_event(site, event, asked, who(site, giver))
        if outcome.code is None:
            return RedirectResponse(f"/o/{event.event}/attendance?count={session}", 303)
    raise Refused(Code.BUSY)


async def funnel(request: Request) -> Response:
    """GET /o/EVENT/funnel: for each closed question who registered, came, joined and answered."""
    event = organised(request)
    found = await asyncio.to_thread(_funnels, site_of(request), event)
    sessions = [(session, [each for each in found if each.session == session.id]) for session in event.sessions]
    return shown(request, "organiser/funnel.html", event=event, sessions=[each for each in sessions if each[1]])


def _page(
    request: Request,
    event: Event,
    whole: EventState,
    typed: Mapping[str, str] | None = None,
    refused: Refused | None = None,
) -> Response:
    site = site_of(request)
    told = sentence(refused.code, language_of(request, event)) if refused else ""
    saved = request.query_params.get("saved") == "1"
    lines = list(_lines(site, event, whole, typed or {}))
    return shown(
        request,
        "organiser/attendance.html",
        status_of(refused.code) if refused else 200,
        event=event,
        lines=lines,
        refused=told,
        saved=saved,
    )


def _lines(site: Site, event: Event, whole: EventState, typed: Mapping[str, str]) -> Iterator[Line]:
    for session in (None, *event.sessions):
        id = session.id if session else ""
        heads = whole.attendance.get(id, Attendance())
        rooms = [session] if session else event.sessions
        phones = sum(site.hall.room(event.event, each.id).present for each in rooms)
        kept = ("" if number is None else str(number) for number in (heads.registered, heads.present))
        registered, present = (
            typed.get(f"{name}.{id}", old) for name, old in zip(("registered", "present"), kept, strict=True)
        )
        yield Line(session, registered, present, phones)


def _changed(event: Event, whole: EventState, fields: Mapping[str, str]) -> Iterator[tuple[str, Attendance]]:
    """What is not as it was; raises `Refused`."""
    for id in ("", *(session.id for session in event.sessions)):
        old = whole.attendance.get(id, Attendance())
        heads = Attendance(
            registered=_number(fields.get(f"registered.{id}"), old.registered),
            present=_number(fields.get(f"present.{id}"), old.present),
        )
        if heads != old:
            yield id, heads


def _number(typed: str | None, old: int | None) -> int | None:
    """A count of heads; None: not known. A field that was not sent stays as it was."""
    if typed is None:
        return old
    if not typed:
        return None
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= MOST_DIGITS):
        raise Refused(Code.BAD_NUMBER)
    return int(typed)


def _session(event: Event, session: str) -> SessionPlan:
    try:
        return event.session(session)
    except KeyError:
        raise Refused(Code.UNKNOWN_SESSION) from None


def _whole(site: Site, event: Event) -> EventState:
    with site.database.read() as connection:
        return event_state(connection, event)


def _funnels(site: Site, event: Event) -> list[Funnel]:
    with site.database.read() as connection:
        return stored_funnels(connection, event, outcomes(connection, event))


routes = [
    Route("/o/{event}/attendance", page, methods=["GET"]),
    Route("/o/{event}/attendance", save, methods=["POST"]),
    Route("/o/{event}/attendance/count", count, methods=["POST"]),
    Route("/o/{event}/funnel", funnel, methods=["GET"]),
]
