"""The moderator's page, and its commands by form: the same with JavaScript, without it, and sent twice."""

from __future__ import annotations

import hashlib
from contextlib import suppress

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from polling.core.errors import Code, Refused
from polling.core.poll import Command, PollKey, Verb
from polling.core.regions.moderator import moderator_view
from polling.live.room import Room
from polling.rendering import sentence
from polling.store.sessions import Outcome
from polling.web.access import PAGES, may, require
from polling.web.commanding import command as carry_out
from polling.web.errors import status_of, wants_json
from polling.web.regions import numbered, regions
from polling.web.site import language_of, site_of
from polling.web.staff import room_of, who

ID_LENGTH = 64
LARGEST_REVISION = 2**53


async def page(request: Request) -> Response:
    """GET /m/EVENT/SESSION. `?refused=`: why the form before this page was refused."""
    room = _room(request)
    language = language_of(request, room.event)
    view = moderator_view(await room.fresh())
    html = site_of(request).renderer.render(
        "moderator/room.html",
        language,
        **numbered(room),
        view=view,
        may_present=may(request, "presenter", room.event.event, room.session.id),
        refused=_told(request.query_params.get("refused", ""), language),
    )
    return HTMLResponse(html)


async def command(request: Request) -> Response:
    """POST /m/EVENT/SESSION/command: carried out or refused; either is an answer."""
    room = room_of(request)
    giver = require(request, "moderator", room.event, room.session)
    async with request.form(max_files=0, max_fields=10) as form:
        asked = _asked(form)
    outcome = await carry_out(site_of(request), room, asked, who(site_of(request), giver))
    if wants_json(request):
        return _json(outcome, asked, language_of(request, room.event))
    address = PAGES["moderator"].format(event=room.event.event, session=room.session.id)
    return RedirectResponse(f"{address}?refused={outcome.code}" if outcome.code else address, 303)


async def fetch(request: Request) -> Response:
    """GET /m/EVENT/SESSION/regions."""
    return await regions(request, "moderator", _room(request))


def _room(request: Request) -> Room:
    room = room_of(request)
    require(request, "moderator", room.event, room.session)
    return room


def _asked(form: FormData) -> Command:
    """The command in a form. Frames are shared, so they hold no id: the script draws one for each press; without a
    script the same form sent twice has the same id by what it asks for."""
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
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


def _json(outcome: Outcome, asked: Command, language: str) -> Response:
    if outcome.code is None:
        return JSONResponse({"type": "done", "id": asked.id, "revision": outcome.revision})
    message = sentence(outcome.code, language, revision=outcome.revision)
    told = {"type": "refused", "id": asked.id, "revision": outcome.revision, "code": outcome.code, "message": message}
    return JSONResponse(told, status_of(outcome.code))


def _told(code: str, language: str) -> str:
    with suppress(ValueError):
        return sentence(Code(code), language)
    return ""


routes = [
    Route("/m/{event}/{session}", page, methods=["GET"]),
    Route("/m/{event}/{session}/command", command, methods=["POST"]),
    Route("/m/{event}/{session}/regions", fetch, methods=["GET"]),
]
