"""Finding a room: where the event's code leads, and the list to choose from. Works without JavaScript too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from polling.core.errors import Code, Refused
from polling.core.event import Event, SessionPlan
from polling.core.event_state import BREAK_OUTS, EventState, settled
from polling.core.finding import Room as RoomToChoose
from polling.core.finding import drawn, is_break_out, leads_to, question_of, rooms_of
from polling.core.regions.calling import call_of
from polling.core.regions.lobby import LobbyState, rooms_view
from polling.core.regions.room import RoomState
from polling.core.words import say
from polling.live.lobby import Lobby
from polling.live.room import Room
from polling.rendering import sentence
from polling.web.access import Participant, admit, own_room, remember, remember_room
from polling.web.errors import status_of
from polling.web.regions import numbered
from polling.web.site import language_of, site_of

FORM_FIELDS = 10
KEEPS = "kept"
"""In an address: this browser was given its cookie just before."""


# the event's code


async def lead(request: Request, event: Event) -> Response:
    """GET /p/CODE with the event's own code: to where everyone is, or to the phone's own room, or to choosing one."""
    lobby, participant = site_of(request).hall.lobby(event.event), admit(request)
    state = await lobby.fresh()
    to = leads_to(event, state.whole, _own(request, lobby, participant))
    if to is None and state.whole.at.to == BREAK_OUTS and event.break_outs.assign == "draw":
        if participant.cookie is not None and KEEPS not in request.query_params:  # no seat for who keeps no cookie
            return _to(f"/p/{lobby.code}?{KEEPS}=1", participant)
        to = _draw(lobby, state, participant)
    if to is not None:
        return _to(f"/p/{lobby.codes[to]}", participant)
    return _page(request, lobby, state, participant, rules=state.whole.at.to == BREAK_OUTS)


async def rooms(request: Request) -> Response:
    """GET /p/CODE/room: the list, whatever room this phone is in."""
    lobby = _lobby(request)
    return _page(request, lobby, await lobby.fresh(), admit(request))


async def choose(request: Request) -> Response:
    """POST /p/CODE/room: a room from the list, or the code on a card."""
    lobby, participant = _lobby(request), admit(request)
    async with request.form(max_files=0, max_fields=FORM_FIELDS) as form:
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
    state = await lobby.fresh()
    try:
        session = _coded(request, lobby, fields["code"]) if "code" in fields else _chosen(lobby, state, fields)
        if is_break_out(lobby.event, session.id) and "code" not in fields:
            _take(lobby, state, session, participant)
    except Refused as refused:
        return _page(request, lobby, await lobby.fresh(), participant, refused=refused, typed=fields.get("code", ""))
    response = _to(f"/p/{lobby.codes[session.id]}", participant)
    if is_break_out(lobby.event, session.id):
        remember_room(request, response, lobby.event.event, session.id)
    return response


def _coded(request: Request, lobby: Lobby, typed: str) -> SessionPlan:
    found = site_of(request).hall.by_code(typed[:40])
    if found is None or found[0] != lobby.event.event or not found[1]:
        raise Refused(Code.UNKNOWN_CODE)
    return lobby.event.session(found[1])


def _chosen(lobby: Lobby, state: LobbyState, fields: Mapping[str, str]) -> SessionPlan:
    known = {room.session.id: room.session for room in state.rooms}
    wanted = settled(state.whole, fields.get("room", ""))
    if wanted not in known:
        raise Refused(Code.UNKNOWN_SESSION)
    return known[wanted]


def _take(lobby: Lobby, state: LobbyState, session: SessionPlan, participant: Participant) -> None:
    """A seat in the room for this phone; raises `Refused` where it is full. Who keeps no cookie gets none."""
    (room,) = (each for each in _now(lobby, state) if each.session == session)
    if participant.cookie is not None:
        free = not room.full
    else:
        together = (each.id for each in room.also)
        free = lobby.whereabouts.take(participant.secret, session.id, session.seats, together)
    if not free:
        raise Refused(Code.ROOM_FULL)


def _draw(lobby: Lobby, state: LobbyState, participant: Participant) -> str | None:
    """The room that is drawn for this phone, with a seat in it; None: all are full, or it keeps no cookie."""
    while participant.cookie is None and (session := drawn(_now(lobby, state))) is not None:
        room = next(each for each in _now(lobby, state) if each.session == session)
        if lobby.whereabouts.take(participant.secret, session.id, session.seats, (each.id for each in room.also)):
            return session.id
    return None


def _now(lobby: Lobby, state: LobbyState) -> tuple[RoomToChoose, ...]:
    return rooms_of(lobby.event, state.whole, lobby.whereabouts.taken())


# a room


def passed_on(request: Request, state: RoomState) -> str | None:
    """Where this request for a room's page goes instead: the room has moved, or a page without JavaScript refreshed
    itself (`?after=NUMBER`) and its phone was called elsewhere since."""
    if state.session.id in state.whole.moved:
        return f"/p/{state.codes[settled(state.whole, state.session.id)]}"
    call = call_of(state.event, state.whole, state.session.id, state.codes)
    after = request.query_params.get("after", "")
    known = int(after) if after.isascii() and after.isdigit() and len(after) < 16 else None
    return f"/p/{call.code}" if call and known is not None and call.number > known else None


def come_in(connection: HTTPConnection, room: Room, secret: bytes) -> None:
    """A phone is in a room: from now on that is its own, if it is a break-out. In the plenary it keeps the one that it
    has: after a restart its cookie tells."""
    lobby = site_of(connection).hall.lobby(room.event.event)
    if room.session.kind == "break-out":
        lobby.whereabouts.come(secret, room.session.id)
        return
    own = own_room(connection, room.event.event)
    if lobby.whereabouts.of(secret) is None and is_break_out(room.event, own):
        lobby.whereabouts.come(secret, own)


def remember_own(request: Request, response: Response, room: Room) -> None:
    """Has the phone keep the room that it is in as its own."""
    event = room.event
    if room.session.kind == "break-out" and own_room(request, event.event) != room.session.id:
        remember_room(request, response, event.event, room.session.id)


def _own(request: Request, lobby: Lobby, participant: Participant) -> str | None:
    return own_room(request, lobby.event.event) or lobby.whereabouts.of(participant.secret)


# the page


def _page(
    request: Request,
    lobby: Lobby,
    state: LobbyState,
    participant: Participant,
    *,
    refused: Refused | None = None,
    typed: str = "",
    rules: bool = False,
) -> Response:
    event, language = lobby.event, language_of(request, lobby.event)
    response = HTMLResponse(
        site_of(request).renderer.render(
            "participant/rooms.html",
            language,
            **numbered(lobby),
            view=rooms_view(state),
            error=sentence(refused.code, language, **refused.values) if refused else "",
            typed=typed,
            rules=_rules(event, state.whole, lobby.codes, language) if rules else [],
            here=f"/p/{lobby.code}/room",
        ),
        status_of(refused.code) if refused else 200,
    )
    remember(response, participant)
    return response


def _rules(event: Event, state: EventState, codes: Mapping[str, str], language: str) -> list[dict[str, Any]]:
    """The rules, as the phone applies them to its own answers; the first that fits holds."""
    found = []
    for rule in event.break_outs.rules if event.break_outs.assign == "rules" else ():
        asked, room = question_of(event, rule), settled(state, rule.session)
        options = {option: say(asked.cell_name(option), language) for option in rule.any_of}
        words = {"answer": rule.answer, "question": say(asked.title, language), "options": options}
        found.append(words | {"room": room, "code": codes[room]})
    return found


def _lobby(request: Request) -> Lobby:
    hall = site_of(request).hall
    found = hall.by_code(request.path_params["code"])
    if found is None or found[1]:
        raise Refused(Code.UNKNOWN_CODE)
    return hall.lobby(found[0])


def _to(address: str, participant: Participant) -> Response:
    response = RedirectResponse(address, 303)
    remember(response, participant)
    return response


routes = [
    Route("/p/{code}/room", rooms, methods=["GET"]),
    Route("/p/{code}/room", choose, methods=["POST"]),
]
