"""What a moderator writes beside a poll: a private note, and counts of hands or paper slips."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from polling.core.errors import Code, Refused
from polling.core.hand_count import HandCount, hand_count
from polling.core.poll import PollKey
from polling.live.room import Room
from polling.rendering import sentence
from polling.store.beside_polls import HandCountRow, PollNoteRow, Table, Writing, Written, beside, write_beside
from polling.web.access import pass_of, require
from polling.web.casting import question_here
from polling.web.errors import status_of, wants_json
from polling.web.site import Site, language_of, site_of
from polling.web.staff import room_of, who

NOTE_LENGTH = 2_000
FORM_FIELDS = 60


async def note(request: Request) -> Response:
    """GET /m/EVENT/SESSION/note?poll=…: the note beside a poll, on a page of its own, or as JSON."""
    room, poll = _room(request), PollKey.from_text(request.query_params.get("poll", ""))
    return _note(request, room, poll, await _read(site_of(request), PollNoteRow, room, poll))


async def write_note(request: Request) -> Response:
    """POST /m/EVENT/SESSION/note: keeps it, or shows both where someone else wrote meanwhile."""
    room, fields = _room(request), await _fields(request)
    poll, text = PollKey.from_text(fields.get("poll", "")), fields.get("text", "").strip()
    if len(text) > NOTE_LENGTH:
        raise Refused(Code.TOO_LONG, length=len(text), most=NOTE_LENGTH)
    question_here(room, poll)
    written = await _write(request, PollNoteRow, room, poll, text, fields.get("revision", ""))
    if wants_json(request) or written.code:
        return _note(request, room, poll, written, mine=text)
    return RedirectResponse(_moderator_page(room), 303)


async def hands(request: Request) -> Response:
    """GET /m/EVENT/SESSION/hands?poll=…: the form for a count by hand."""
    room, poll = _room(request), PollKey.from_text(request.query_params.get("poll", ""))
    return await _hands_page(request, room, poll)


async def write_hands(request: Request) -> Response:
    """POST /m/EVENT/SESSION/hands: keeps the count, or takes it away where every field is empty."""
    room, fields = _room(request), await _fields(request)
    poll = PollKey.from_text(fields.get("poll", ""))
    counts = {name.removeprefix("count."): value for name, value in fields.items() if name.startswith("count.")}
    try:
        counted = hand_count(question_here(room, poll), fields.get("way", ""), fields.get("people", ""), counts)
    except Refused as refused:
        return await _hands_page(request, room, poll, fields, refused)
    content = counted.model_dump_json() if counted else ""
    written = await _write(request, HandCountRow, room, poll, content, fields.get("revision", ""))
    if written.code:
        return await _hands_page(request, room, poll, fields, Refused(written.code))
    return RedirectResponse(_moderator_page(room), 303)


async def _hands_page(
    request: Request,
    room: Room,
    poll: PollKey,
    typed: dict[str, str] | None = None,
    refused: Refused | None = None,
) -> Response:
    question, language = question_here(room, poll), language_of(request, room.event)
    kept = await _read(site_of(request), HandCountRow, room, poll)
    counted = HandCount.model_validate_json(kept.content) if kept.content else None
    page = site_of(request).renderer.render(
        "moderator/hands.html",
        language,
        event=room.event,
        session=room.session,
        poll=poll,
        question=question,
        revision=kept.revision,
        counted=counted,
        typed=typed,
        error=sentence(refused.code, language, **refused.values) if refused else "",
    )
    return HTMLResponse(page, status_of(refused.code) if refused else 200)


def _note(request: Request, room: Room, poll: PollKey, written: Written, mine: str = "") -> Response:
    language = language_of(request, room.event)
    error = sentence(written.code, language) if written.code else ""
    status = status_of(written.code) if written.code else 200
    if wants_json(request):
        told = {"poll": str(poll), "text": written.content, "revision": written.revision, "who": written.who}
        return JSONResponse(told | ({"message": error} if error else {}), status)
    page = site_of(request).renderer.render(
        "moderator/note.html",
        language,
        event=room.event,
        session=room.session,
        poll=poll,
        question=question_here(room, poll),
        note=written,
        mine=mine,
        error=error,
    )
    return HTMLResponse(page, status)


async def _write(request: Request, table: Table, room: Room, poll: PollKey, content: str, revision: str) -> Written:
    based_on = int(revision) if revision.isascii() and revision.isdigit() and len(revision) < 10 else 0
    writer = who(site_of(request), pass_of(request, "moderator", room.event.event, room.session.id))
    writing = Writing(table, room.event.event, room.session.id, poll, content, based_on, writer)
    written: Written = await site_of(request).writer.do(write_beside, writing)
    return written


async def _read(site: Site, table: Table, room: Room, poll: PollKey) -> Written:
    def read() -> Written:
        with site.database.read() as connection:
            return beside(connection, table, room.event.event, room.session.id, poll)

    return await asyncio.to_thread(read)


async def _fields(request: Request) -> dict[str, str]:
    async with request.form(max_files=0, max_fields=FORM_FIELDS) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


def _moderator_page(room: Room) -> str:
    return f"/m/{room.event.event}/{room.session.id}"


def _room(request: Request) -> Room:
    room = room_of(request)
    require(request, "moderator", room.event, room.session)
    return room


routes = [
    Route("/m/{event}/{session}/note", note, methods=["GET"]),
    Route("/m/{event}/{session}/note", write_note, methods=["POST"]),
    Route("/m/{event}/{session}/hands", hands, methods=["GET"]),
    Route("/m/{event}/{session}/hands", write_hands, methods=["POST"]),
]
