"""The organiser's page of links: who has which, when it was used, and naming, revoking, replacing and adding them; and
the moderator's page that hands a session over to a second moderator."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from polling.core.errors import Code, Refused
from polling.core.event import Event, SessionPlan, WorkingGroup
from polling.core.links import DAYS_AFTER, LONGEST_NAME, Link, LinkChange, LinkVerb, has_ended, of_what
from polling.rendering import sentence
from polling.store.links import LinkOrder, Uses, change_links, uses
from polling.web.access import PAGES, hand_pass, require
from polling.web.errors import status_of
from polling.web.moments import moment_in_words
from polling.web.site import Site, language_of, site_of
from polling.web.staff import event_of, link_url, room_of, who

ID_LENGTH = 64


@dataclass(frozen=True)
class Line:
    """A link as the organiser sees it. `used`: when last, in words, "" if never. `mine`: this browser came in by it."""

    link: Link
    url: str
    times: int
    used: str
    mine: bool
    group: WorkingGroup | None = None


@dataclass(frozen=True)
class Block:
    """The links of a session; of the event as a whole, or of the working groups, where `session` is None."""

    session: SessionPlan | None
    lines: Sequence[Line]
    addable: Sequence[tuple[str, str]]  # role and session that one more can be made for


async def page(request: Request) -> Response:
    """GET /o/EVENT/links."""
    event = event_of(request)
    return await _page(request, event, require(request, "organiser", event))


async def change(request: Request) -> Response:
    """POST /o/EVENT/links: names, revokes, replaces or adds one. Who would lock himself out is asked first."""
    site, event = site_of(request), event_of(request)
    giver = require(request, "organiser", event)
    fields = await _fields(request)
    asked = _asked(event, fields)
    mine = (asked.role, asked.session, asked.number) == giver.place[1:]
    if asked.verb is LinkVerb.REVOKE and mine and not fields.get("sure"):
        return _html(request, "links/ask.html", event, asked=asked, id=_id(fields))
    try:
        link = await change_link(site, asked, _id(fields), who(site, giver))
    except Refused as refused:
        return await _page(request, event, giver, refused)
    if asked.verb is LinkVerb.ADD:
        return _shown(request, event, link)
    response = RedirectResponse(f"/o/{event.event}/links#{anchor(link)}", 303)
    if asked.verb is LinkVerb.REPLACE and mine:
        hand_pass(request, response, link)  # whoever else had the old one is out
    return response


async def show(request: Request) -> Response:
    """GET /o/EVENT/links/show?role=…&session=…&number=…: one link, as QR code and text."""
    event = event_of(request)
    require(request, "organiser", event)
    role, session, number = (request.query_params.get(name, "") for name in ("role", "session", "number"))
    link = site_of(request).links.find(event.event, role, session, int(number)) if _is_number(number) else None
    if link is None or not _is_there(event, role, session):
        raise Refused(Code.UNKNOWN_LINK)
    return _shown(request, event, link)


async def hand_over(request: Request) -> Response:
    """GET and POST /m/EVENT/SESSION/hand-over: asks for a name, then shows that second moderator's own link."""
    site, room = site_of(request), room_of(request)
    event, session = room.event, room.session
    giver = require(request, "moderator", event, session)
    if request.method != "POST":
        return _html(request, "links/hand_over.html", event, session=session, id=secrets.token_hex(16), refused=None)
    fields = await _fields(request)
    asked = LinkChange(event.event, "moderator", session.id, LinkVerb.ADD, name=fields.get("name", ""))
    try:
        link = await change_link(site, asked, _id(fields), who(site, giver))
    except Refused as refused:
        again = {"session": session, "id": secrets.token_hex(16), "refused": _told(request, event, refused)}
        return _html(request, "links/hand_over.html", event, status_of(refused.code), **again)
    return _shown(request, event, link, back=PAGES["moderator"].format(event=event.event, session=session.id))


async def change_link(site: Site, asked: LinkChange, id: str, giver: str) -> Link:
    """Carries a change out; it counts when this returns. Raises `Refused`."""
    link: Link = await site.writer.do(change_links, LinkOrder(id, asked, giver))
    await site.links.renew()
    return link


