"""What an organiser does from the control room: messages, sending people on, many rooms at once, answering a call."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from polling.core.errors import Code, Refused
from polling.core.event import Event, SessionPlan
from polling.core.event_state import BREAK_OUTS, Audience, EventCommand, EventState, EventVerb
from polling.core.poll import Command, Verb
from polling.core.regions.room import plan
from polling.core.together import Together, way_to
from polling.live.room import Room
from polling.rendering import sentence
from polling.store.command_rows import answered_before
from polling.store.event_states import event_state
from polling.web.access import require
from polling.web.commanding import command as carry_out
from polling.web.commanding import command_event
from polling.web.errors import status_of, wants_json
from polling.web.organiser import organised, shown
from polling.web.site import Site, language_of, site_of
from polling.web.staff import event_of, who

ID_LENGTH = 64
FIELDS = 250
"""As many sessions as an event can have, and the rest of the form."""
SENDING = frozenset({EventVerb.SEND, EventVerb.SEND_ROOM, EventVerb.MOVE_ROOM, EventVerb.END})
PAGES = frozenset({"", "messages", "send"})
"""Where a form may lead back to."""


# everyone at once


async def messages(request: Request) -> Response:
    """GET /o/EVENT/messages: what stands on phones, screens and moderators' pages, and a form for each."""
    event = organised(request)
    whole = await asyncio.to_thread(_whole, site_of(request), event)
    return shown(
        request, "organiser/messages.html", event=event, whole=whole, audiences=tuple(Audience), **_told(request)
    )


async def send(request: Request) -> Response:
    """GET /o/EVENT/send: where people can be sent; with `?verb=` what that would do, and the button that does it."""
    site, event = site_of(request), organised(request)
    whole = await asyncio.to_thread(_whole, site, event)
    values: dict[str, Any] = {"event": event, "whole": whole, "all": BREAK_OUTS} | _told(request)
    verb = next((verb for verb in SENDING if verb == request.query_params.get("verb")), None)
    if verb is None:
        return shown(request, "organiser/send.html", **values)
    room, to = (_named(event, request.query_params.get(name, "")) for name in ("session", "to"))
    everyone = request.query_params.get("to") == BREAK_OUTS
    if (verb is EventVerb.SEND and not (to or everyone)) or (verb.endswith("_room") and not (room and to)):
        raise Refused(Code.UNKNOWN_SESSION)
    there: dict[str, Any] = {
        "verb": verb,
        "room": room,
        "to": to,
        "everyone": everyone,
        "people": _people(site, event, room),
    }
    return shown(request, "organiser/sure.html", **values, **there, id=secrets.token_hex(16))


async def command(request: Request) -> Response:
    """POST /o/EVENT/command: an organiser's command about the event as a whole, carried out or refused."""
    site, event = site_of(request), event_of(request)
    giver = require(request, "organiser", event)
    async with request.form(max_files=0, max_fields=12) as form:
        fields = _texts(form)
    asked = _asked(fields)
    outcome = await command_event(site, event, asked, who(site, giver))
    if wants_json(request):
        return _json(asked.id, outcome.revision, outcome.code, language_of(request, event))
    back = fields.get("back", "")
    told = f"refused={outcome.code}" if outcome.code else f"done={asked.verb}"
    return RedirectResponse(f"/o/{event.event}{'/' + back if back in PAGES and back else ''}?{told}", 303)


def _asked(fields: Mapping[str, str]) -> EventCommand:
    numbers = {name: int(value) for name, value in fields.items() if value.isdecimal() and len(value) < 16}
    try:
        verb, audience = EventVerb(fields["verb"]), Audience(fields.get("audience", Audience.MODERATORS))
    except (KeyError, ValueError):
        raise Refused(Code.MALFORMED) from None
    session, to, text = (fields.get(name, "") for name in ("session", "to", "text"))
    heads = (numbers.get("registered"), numbers.get("present"))
    return EventCommand(_id(fields), verb, numbers.get("based_on"), session, to, audience, text, *heads)


# many rooms


@dataclass(frozen=True)
class Done:
    """What became of a room; `code`: why it stayed as it was."""

    session: SessionPlan
    code: Code | None


async def together(request: Request) -> Response:
    """GET /o/EVENT/together: choose rooms and what to do in all of them; `?do=` fills the button of it."""
    site, event = site_of(request), organised(request)
    board = await site.hall.overview(event.event).fresh()
    asked = next((each for each in Together if each == request.query_params.get("do")), None)
    chosen = {line.session.id for line in board.lines if _people_are_in(line.session, board.figures.at)}
    values: dict[str, Any] = {"lines": board.lines, "chosen": chosen, "asked": asked, "id": secrets.token_hex(16)}
    return shown(request, "organiser/together.html", event=event, **values)


def _people_are_in(session: SessionPlan, at: str) -> bool:
    return at in ("", session.id) or (at == BREAK_OUTS and session.kind == "break-out")


