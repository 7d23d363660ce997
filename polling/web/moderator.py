"""The moderator's page, and its commands by form: the same with JavaScript, without it, and sent twice."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from polling.core.errors import Code, Refused
from polling.core.event_state import EventCommand, EventVerb
from polling.core.poll import Command, PollKey, SessionState, Verb
from polling.core.regions.moderator import actions_view, head_view, now_view, order_view, tools_view
from polling.live.room import Room
from polling.rendering import sentence
from polling.store.sessions import Outcome
from polling.web.access import PAGES, require
from polling.web.commanding import command as carry_out
from polling.web.commanding import command_event
from polling.web.errors import status_of, wants_json
from polling.web.regions import numbered, regions
from polling.web.site import Site, language_of, site_of
from polling.web.staff import room_of, who
from polling.web.too_late import who_did, why_refused

ID_LENGTH = 64
LARGEST_REVISION = 2**53


async def page(request: Request) -> Response:
    """GET /m/EVENT/SESSION. `?refused=`: why the form before this page was refused. `?still=1`: without a script the
    page doesn't renew itself, so that what is opened stays open."""
    room = _room(request)
    site, language = site_of(request), language_of(request, room.event)
    state = await room.fresh()
    html = site.renderer.render(
        "moderator/room.html",
        language,
        **numbered(room),
        head=head_view(state),
        now=now_view(state),
        order=order_view(state),
        tools=tools_view(state),
        actions=actions_view(state),
        refused=await _told(site, room, state.state, request.query_params.get("refused", ""), language),
        still="still" in request.query_params,
    )
    return HTMLResponse(html)


async def command(request: Request) -> Response:
    """POST /m/EVENT/SESSION/command: carried out or refused; either is an answer."""
    room = room_of(request)
    giver = require(request, "moderator", room.event, room.session)
    site, language = site_of(request), language_of(request, room.event)
    asked = _asked(await _fields(request))
    outcome = await carry_out(site, room, asked, who(site, giver))
    if wants_json(request):
        message = await why_refused(site, room, outcome, language)
        return _json(outcome.code, outcome.revision, asked.id, message)
    return _back(request, room, outcome.code)


async def send(request: Request) -> Response:
    """POST /m/EVENT/SESSION/send: the people of this room to another session, or no longer where `to` is this one."""
    room = room_of(request)
    giver = require(request, "moderator", room.event, room.session)
    site, language, fields = site_of(request), language_of(request, room.event), await _fields(request)
    id = fields.get("id") or secrets.token_hex(16)
    if len(id) > ID_LENGTH:
        raise Refused(Code.MALFORMED)
    asked = EventCommand(id, EventVerb.SEND_ROOM, None, room.session.id, fields.get("to", ""))
    outcome = await command_event(site, room.event, asked, who(site, giver))
    if wants_json(request):
        message = sentence(outcome.code, language, session=asked.to[:60]) if outcome.code else ""
        return _json(outcome.code, outcome.revision, id, message)
    return _back(request, room, outcome.code)


async def done(request: Request) -> Response:
    """GET /m/EVENT/SESSION/done?revision=…: who did what made this revision, in words."""
    room, typed = _room(request), request.query_params.get("revision", "")
    if not typed.isdecimal() or int(typed) > LARGEST_REVISION:
        raise Refused(Code.MALFORMED)
    message = await who_did(site_of(request), room, int(typed), language_of(request, room.event))
    return JSONResponse({"message": message}, headers={"cache-control": "no-store"})


async def fetch(request: Request) -> Response:
    """GET /m/EVENT/SESSION/regions."""
    return await regions(request, "moderator", _room(request))


def _room(request: Request) -> Room:
    room = room_of(request)
    require(request, "moderator", room.event, room.session)
    return room


async def _fields(request: Request) -> dict[str, str]:
    async with request.form(max_files=0, max_fields=10) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


def _asked(fields: Mapping[str, str]) -> Command:
    """The command in a form. Frames are shared, so they hold no id: the script draws one for each press; without a
    script the same form sent twice has the same id by what it asks for."""
    try:
        verb, based_on = Verb(fields["verb"]), int(fields["based_on"])
    except (KeyError, ValueError):
        raise Refused(Code.MALFORMED) from None
    poll = PollKey.from_text(fields["poll"]) if fields.get("poll") else None
    id, idea, group, twin = about = [fields.get(name, "") for name in ("id", "idea", "group", "twin")]
    seconds, closes = fields.get("seconds", "0"), fields.get("closes", "")
    if not 0 <= based_on <= LARGEST_REVISION or any(len(value) > ID_LENGTH for value in (*about, seconds)):
        raise Refused(Code.MALFORMED)
    id = id or _id_of(verb, based_on, poll, *about[1:], seconds, closes)
    return Command(id, verb, based_on, poll, idea, group, twin, whole_number(seconds), closes == "on")


def whole_number(typed: str) -> int:
    """A number as people type it, minus sign included; raises `Refused`."""
    try:
        return int(typed)
    except ValueError:
        raise Refused(Code.BAD_NUMBER) from None


def _id_of(verb: Verb, based_on: int, poll: PollKey | None, *about: str) -> str:
    asked = "\n".join((verb, str(based_on), str(poll or ""), *about))
    return "form-" + hashlib.sha256(asked.encode()).hexdigest()[:32]


def _back(request: Request, room: Room, code: Code | None) -> Response:
    """To the page again, after a form; held still if it was."""
    query = {"refused": code.value} if code else {}
    if "still=1" in urlsplit(request.headers.get("referer", "")).query.split("&"):
        query["still"] = "1"
    address = PAGES["moderator"].format(event=room.event.event, session=room.session.id)
    return RedirectResponse(f"{address}?{urlencode(query)}" if query else address, 303)


def _json(code: Code | None, revision: int, id: str, message: str) -> Response:
    if code is None:
        return JSONResponse({"type": "done", "id": id, "revision": revision})
    told = {"type": "refused", "id": id, "revision": revision, "code": code, "message": message}
    return JSONResponse(told, status_of(code))


async def _told(site: Site, room: Room, state: SessionState, code: str, language: str) -> str:
    """Why the form before was refused, in words."""
    with suppress(ValueError):
        return await why_refused(site, room, Outcome(state.revision, Code(code), state), language)
    return ""


routes = [
    Route("/m/{event}/{session}", page, methods=["GET"]),
    Route("/m/{event}/{session}/command", command, methods=["POST"]),
    Route("/m/{event}/{session}/send", send, methods=["POST"]),
    Route("/m/{event}/{session}/done", done, methods=["GET"]),
    Route("/m/{event}/{session}/regions", fetch, methods=["GET"]),
]