def anchor(link: Link) -> str:
    """Where a link stands on the page."""
    return "-".join(filter(None, ("link", link.role, link.session, str(link.number))))


async def _page(request: Request, event: Event, giver: Link, refused: Refused | None = None) -> Response:
    site, language = site_of(request), language_of(request, event)
    used = await asyncio.to_thread(_uses, site, event)
    ends = event.day + timedelta(days=DAYS_AFTER) if event.day else None
    return _html(
        request,
        "links/page.html",
        event,
        status_of(refused.code) if refused else 200,
        blocks=_blocks(site, event, giver, used, language),
        refused=_told(request, event, refused) if refused else None,
        ends=ends,
        ended=has_ended("moderator", event, site.clock().date()),
        anchor=anchor,
        new_id=lambda: secrets.token_hex(16),
    )


def _blocks(
    site: Site, event: Event, giver: Link, used: Mapping[tuple[str, str, int], Uses], language: str
) -> list[Block]:
    def lines(role: str, session: str, group: WorkingGroup | None = None) -> list[Line]:
        found = []
        for link in site.links.of(event.event, role, session):
            times, last = used.get(link.place[1:], Uses(0, 0.0))
            when = moment_in_words(site, last, language) if times else ""
            found.append(Line(link, link_url(site, link), times, when, link.place == giver.place, group))
        return found

    whole = [*lines("organiser", ""), *lines("presenter", "")]  # the screen in the hall
    blocks = [Block(None, whole, [("organiser", ""), ("presenter", "")])]
    for session in event.sessions:
        both = [*lines("moderator", session.id), *lines("presenter", session.id)]
        blocks.append(Block(session, both, [("moderator", session.id), ("presenter", session.id)]))
    if event.working_groups:
        groups = [line for group in event.working_groups for line in lines("working-group", group.id, group)]
        blocks.append(Block(None, groups, [("working-group", group.id) for group in event.working_groups]))
    return blocks


def _uses(site: Site, event: Event) -> Mapping[tuple[str, str, int], Uses]:
    with site.database.read() as connection:
        return uses(connection, event.event)


def _shown(request: Request, event: Event, link: Link, back: str = "") -> Response:
    what = of_what(event, link.role, link.session)
    url = link_url(site_of(request), link)
    return _html(request, "links/shown.html", event, link=link, what=what, url=url, back=back)


def _asked(event: Event, fields: Mapping[str, str]) -> LinkChange:
    role, _, session = fields.get("of", "").partition("/")
    number = fields.get("number", "")
    try:
        verb = LinkVerb(fields.get("verb", ""))
    except ValueError:
        raise Refused(Code.MALFORMED) from None
    if not _is_there(event, role, session) or not (_is_number(number) or verb is LinkVerb.ADD):
        raise Refused(Code.UNKNOWN_LINK)
    return LinkChange(event.event, role, session, verb, int(number) if number else None, fields.get("name", ""))


def _is_there(event: Event, role: str, session: str) -> bool:
    try:
        of_what(event, role, session)
    except KeyError:
        return False
    return role in PAGES


def _is_number(typed: str) -> bool:
    return typed.isascii() and typed.isdigit() and len(typed) < 5


def _id(fields: Mapping[str, str]) -> str:
    """Drawn with the form, so that a form sent twice does its work once."""
    return f"link-{fields.get('id') or secrets.token_hex(16)}"[:ID_LENGTH]


async def _fields(request: Request) -> dict[str, str]:
    async with request.form(max_files=0, max_fields=10) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


def _told(request: Request, event: Event, refused: Refused) -> str:
    return sentence(refused.code, language_of(request, event), **refused.values)


def _html(request: Request, template: str, event: Event, status: int = 200, **values: object) -> Response:
    """A page that holds secrets: kept by no cache."""
    language = language_of(request, event)
    html = site_of(request).renderer.render(template, language, event=event, longest=LONGEST_NAME, **values)
    return HTMLResponse(html, status, {"cache-control": "no-store"})


routes = [
    Route("/o/{event}/links", page, methods=["GET"]),
    Route("/o/{event}/links", change, methods=["POST"]),
    Route("/o/{event}/links/show", show, methods=["GET"]),
    Route("/m/{event}/{session}/hand-over", hand_over, methods=["GET", "POST"]),
]
