"""The participant's pages: join, answer one question at a time. Each works without JavaScript too.

What one phone answered is read here, for its own page, and is in no frame.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from polling.core.errors import Code, Refused
from polling.core.keys import normal_code
from polling.core.poll import PollKey
from polling.core.questions.base import Question
from polling.core.regions.phone import phone_view
from polling.core.regions.room import timer_view
from polling.core.words import say
from polling.live.room import Room
from polling.rendering import sentence
from polling.web.access import Participant, admit, participant_of, remember
from polling.web.acknowledging import acknowledge, why
from polling.web.casting import Sending, Told, cast, question_here
from polling.web.choosing import come_in, lead, passed_on, remember_own
from polling.web.errors import status_of
from polling.web.messages import CastMessage, Unreadable, read_message
from polling.web.mine import Mine, Trouble, mine_of, personal
from polling.web.regions import numbered, regions
from polling.web.site import language_of, site_of

FORM_FIELDS = 100


@dataclass(frozen=True)
class Offered:
    """An answer just counted that can be signed, and what proves it: a receipt for an option, a claim for a text."""

    cell: str
    answer: str
    receipt: str = ""
    claim: str = ""


# the way in


async def join_page(request: Request) -> Response:
    """GET /: one field for the code."""
    return _join(request)


async def join(request: Request) -> Response:
    """POST /join."""
    async with request.form(max_files=0, max_fields=FORM_FIELDS) as form:
        typed = str(form.get("code", ""))[:40]
    return _enter(request, typed)


async def enter(request: Request) -> Response:
    """GET /j/CODE: what the QR code says."""
    return _enter(request, request.path_params["code"])


def _enter(request: Request, typed: str) -> Response:
    if site_of(request).hall.by_code(typed) is None:
        return _join(request, typed)
    return RedirectResponse(f"/p/{normal_code(typed)}", 303)


def _join(request: Request, wrong: str = "") -> Response:
    language = language_of(request)
    error = sentence(Code.UNKNOWN_CODE, language) if wrong else ""
    site = site_of(request)
    values = {"typed": wrong, "error": error, "modes": site.hall.modes}
    page = site.renderer.render("participant/join.html", language, here="/", **values)
    return HTMLResponse(page, 404 if wrong else 200)


# a room


async def page(request: Request) -> Response:
    """GET /p/CODE: the session; where the code is the event's own, where everyone is."""
    site, code = site_of(request), request.path_params["code"]
    found = site.hall.by_code(code)
    if found is None:
        return _join(request, code)
    if normal_code(code) != code:
        return RedirectResponse(f"/p/{normal_code(code)}", 303)
    if not found[1]:
        return await lead(request, site.hall.events[found[0]])
    room, participant = site.hall.room(*found), admit(request)
    elsewhere = passed_on(request, await room.fresh())
    if elsewhere is not None:
        return RedirectResponse(elsewhere, 303)
    if participant.cookie is None:
        come_in(request, room, participant.secret)
    response = await _session_page(request, room, participant)
    remember_own(request, response, room)
    return response


async def _session_page(
    request: Request, room: Room, participant: Participant, trouble: Trouble | None = None
) -> Response:
    site, language = site_of(request), language_of(request, room.event)
    state = await room.fresh()
    view, facts = phone_view(state), numbered(room)
    mine = await mine_of(site, room, view, participant.secret)
    html = site.renderer.render(
        "participant/session.html",
        language,
        **facts,
        view=view,
        timer=timer_view(state),
        mine_stored=[each.stored() for each in mine],
        event_code=site.hall.code(room.event.event),
        here=f"/p/{room.code}",
        **personal(view, mine, trouble, language),
    )
    response = HTMLResponse(html, status_of(trouble.refused.code) if trouble else 200)
    remember(response, participant)
    return response


# an answer


async def vote(request: Request) -> Response:
    """POST /p/CODE/vote: a form without JavaScript, or the vote module where its socket is down."""
    room = _room(request)
    if request.headers.get("content-type", "").partition(";")[0].strip() == "application/json":
        return await _vote_by_message(request, room)
    return await _vote_by_form(request, room)


