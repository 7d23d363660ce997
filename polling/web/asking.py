"""A moderator adds a question on the spot, or puts one that is not yet open in other words: for this session alone."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from polling.core.errors import Code, Refused
from polling.core.event import Place
from polling.core.on_the_spot import KINDS, Fault, Faulty, Typed, as_typed, new_question, reworded
from polling.core.poll import SessionState
from polling.live.room import Room
from polling.rendering import catalogue, sentence
from polling.store.revisions import Ask, is_begun, revise_events
from polling.store.sessions import session_state
from polling.web.access import PAGES, require
from polling.web.errors import status_of
from polling.web.site import Site, language_of, site_of
from polling.web.staff import room_of, who

ID_LENGTH = 64
MOST_FIELDS = 40
OTHER = {"en": "Something else", "nl": "Iets anders"}


async def page(request: Request) -> Response:
    """GET /m/EVENT/SESSION/questions: the form for a new one, and those that can be reworded. `?reword=set/question`:
    the form of that one."""
    room = room_of(request)
    require(request, "moderator", room.event, room.session)
    asked = request.query_params.get("reword")
    if asked is None:
        return await _page(request, room, Typed())
    place = _place(room, asked)
    return await _page(request, room, as_typed(place.question, language_of(request, room.event)), place)


async def ask(request: Request) -> Response:
    """POST /m/EVENT/SESSION/questions: it stands in the running order when this is answered; or what was typed, with
    what doesn't do beside it."""
    room = room_of(request)
    giver = require(request, "moderator", room.event, room.session)
    site, language = site_of(request), language_of(request, room.event)
    async with request.form(max_files=0, max_fields=MOST_FIELDS) as form:
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
    place = _place(room, fields["reword"]) if "reword" in fields else None
    typed = _typed(fields, place)
    try:
        question = reworded(place, typed, language) if place else new_question(typed, OTHER[language])
        id = f"ask-{fields.get('id') or secrets.token_hex(16)}"[:ID_LENGTH]
        instead = (place.set.set, place.question.id) if place else None
        asked = Ask(id, room.event.event, room.session.id, question, instead, who(site, giver))
        await site.writer.do(revise_events, asked)
    except Faulty as faulty:
        return await _page(request, room, typed, place, faults=faulty.faults)
    except Refused as refused:
        return await _page(request, room, typed, place, refused=refused)
    return RedirectResponse(PAGES["moderator"].format(event=room.event.event, session=room.session.id), 303)


def _typed(fields: Mapping[str, str], place: Place | None) -> Typed:
    names = ("title", "hint", "text", "more")
    options = {name.removeprefix("option."): text for name, text in fields.items() if name.startswith("option.")}
    kind = place.question.type if place else fields.get("type", "")
    words = {name: fields.get(name, "") for name in names}
    return Typed(kind, options=options, other="other" in fields, later="later" in fields, **words)


def _place(room: Room, asked: str) -> Place:
    set_id, _, question_id = asked.partition("/")
    for place in room.event.running_order(room.session.id):
        if place.poll_key()[:2] == (set_id, question_id):
            return place
    raise Refused(Code.UNKNOWN_POLL, poll=asked[:80])


async def _page(
    request: Request,
    room: Room,
    typed: Typed,
    place: Place | None = None,
    *,
    faults: Mapping[str, Fault] | None = None,
    refused: Refused | None = None,
) -> Response:
    site, language = site_of(request), language_of(request, room.event)
    state = await asyncio.to_thread(_state, site, room)
    if place is not None and refused is None and is_begun(state, place):
        refused = Refused(Code.QUESTION_BEGUN)
    html = site.renderer.render(
        "moderator/questions.html",
        language,
        event=room.event,
        session=room.session,
        typed=typed,
        place=place,
        kinds=KINDS,
        faults=faults or {},
        refused=sentence(refused.code, language, **refused.values) if refused else "",
        lines=_lines(room, state),
        languages_of_event=[_name(each, language) for each in room.event.languages],
        id=secrets.token_hex(16),
    )
    return HTMLResponse(html, status_of(refused.code) if refused else 422 if faults else 200)


def _state(site: Site, room: Room) -> SessionState:
    with site.database.read() as connection:
        return session_state(connection, room.event.event, room.session.id)


def _lines(room: Room, state: SessionState) -> Sequence[Place]:
    """The questions that can be put in other words: not begun, nobody's label, and not of a set that people go through
    by themselves, whose questions follow from one another."""
    return [
        place
        for place in room.event.running_order(room.session.id)
        if not is_begun(state, place) and not place.question.makes_labels and place.set.pace != "participant"
    ]


def _name(event_language: str, language: str) -> str:
    _ = catalogue(language).gettext
    return {"en": _("English"), "nl": _("Dutch")}[event_language]


routes = [
    Route("/m/{event}/{session}/questions", page, methods=["GET"]),
    Route("/m/{event}/{session}/questions", ask, methods=["POST"]),
]