async def do_together(request: Request) -> Response:
    """POST /o/EVENT/together: done in each room that was chosen, or refused there; the answer lists both."""
    site, event = site_of(request), event_of(request)
    giver = require(request, "organiser", event)
    async with request.form(max_files=0, max_fields=FIELDS) as form:
        fields, chosen = _texts(form), {str(each) for each in form.getlist("session")}
    try:
        asked = Together(fields.get("do", ""))
    except ValueError:
        raise Refused(Code.MALFORMED) from None
    rooms = [site.hall.room(event.event, each.id) for each in event.sessions if each.id in chosen]
    id, by = _id(fields), who(site, giver)
    done = await asyncio.gather(*(_in_room(site, room, asked, f"{id}/{room.session.id}", by) for room in rooms))
    if wants_json(request):
        language = language_of(request, event)
        lines = [_answer(each.session.id, each.code, language) for each in done]
        return JSONResponse({"type": "done", "id": id, "sessions": lines})
    return shown(request, "organiser/done.html", event=event, asked=asked, done=done)


async def _in_room(site: Site, room: Room, asked: Together, id: str, by: str) -> Done:
    """Takes one room there, from where it is now. The same form sent again is answered and does nothing."""
    ids = [hashlib.sha256(f"{id}/{step}".encode()).hexdigest()[:32] for step in range(2)]
    before = await asyncio.to_thread(_answered, site, room, ids)
    if before is not None:
        return Done(room.session, before[1])
    state = (await room.fresh()).state
    way = way_to(plan(room.event, room.session.id), state, asked)
    if isinstance(way, Code):
        return Done(room.session, way)
    revision = state.revision
    for step, (verb, poll) in zip(ids, way, strict=False):
        outcome = await carry_out(site, room, Command(step, verb, revision, poll), by)
        if outcome.code is not None:
            return Done(room.session, outcome.code)
        revision = outcome.revision
    return Done(room.session, None)


def _answered(site: Site, room: Room, ids: list[str]) -> tuple[int, Code | None] | None:
    with site.database.read() as connection:
        found = [answered_before(connection, room.event.event, room.session.id, id) for id in ids]
    return next((each for each in reversed(found) if each is not None), None)


async def on_my_way(request: Request) -> Response:
    """POST /o/EVENT/on-my-way: answers a moderator's call."""
    site, event = site_of(request), event_of(request)
    giver = require(request, "organiser", event)
    async with request.form(max_files=0, max_fields=4) as form:
        fields = _texts(form)
    session = _named(event, fields.get("session", ""))
    if session is None:
        raise Refused(Code.UNKNOWN_SESSION)
    room = site.hall.room(event.event, session.id)
    id = _id(fields)
    outcome = await carry_out(site, room, Command(id, Verb.CALL_OFF, 0), who(site, giver))
    if wants_json(request):
        return _json(id, outcome.revision, outcome.code, language_of(request, event))
    return RedirectResponse(f"/o/{event.event}", 303)


# shared


def _texts(form: FormData) -> dict[str, str]:
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _id(fields: Mapping[str, str]) -> str:
    return fields.get("id", "")[:ID_LENGTH] or secrets.token_hex(16)


def _named(event: Event, session: str) -> SessionPlan | None:
    with suppress(KeyError):
        return event.session(session)
    return None


def _people(site: Site, event: Event, session: SessionPlan | None) -> int:
    """How many phones are connected in a session; without one, in all."""
    rooms = [session] if session else event.sessions
    return sum(site.hall.room(event.event, each.id).present for each in rooms)


def _whole(site: Site, event: Event) -> EventState:
    with site.database.read() as connection:
        return event_state(connection, event)


def _told(request: Request) -> dict[str, Any]:
    """What became of the form before this page."""
    refused, done = (request.query_params.get(name, "") for name in ("refused", "done"))
    return {"refused": refused if refused in set(Code) else "", "done": done if done in set(EventVerb) else ""}


def _json(id: str, revision: int, code: Code | None, language: str) -> Response:
    if code is None:
        return JSONResponse({"type": "done", "id": id, "revision": revision})
    told = {"type": "refused", "id": id, "revision": revision, "code": code, "message": sentence(code, language)}
    return JSONResponse(told, status_of(code))


def _answer(session: str, code: Code | None, language: str) -> dict[str, str]:
    return {"session": session} | ({"code": code.value, "message": sentence(code, language)} if code else {})


routes = [
    Route("/o/{event}/messages", messages, methods=["GET"]),
    Route("/o/{event}/send", send, methods=["GET"]),
    Route("/o/{event}/command", command, methods=["POST"]),
    Route("/o/{event}/together", together, methods=["GET"]),
    Route("/o/{event}/together", do_together, methods=["POST"]),
    Route("/o/{event}/on-my-way", on_my_way, methods=["POST"]),
]