async def _vote_by_message(request: Request, room: Room) -> Response:
    site, language = site_of(request), language_of(request, room.event)
    try:
        sent = read_message((await request.body()).decode())
    except (UnicodeDecodeError, Unreadable) as unreadable:
        told = {"type": "error", "detail": str(unreadable)} | why(Refused(Code.MALFORMED), language)
        return JSONResponse(told, 400)
    secret = participant_of(request)
    if not isinstance(sent, CastMessage):
        return JSONResponse({"type": "error"} | why(Refused(Code.NOT_ALLOWED), language), 403)
    if secret is None:
        # Counted under a secret that may not be kept, the next sending would count a second time.
        response = JSONResponse({"type": "ack", "id": sent.id} | why(Refused(Code.BUSY), language), 503)
        remember(response, admit(request))
        return response
    told = await acknowledge(site, room, secret, sent, language)
    return JSONResponse(told, status_of(Code(told["code"])) if "code" in told else 200)


async def _vote_by_form(request: Request, room: Room) -> Response:
    site, participant = site_of(request), admit(request)
    given, revision = await _form(request)
    try:
        if participant.cookie is not None:
            raise Refused(Code.BUSY)  # as above: first the cookie, then the answer
        key = PollKey.from_text(given.poll)
        question = question_here(room, key)
        told = await cast(site, room, participant.secret, Sending(key, given.picks, given.texts, {}, revision))
        if told.acknowledgement.code is not None:
            raise Refused(told.acknowledgement.code)
    except Refused as refused:
        return await _session_page(request, room, participant, Trouble(refused, given))
    offers = _offers(question, given, told, language_of(request, room.event))
    if not offers:
        return RedirectResponse(f"/p/{room.code}", 303)
    # The answer itself is the page that offers to sign: a claim that the server drew is in this page and nowhere else.
    # In a cookie it would travel with every later request, beside the secret that it must not be put together with.
    return HTMLResponse(_offer_page(request, room, key, question, offers))


async def _form(request: Request) -> tuple[Mine, int | None]:
    async with request.form(max_files=0, max_fields=FORM_FIELDS) as form:
        fields = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    texts = {name.removeprefix("text."): value for name, value in fields if name.startswith("text.")}
    given = Mine(dict(fields).get("poll", ""), picks=tuple(value for name, value in fields if name == "pick"))
    revision = dict(fields).get("revision", "")
    return replace(given, texts=texts), int(revision) if revision.isascii() and revision.isdigit() else None


def _offers(question: Question, given: Mine, told: Told, language: str) -> list[Offered]:
    """What of a counted answer can be signed. An 'other' whose words were left out has nothing to come back to."""
    offers = [
        Offered(cell, given.texts[cell], claim=claim) for cell, claim in told.claims.items() if question.signable(cell)
    ]
    for cell, receipt in told.receipts.items():
        if cell not in question.text_fields():
            offers.append(Offered(cell, say(question.cell_name(cell), language), receipt=receipt))
    return offers


def _offer_page(request: Request, room: Room, poll: PollKey, question: Question, offers: list[Offered]) -> str:
    return site_of(request).renderer.render(
        "participant/offer.html",
        language_of(request, room.event),
        **numbered(room),
        poll=poll,
        question=question,
        offers=offers,
        here=f"/p/{room.code}",
    )


async def after_vote(request: Request) -> Response:
    """GET /p/CODE/vote: where a reload or another language leads after a form was answered with a page."""
    return RedirectResponse(f"/p/{_room(request).code}", 303)


async def fetch(request: Request) -> Response:
    """GET /p/CODE/regions: the page's region where no WebSocket gets through."""
    hall = site_of(request).hall
    found = hall.by_code(request.path_params["code"])
    if found is not None and not found[1]:
        return await regions(request, "chooser", hall.lobby(found[0]))
    return await regions(request, "participant", _room(request))


def _room(request: Request) -> Room:
    hall = site_of(request).hall
    found = hall.by_code(request.path_params["code"])
    if found is None or not found[1]:
        raise Refused(Code.UNKNOWN_CODE)
    return hall.room(*found)


routes = [
    Route("/", join_page, methods=["GET"]),
    Route("/join", join, methods=["POST"]),
    Route("/join", join_page, methods=["GET"]),
    Route("/j/{code}", enter, methods=["GET"]),
    Route("/p/{code}", page, methods=["GET"]),
    Route("/p/{code}/vote", vote, methods=["POST"]),
    Route("/p/{code}/vote", after_vote, methods=["GET"]),
    Route("/p/{code}/regions", fetch, methods=["GET"]),
]
